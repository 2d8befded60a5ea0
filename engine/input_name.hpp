// One number for one input, the same each time it comes again: after a restart,
// or sent once more by its client.
#pragma once

#include "engine/decide.hpp"

#include <cstdint>

namespace troupe::engine {

/// @param of the contact that the input is for
/// @returns 0 for what does not come again
std::uint64_t name_of(const contact_state& of, const turn_input& input);

} // namespace troupe::engine
