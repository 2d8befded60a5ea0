// Finds the bytes of a member in a JSON text that has already been accepted.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace troupe::engine {

/// @param object a valid JSON object, possibly with blanks around it
/// @param name a name that needs no escapes
/// @returns the value's bytes within `object`, without blanks around them
std::optional<std::string_view> find_member(std::string_view object,
                                            std::string_view name);

} // namespace troupe::engine
