#include "tests/simulation/actor_threads.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::simulation {

namespace {

std::uint64_t id_of(caf::resumable* job) {
  return dynamic_cast<caf::abstract_actor&>(*job).id();
}

} // namespace

caf::actor_system_config&
actor_threads::configured(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
  return config;
}

actor_threads::actor_threads(timeline& time, dice& from, const fault_plan& plan)
  : time_(time),
    from_(from),
    plan_(plan),
    system_(configured(config_)),
    seen_(time.now()) {}

actor_threads::~actor_threads() {
  end();
}

void actor_threads::end() {
  for (const auto& actor : spawned_)
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  spawned_.clear();
  coordinator().run();
  coordinator().trigger_timeouts();
  coordinator().run();
}

caf::scheduler::test_coordinator& actor_threads::coordinator() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
}

void actor_threads::catch_up() {
  if (time_.now() == seen_)
    return;
  coordinator().advance_time(
    std::chrono::duration_cast<caf::timespan>(time_.now() - seen_));
  seen_ = time_.now();
}

bool actor_threads::is_stalled(std::uint64_t actor) {
  const auto found = stalled_.find(actor);
  if (found == stalled_.end())
    return false;
  if (found->second > time_.now())
    return true;
  stalled_.erase(found);
  return false;
}

bool actor_threads::serve_one() {
  catch_up();
  auto& jobs = coordinator().jobs;
  const auto count = jobs.size();
  if (count == 0)
    return false;
  const auto first = from_.below(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = (first + i) % count;
    const auto actor = id_of(jobs[at]);
    if (is_stalled(actor))
      continue;
    if (plan_.stalls != 0 && from_.below(1000) < plan_.stalls) {
      stalled_[actor]
        = time_.now()
          + from_.of(std::vector<engine::duration>{1ms, 20ms, 300ms, 2s});
      continue;
    }
    time_.note(actor);
    auto* job = jobs[at];
    jobs.erase(jobs.begin() + static_cast<std::ptrdiff_t>(at));
    jobs.push_front(job);
    coordinator().run_once();
    return true;
  }
  return false;
}

std::optional<engine::timestamp> actor_threads::next() {
  std::optional<engine::timestamp> soonest;
  const auto consider = [&soonest](engine::timestamp at) {
    soonest = soonest ? std::min(*soonest, at) : at;
  };
  std::erase_if(stalled_, [this](const auto& each) {
    return each.second <= time_.now();
  });
  if (!coordinator().jobs.empty())
    for (const auto& [actor, until] : stalled_)
      consider(until);
  const auto& planned = coordinator().clock().schedule();
  if (!planned.empty())
    consider(seen_
             + std::chrono::ceil<engine::duration>(
               planned.begin()->first - coordinator().clock().current_time));
  return soonest;
}

} // namespace troupe::simulation
