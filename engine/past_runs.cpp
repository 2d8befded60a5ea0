#include "engine/past_runs.hpp"

namespace troupe::engine {

void past_runs::add(const turn& next) {
  for (const auto& each : next.changes)
    add(each, next.stamp);
}

void past_runs::add(const change& what, const turn_stamp& stamp) {
  const auto known = [this](std::uint32_t number) {
    const auto found = runs_.find(number);
    return found == runs_.end() ? nullptr : &found->second;
  };
  if (const auto* started = std::get_if<run_started>(&what)) {
    auto& made = runs_[started->number];
    made.number = started->number;
    made.sequence = started->sequence;
    made.version = started->version;
    made.started_turn = stamp.turn;
    made.started_at = stamp.at;
    made.ordinal = started->ordinal;
  } else if (const auto* inherited = std::get_if<run_inherited>(&what)) {
    const auto& taken = *inherited->taken;
    auto& made = runs_[taken.number];
    made.number = taken.number;
    made.sequence = taken.sequence;
    made.version = taken.version;
    made.started_turn = taken.started_turn;
    made.started_at = taken.started_at;
    made.ordinal = taken.ordinal;
    made.node = taken.node;
    made.wake_at = taken.wake_at;
  } else if (const auto* moved = std::get_if<run_moved>(&what)) {
    if (auto* run = known(moved->number)) {
      run->node = moved->node;
      run->wake_at = moved->wake_at;
    }
  } else if (const auto* ended = std::get_if<run_ended>(&what)) {
    if (auto* run = known(ended->number)) {
      run->status = ended->status;
      run->reason = ended->reason;
      run->ended_at = stamp.at;
      run->wake_at.reset();
    }
  } else if (const auto* paused = std::get_if<run_paused>(&what)) {
    if (auto* run = known(paused->number))
      run->status = run_status::paused;
  } else if (const auto* resumed = std::get_if<run_resumed>(&what)) {
    if (auto* run = known(resumed->number))
      run->status = run_status::active;
  }
}

const past_run* past_runs::find(std::uint32_t number) const {
  const auto found = runs_.find(number);
  return found == runs_.end() ? nullptr : &found->second;
}

const past_run* past_runs::newest(sequence_id sequence, bool live) const {
  for (auto at = runs_.rbegin(); at != runs_.rend(); ++at)
    if (at->second.sequence == sequence && is_live(at->second.status) == live)
      return &at->second;
  return nullptr;
}

} // namespace troupe::engine
