#include "engine/tally.hpp"

#include <algorithm>
#include <numeric>

namespace troupe::engine {

namespace {

// Events of up to here are no later than `edge`.
auto first_after(const tally& of, timestamp edge) {
  return std::upper_bound(of.recent.cbegin(), of.recent.cend(), edge,
                          [](timestamp at, const tallied_event& each) {
                            return at < each.at;
                          });
}

// Events of up to here are older than the span.
auto first_within(const tally& of, duration within, timestamp now) {
  // Mostly none is: the reach is the longest span anyone asks about.
  if (of.recent.empty() || of.recent.front().at > now - within)
    return of.recent.cbegin();
  return first_after(of, now - within);
}

template <class At>
std::uint64_t events_of(At begin, At end) {
  return std::accumulate(begin, end, std::uint64_t{0},
                         [](std::uint64_t sum, const tallied_event& each) {
                           return sum + each.count;
                         });
}

using event_list = std::vector<tallied_event>;

// The first of the two neighbours that are closest to each other. Every event
// of a busy contact comes here: it takes no branches.
event_list::iterator closest_of(event_list& events) {
  auto closest = events.begin();
  auto least = duration::max();
  for (auto at = events.begin(); at + 1 != events.end(); ++at) {
    const auto gap = (at + 1)->at - at->at;
    closest = gap < least ? at : closest;
    least = std::min(least, gap);
  }
  return closest;
}

void join(event_list& events, event_list::iterator earlier) {
  const auto later = earlier + 1;
  later->count += earlier->count;
  later->sum += earlier->sum;
  events.erase(earlier);
}

// As inserting it and joining the closest, but the list does not grow for it.
// @pre the list is full, and nothing in it is later
void push_into_full(event_list& events, const tallied_event& what) {
  const auto closest = closest_of(events);
  auto& last = events.back();
  if (what.at - last.at < (closest + 1)->at - closest->at) {
    last = {what.at, last.count + what.count, last.sum + what.sum};
    return;
  }
  join(events, closest);
  events.push_back(what);
}

} // namespace

void count_recent(tally& of) {
  of.recent_count = events_of(of.recent.begin(), of.recent.end());
}

void add(tally& to, const tallied_event& what, timestamp now) {
  to.count += what.count;
  to.sum += what.sum;
  to.last = std::max(to.last.value_or(what.at), what.at);
  const auto kept = first_within(to, to.reach, now);
  to.recent_count -= events_of(to.recent.cbegin(), kept);
  to.recent.erase(to.recent.cbegin(), kept);
  if (what.at <= now - to.reach)
    return;
  to.recent_count += what.count;
  auto& events = to.recent;
  const auto is_newest = events.empty() || events.back().at < what.at;
  if (is_newest && events.size() == recent_events_max) {
    push_into_full(events, what);
    return;
  }
  events.insert(is_newest
                  ? events.cend()
                  : std::upper_bound(events.cbegin(), events.cend(), what),
                what);
  if (events.size() > recent_events_max)
    join(events, closest_of(events));
}

std::uint64_t count_of(const tally& of, std::optional<duration> within,
                       timestamp now) {
  if (!within)
    return of.count;
  // Most are within: those that are not are fewer to go through.
  return of.recent_count
         - events_of(of.recent.begin(), first_within(of, *within, now));
}

double sum_of(const tally& of, std::optional<duration> within, timestamp now) {
  if (!within)
    return of.sum;
  return std::accumulate(first_within(of, *within, now), of.recent.end(), 0.0,
                         [](double sum, const tallied_event& each) {
                           return sum + each.sum;
                         });
}

std::optional<timestamp> next_expiry(const tally& of, duration within,
                                     timestamp now) {
  const auto oldest = first_within(of, within, now);
  if (oldest == of.recent.end())
    return std::nullopt;
  return oldest->at + within;
}

} // namespace troupe::engine
