// Tables as text (RFC 4180): records of cells between commas, cells in quotes
// where they hold commas, quotes or line breaks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

struct csv_record {
  std::vector<std::string> cells;
  std::size_t bytes = 0;       // of the text, with its line break
  bool has_open_quote = false; // the text ended within quotes
};

/// The record that a text begins with. A quote within a cell that has none
/// around it is an ordinary character.
/// @param is_all no more follows the text
/// @returns nothing when more is needed to see its end
std::optional<csv_record> read_csv_record(std::string_view text, bool is_all);

/// Appends one cell, in quotes where needed. One that a spreadsheet would take
/// for a formula (P6) gets a `'` in front.
void append_csv_cell(std::string& to, std::string_view cell);

/// Without the `'` of append_csv_cell.
std::string_view without_guard(std::string_view cell);

} // namespace troupe::cli
