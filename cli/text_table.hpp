// Rows of texts whose columns stand below each other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace troupe::cli {

using text_table = std::vector<std::vector<std::string>>;

/// @param indent blanks before each row
void print_rows(const text_table& rows, std::size_t indent = 0);

} // namespace troupe::cli
