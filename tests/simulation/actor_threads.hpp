// Runs actors without threads: one message at a time, whose turn it is by the
// dice, CAF's timers by virtual time. An actor that stalls is served later, as
// if its thread had been.
#pragma once

#include "tests/simulation/plan.hpp"
#include "tests/simulation/timeline.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace troupe::simulation {

class actor_threads {
public:
  actor_threads(timeline& time, dice& from, const fault_plan& plan);
  ~actor_threads();
  actor_threads(const actor_threads&) = delete;
  actor_threads& operator=(const actor_threads&) = delete;

  template <class Function, class... Arguments>
  auto spawn(Function function, Arguments&&... arguments) {
    auto actor = system_.spawn(function, std::forward<Arguments>(arguments)...);
    spawned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(actor));
    return actor;
  }

  /// Serves one message. @returns false when none can be served now
  bool serve_one();

  /// When there is something to serve again.
  [[nodiscard]] std::optional<engine::timestamp> next();

  /// Ends all actors. They still serve what is in their mailboxes.
  void end();

private:
  caf::scheduler::test_coordinator& coordinator();
  void catch_up();
  bool is_stalled(std::uint64_t actor);

  static caf::actor_system_config& configured(caf::actor_system_config& config);

  timeline& time_;
  dice& from_;
  const fault_plan& plan_;
  caf::actor_system_config config_;
  caf::actor_system system_;
  engine::timestamp seen_; // by CAF's clock
  std::map<std::uint64_t, engine::timestamp> stalled_;
  std::vector<caf::strong_actor_ptr> spawned_;
};

} // namespace troupe::simulation
