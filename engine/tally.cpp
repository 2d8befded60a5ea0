#include "engine/tally.hpp"

#include <algorithm>
#include <numeric>

namespace troupe::engine {

namespace {

// Events of up to here are older than the span.
auto first_within(const tally& of, duration within, timestamp now) {
  return std::upper_bound(of.recent.cbegin(), of.recent.cend(), now - within,
                          [](timestamp edge, const tallied_event& each) {
                            return edge < each.at;
                          });
}

template <class At>
std::uint64_t events_of(At begin, At end) {
  return std::accumulate(begin, end, std::uint64_t{0},
                         [](std::uint64_t sum, const tallied_event& each) {
                           return sum + each.count;
                         });
}

void join_closest(std::vector<tallied_event>& events) {
  auto closest = events.begin();
  for (auto at = events.begin(); at + 1 != events.end(); ++at)
    if ((at + 1)->at - at->at < (closest + 1)->at - closest->at)
      closest = at;
  const auto later = closest + 1;
  later->count += closest->count;
  later->sum += closest->sum;
  events.erase(closest);
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
  const auto place = std::upper_bound(to.recent.begin(), to.recent.end(), what);
  to.recent.insert(place, what);
  to.recent_count += what.count;
  if (to.recent.size() > recent_events_max)
    join_closest(to.recent);
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
