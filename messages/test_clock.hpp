// The clock of a workspace of kind `test`, wishes to move it, and what was kept
// of the workspace's deliveries instead of being sent.
#pragma once

#include "engine/delivery.hpp"
#include "engine/error.hpp"
#include "engine/time.hpp"
#include "messages/explain.hpp"

#include <boost/json/object.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

/// Stands still until it is moved. Any thread reads it.
class test_clock {
public:
  explicit test_clock(engine::timestamp at)
    : micros_{at.time_since_epoch().count()} {}

  [[nodiscard]] engine::timestamp now() const {
    return engine::timestamp{
      engine::duration{micros_.load(std::memory_order_acquire)}};
  }

  /// Never back. One thread at a time.
  void move_to(engine::timestamp at) {
    if (at > now())
      micros_.store(at.time_since_epoch().count(), std::memory_order_release);
  }

private:
  std::atomic<std::int64_t> micros_;
};

struct test_clock_wish {
  engine::workspace_id workspace{};
  std::optional<engine::timestamp> to; // absent: `by`
  engine::duration by{};
  std::uint32_t key = 0; // number; who asks
  std::string request_id;
};

struct test_clock_moved {
  std::optional<engine::error> failure;
  engine::timestamp now{};
  engine::timestamp target{};     // where it was asked to go
  std::vector<traced_turn> turns; // what was due, in order
  bool has_more = false;          // then it stopped before its target
};

/// Deliveries of a test workspace, the newest first.
struct test_outbox_search {
  engine::workspace_id workspace{};
  engine::delivery_name before; // turn 0: from the newest
  std::size_t limit = 50;
  std::vector<engine::destination_id> destinations; // set by the gateway
};

struct kept_delivery {
  engine::delivery_name name;
  engine::timestamp at{}; // of its attempt
  traced_turn of;
  // Set by the gateway.
  bool is_webhook = false;
  bool is_step = false; // of an `http` node
  std::string to;       // text id of the endpoint, or key of the channel
  boost::json::object request;
};

struct test_outbox_found {
  std::optional<engine::error> failure;
  std::vector<kept_delivery> deliveries;
  bool has_more = false;
};

} // namespace troupe::messages
