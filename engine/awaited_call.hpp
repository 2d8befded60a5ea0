// Which visit of which run waits for the end of a call: what the call and the
// event that tells of its end have in common.
#pragma once

#include "engine/run.hpp"

#include <string>
#include <string_view>

namespace troupe::engine {

/// Of a send's request, beside method, url, headers and body.
inline constexpr std::string_view awaited_call_member = "awaited_as";
/// Of the properties of `call_ended_event`.
inline constexpr std::string_view awaited_call_property = "call";

/// The same after a merge, when the run is another contact's by another number.
std::string awaited_call(const run& current);

} // namespace troupe::engine
