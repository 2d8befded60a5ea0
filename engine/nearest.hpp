// The known word nearest to one that is not known: for "did you mean".
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Letters left out, added, changed, or two neighbours swapped.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// @returns the word with the smallest edit distance, at most a third of its
/// length and 3; empty when none is near
std::string_view nearest(std::string_view wanted,
                         const std::vector<std::string_view>& known);

} // namespace troupe::engine
