#include "engine/funnel.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

namespace {

// Steps that one contact came to. For each step the latest beginning of a way
// that leads to it is enough: an older one is no better.
std::size_t steps_of(const funnel& what, std::span<const funnel_event> events) {
  std::vector<std::optional<timestamp>> began(what.steps.size());
  for (const auto& each : events)
    for (auto step = what.steps.size(); step-- > 0;) {
      if (what.steps[step] != each.type)
        continue;
      if (step == 0)
        began[0] = each.at;
      else if (const auto& before = began[step - 1];
               before && (!what.within || each.at - *before <= *what.within))
        began[step] = std::max(began[step].value_or(*before), *before);
    }
  return static_cast<std::size_t>(
    std::count_if(began.begin(), began.end(), [](const auto& each) {
      return each.has_value();
    }));
}

} // namespace

std::vector<std::uint64_t> reached(const funnel& what,
                                   std::vector<funnel_event> events) {
  std::stable_sort(events.begin(), events.end(),
                   [](const funnel_event& a, const funnel_event& b) {
                     return std::pair{number(a.contact), a.at}
                            < std::pair{number(b.contact), b.at};
                   });
  std::vector<std::uint64_t> counts(what.steps.size());
  for (auto from = events.begin(); from != events.end();) {
    const auto until
      = std::find_if(from, events.end(), [from](const auto& each) {
          return each.contact != from->contact;
        });
    const auto steps = steps_of(what, {from, until});
    for (std::size_t step = 0; step < steps; ++step)
      ++counts[step];
    from = until;
  }
  return counts;
}

} // namespace troupe::engine
