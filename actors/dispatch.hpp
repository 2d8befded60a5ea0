// DISPATCH: owns one dispatcher per destination that was active, passes on what
// became durable for it, and tries endpoints out.
#pragma once

#include "actors/dispatcher.hpp"
#include "actors/endpoint_test.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

struct dispatch_options {
  dispatcher_options common; // without a destination
};

struct dispatch_actor_state {
  static inline const char* name = "dispatch";

  using replay_promise = caf::typed_response_promise<delivery_replayed>;
  using promise = caf::typed_response_promise<messages::definition_changed>;
  using settle_promise = caf::typed_response_promise<messages::status_answer>;

  void hear(const durable_notice& notice);
  void change();
  promise test(const messages::endpoint_test& what);
  void ended(const test_outcome& what);
  void give_up(std::uint64_t test);
  replay_promise replay(delivery_replay& wish);
  settle_promise settle(engine::workspace_id workspace);

  messages::dispatch_actor::pointer self = nullptr;
  dispatch_options options;

private:
  std::unordered_map<engine::destination_id, messages::dispatcher_actor>
    dispatchers_;
  std::unordered_map<std::uint64_t, promise> tests_; // under way
  std::uint64_t tests_begun_ = 0;
};

messages::dispatch_actor::behavior_type
dispatch(messages::dispatch_actor::stateful_pointer<dispatch_actor_state> self,
         dispatch_options options);

} // namespace troupe::actors
