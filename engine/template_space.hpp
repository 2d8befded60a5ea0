// White space as JavaScript's `\s` has it, which Handlebars is made of.
#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::engine {

/// @returns the bytes of the white space character at the front, or 0
std::size_t space_at_front(std::string_view text);

/// @returns the bytes of all white space at the front, or at the back
std::size_t spaces_at_front(std::string_view text);
std::size_t spaces_at_back(std::string_view text);

} // namespace troupe::engine
