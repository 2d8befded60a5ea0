#include "engine/segment_state.hpp"

#include "engine/contact.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

template <class List>
auto place_of(List& tallies, tally_id id) {
  return std::lower_bound(tallies.begin(), tallies.end(), id,
                          [](const auto& held, tally_id wanted) {
                            return held->id < wanted;
                          });
}

tally& edit_tally(segment_state& state, tally_id id) {
  auto place = place_of(state.tallies, id);
  if (place == state.tallies.end() || (*place)->id != id) {
    tally fresh;
    fresh.id = id;
    place = state.tallies.insert(place, copy_on_write{std::move(fresh)});
  }
  return place->edit();
}

} // namespace

const tally* segment_state::find(tally_id id) const {
  const auto found = place_of(tallies, id);
  return found == tallies.end() || (*found)->id != id ? nullptr : &**found;
}

bool segment_state::is_in(segment_id id) const {
  return std::binary_search(in.begin(), in.end(), id);
}

void apply_change(contact_state& state, const tallies_begun& what) {
  auto& of = state.segments.edit();
  of.known_tallies = what.known;
  for (const auto id : what.dropped)
    std::erase_if(of.tallies, [id](const auto& held) {
      return held->id == id;
    });
  for (const auto& filled : what.filled)
    edit_tally(of, filled.id) = filled;
}

void apply_change(contact_state& state, const event_tallied& what,
                  const turn_stamp& stamp) {
  auto& of = state.segments.edit();
  for (const auto& each : what.tallies) {
    auto& into = edit_tally(of, each.id);
    into.reach = each.reach;
    into.whole = each.whole;
    add(into, {what.at, 1, each.number}, stamp.at);
  }
}

void apply_change(contact_state& state, const segment_moved& what) {
  auto& in = state.segments.edit().in;
  const auto place = std::lower_bound(in.begin(), in.end(), what.segment);
  const auto is_in = place != in.end() && *place == what.segment;
  if (what.entered && !is_in)
    in.insert(place, what.segment);
  else if (!what.entered && is_in)
    in.erase(place);
}

// What both knew apart says little of what they are together: it is read from
// their events again.
void forget_tallies(contact_state& state) {
  if (state.segments->known_tallies == 0 && state.segments->known_segments == 0)
    return;
  auto& of = state.segments.edit();
  of.known_tallies = 0;
  of.known_segments = 0;
  of.tallies.clear();
}

} // namespace troupe::engine
