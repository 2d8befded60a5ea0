#include "persistence/unit_inputs.hpp"

#include <algorithm>

namespace troupe::persistence {

namespace {

bool sets(const turn_rows& turn, const engine::timer& what) {
  return std::find(turn.timers_set.begin(), turn.timers_set.end(), what)
         != turn.timers_set.end();
}

} // namespace

bool sets_its_timer(const commit_unit& unit, std::size_t index) {
  const auto& timer = *unit.turns[index].fired;
  for (auto i = index; i-- > 0;)
    if (sets(unit.turns[i], timer))
      return true;
  return false;
}

bool takes_its_input(const commit_unit& unit, std::size_t index) {
  const auto& mine = unit.turns[index];
  auto is_set_again = false;
  for (auto i = index; i-- > 0;) {
    const auto& earlier = unit.turns[i];
    if ((mine.consumed && earlier.consumed == mine.consumed)
        || (mine.trigger && earlier.trigger == mine.trigger))
      return true;
    is_set_again = is_set_again || (mine.fired && sets(earlier, *mine.fired));
    if (mine.fired && earlier.fired == mine.fired && !is_set_again)
      return true;
  }
  return false;
}

} // namespace troupe::persistence
