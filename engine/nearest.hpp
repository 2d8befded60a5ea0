// The known word nearest to one that is not known: for "did you mean".
#pragma once

#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace troupe::engine {

/// Letters left out, added, changed, or two neighbours swapped.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// @returns the word with the smallest edit distance, at most a third of its
/// length and 3; empty when none is near
std::string_view nearest(std::string_view wanted,
                         std::span<const std::string_view> known);

inline std::string_view nearest(std::string_view wanted,
                                std::initializer_list<std::string_view> known) {
  return nearest(wanted, std::span{known.begin(), known.size()});
}

/// What to do about a name that is none of the known: "; did you mean `vip`?",
/// or to create it.
std::string hint_for(std::string_view unknown,
                     const std::set<std::string>& known);

} // namespace troupe::engine
