#include "tests/support/deterministic_system.hpp"

namespace troupe::tests {

namespace {

caf::scheduler::test_coordinator& coordinator(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

} // namespace

deterministic_system::deterministic_system()
  : now_(std::make_shared<engine::timestamp>(
    std::chrono::sys_days{std::chrono::year{2026} / 4 / 20})) {
  config_.set("scheduler.policy", caf::atom("testing"));
  system_ = std::make_unique<caf::actor_system>(config_);
}

deterministic_system::~deterministic_system() {
  for (const auto& actor : spawned_)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  spawned_.clear();
  run();
  coordinator(*system_).trigger_timeouts();
  run();
}

void deterministic_system::run() {
  coordinator(*system_).run();
}

void deterministic_system::advance(engine::duration by) {
  *now_ += by;
  coordinator(*system_).advance_time(
    std::chrono::duration_cast<caf::timespan>(by));
  run();
}

actors::clock_source deterministic_system::clock() const {
  return [now = now_] {
    return *now;
  };
}

} // namespace troupe::tests
