// What changed between two texts, line by line.
#pragma once

#include <string>
#include <string_view>

namespace troupe::cli {

/// Lines of both, each after "  ", "- " (only in the first) or "+ " (only in
/// the second); what is the same further than three lines from a change is left
/// out. Empty when nothing changed.
std::string difference(std::string_view first, std::string_view second);

} // namespace troupe::cli
