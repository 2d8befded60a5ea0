// What a run is told of the call it waits for.
#pragma once

#include "actors/work.hpp"

#include <optional>
#include <string>

namespace troupe::actors {

/// Whether the call of an `http` node has a run that waits for its end.
bool is_awaited(const pulled_delivery& what);

/// `engine::call_ended_event`, once the call is answered or given up.
/// @param row of the attempt that ended
std::optional<persistence::inbox_row>
answer_of(const attempt_outcome& ended, const persistence::attempt_row& row,
          const engine::id_text& ids);

} // namespace troupe::actors
