// Everything a running server holds: started in order, stopped from the edge
// inwards.
#pragma once

#include "cli/route_durations.hpp"
#include "cli/settings.hpp"
#include "cli/troupe_system.hpp"
#include "engine/error.hpp"
#include "http/api.hpp"
#include "http/rejection_counts.hpp"
#include "http/server.hpp"
#include "http/tracking_token.hpp"
#include "outbound/transport.hpp"
#include "persistence/store.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace troupe::cli {

class running_server {
public:
  static engine::result<std::unique_ptr<running_server>>
  start(const settings& from);

  /// The line that says where to reach it.
  [[nodiscard]] std::string ready_line() const;

  /// Made for an empty store; else empty.
  [[nodiscard]] const std::string& first_key() const {
    return first_key_;
  }

  /// Where the first key is; empty when it is for the terminal.
  [[nodiscard]] const std::string& first_key_file() const {
    return first_key_file_;
  }

  /// "sqlite" or "postgresql", and of which version.
  [[nodiscard]] const std::string& store_kind() const {
    return store_kind_;
  }

  [[nodiscard]] const std::string& store_version() const {
    return store_version_;
  }

  /// Reads the TLS certificate again, if there is one.
  void reload_certificate();

  /// As troupe_system::probe.
  void probe(std::function<void()> alive) const {
    system_->probe(std::move(alive));
  }

  /// Asked about once a second. @returns true when the decision of one input
  /// will not end
  [[nodiscard]] bool is_stuck() const;

  void stop(std::chrono::milliseconds patience);

private:
  engine::status listen(const settings& from);
  engine::status start_actors(const settings& from);
  void serve();
  void log_answer(const http::answered& about) const;

  std::string data_directory_; // of the embedded store
  std::string store_kind_;
  std::string store_version_;
  route_durations durations_;
  std::string first_key_;
  std::string first_key_file_;
  std::shared_ptr<std::atomic<bool>> ready_
    = std::make_shared<std::atomic<bool>>(false);
  std::atomic<const http::api*> api_{nullptr};
  std::shared_ptr<http::rejection_counts> rejected_
    = std::make_shared<http::rejection_counts>();
  std::shared_ptr<actors::decision_guard> guard_of_decisions_;
  std::shared_ptr<persistence::store> store_;
  std::shared_ptr<const http::tracking_codec> links_;
  std::unique_ptr<http::server> front_;
  std::optional<outbound::address_guard> guard_;
  std::unique_ptr<outbound::transport> transport_;
  std::unique_ptr<troupe_system> system_;
  std::unique_ptr<http::api> routes_;
};

} // namespace troupe::cli
