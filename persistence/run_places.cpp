#include "persistence/run_places.hpp"

#include <algorithm>

namespace troupe::persistence {

namespace {

using namespace engine;
using run_place = turn_rows::run_place;

run_place place_of(const run& live, bool is_paused) {
  run_place place;
  place.sequence = live.sequence;
  place.version = live.version;
  place.started_turn = live.started_turn;
  place.number = live.number;
  place.ordinal = live.ordinal;
  place.status = is_paused ? run_status::paused : run_status::active;
  place.node = live.node;
  place.entered_at = live.entered_at;
  place.wake_at = live.wake_at;
  return place;
}

class places {
public:
  places(const turn& decided, const contact_state& before)
    : decided_(decided), before_(before) {}

  void add(const change& what) {
    if (const auto* started = std::get_if<run_started>(&what)) {
      auto& place = touched(started->number);
      place.sequence = started->sequence;
      place.version = started->version;
      place.ordinal = started->ordinal;
      place.is_new = true;
      place.entered_at = decided_.stamp.at;
    } else if (const auto* moved = std::get_if<run_moved>(&what)) {
      auto& place = touched(moved->number);
      place.node = moved->node;
      place.entered_at = decided_.stamp.at;
      place.wake_at = moved->wake_at;
    } else if (const auto* paused = std::get_if<run_paused>(&what)) {
      touched(paused->number).status = run_status::paused;
    } else if (const auto* resumed = std::get_if<run_resumed>(&what)) {
      touched(resumed->number).status = run_status::active;
    } else if (const auto* ended = std::get_if<run_ended>(&what)) {
      auto& place = touched(ended->number);
      place.status = ended->status;
      place.wake_at.reset();
    }
  }

  std::vector<run_place> all() && {
    return std::move(all_);
  }

private:
  run_place& touched(std::uint32_t number) {
    const auto found
      = std::find_if(all_.begin(), all_.end(), [number](const auto& place) {
          return place.number == number;
        });
    if (found != all_.end())
      return *found;
    auto& place = all_.emplace_back();
    if (const auto* live = before_.find_run(number); live != nullptr)
      place = place_of(*live, before_.is_paused(number));
    else
      for (const auto& what : decided_.changes)
        if (const auto* taken = std::get_if<run_inherited>(&what);
            taken != nullptr && taken->taken->number == number)
          place = place_of(*taken->taken, false);
    place.number = number;
    return place;
  }

  const turn& decided_;
  const contact_state& before_;
  std::vector<run_place> all_;
};

} // namespace

std::vector<run_place> places_of(const turn& decided,
                                 const contact_state& before) {
  places out{decided, before};
  for (const auto& what : decided.changes)
    out.add(what);
  return std::move(out).all();
}

sequence_id held_for(const turn& decided) {
  if (!decided.fired)
    return {};
  const auto stays = std::none_of(
    decided.changes.begin(), decided.changes.end(), [&](const change& what) {
      const auto* moved = std::get_if<run_moved>(&what);
      const auto* ended = std::get_if<run_ended>(&what);
      return (moved != nullptr && moved->number == decided.fired->run)
             || (ended != nullptr && ended->number == decided.fired->run);
    });
  if (stays)
    for (const auto& each : decided.trace)
      if (each.asked == rule::paused && each.run == decided.fired->run)
        return each.sequence;
  return {};
}

} // namespace troupe::persistence
