#include "engine/tally.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

// Events of up to here are older than the span.
auto first_within(const tally& of, duration within, timestamp now) {
  return std::upper_bound(of.recent.begin(), of.recent.end(), now - within,
                          [](timestamp edge, const tallied_event& each) {
                            return edge < each.at;
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

void add(tally& to, const tallied_event& what, timestamp now) {
  to.count += what.count;
  to.sum += what.sum;
  to.last = std::max(to.last.value_or(what.at), what.at);
  to.recent.erase(to.recent.begin(), first_within(to, to.reach, now));
  if (what.at <= now - to.reach)
    return;
  const auto place = std::upper_bound(to.recent.begin(), to.recent.end(), what);
  to.recent.insert(place, what);
  if (to.recent.size() > recent_events_max)
    join_closest(to.recent);
}

tally_figures figures_of(const tally& of, std::optional<duration> within,
                         timestamp now) {
  if (!within)
    return {of.count, of.sum};
  tally_figures out;
  for (auto at = first_within(of, *within, now); at != of.recent.end(); ++at) {
    out.count += at->count;
    out.sum += at->sum;
  }
  return out;
}

std::optional<timestamp> next_expiry(const tally& of, duration within,
                                     timestamp now) {
  const auto oldest = first_within(of, within, now);
  if (oldest == of.recent.end())
    return std::nullopt;
  return oldest->at + within;
}

} // namespace troupe::engine
