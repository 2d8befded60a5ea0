// Which timers wait for their sequence to be resumed.
#include "persistence/run_places.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::engine;

TEST_CASE("a timer that fired in a pause is held, whether its run is marked as "
          "overdue or not",
          "[places]") {
  turn decided;
  decided.fired = timer{{}, 4, 1};
  decided.trace = {{rule::paused, false, sequence_id{9}, 4, {}}};
  CHECK(persistence::held_for(decided) == sequence_id{9});
  decided.changes = {run_overdue{4}};
  CHECK(persistence::held_for(decided) == sequence_id{9});
  decided.changes.emplace_back(run_ended{4, run_status::failed, "parked"});
  CHECK(persistence::held_for(decided) == sequence_id{});
  decided.changes.clear();
  decided.trace[0].run = 5;
  CHECK(persistence::held_for(decided) == sequence_id{});
}
