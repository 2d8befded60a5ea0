#include "cli/csv.hpp"

namespace troupe::cli {

namespace {

constexpr std::string_view formula_begins = "=+-@\t\r";

// A `'` of the cell's own counts as well: what was put in front comes off
// again.
bool is_guarded(std::string_view cell) {
  return !cell.empty()
         && (cell.front() == '\''
             || formula_begins.find(cell.front()) != formula_begins.npos);
}

} // namespace

std::optional<csv_record> read_csv_record(std::string_view text, bool is_all) {
  csv_record out;
  out.cells.emplace_back();
  std::size_t at = 0;
  auto is_quoted = false; // within quotes
  auto is_begin = true;   // of a cell
  for (; at < text.size(); ++at) {
    const auto c = text[at];
    auto& cell = out.cells.back();
    if (is_quoted) {
      if (c != '"') {
        cell += c;
        continue;
      }
      if (at + 1 == text.size() && !is_all)
        return std::nullopt; // it may be doubled
      if (at + 1 < text.size() && text[at + 1] == '"') {
        cell += '"';
        ++at;
      } else {
        is_quoted = false;
      }
    } else if (c == '"' && is_begin) {
      is_quoted = true;
      is_begin = false;
    } else if (c == ',') {
      out.cells.emplace_back();
      is_begin = true;
    } else if (c == '\n') {
      out.bytes = at + 1;
      return out;
    } else if (c == '\r') {
      if (at + 1 == text.size() && !is_all)
        return std::nullopt;
      if (at + 1 < text.size() && text[at + 1] == '\n')
        continue;
      cell += c;
      is_begin = false;
    } else {
      cell += c;
      is_begin = false;
    }
  }
  if (!is_all || text.empty())
    return std::nullopt;
  out.bytes = at;
  out.has_open_quote = is_quoted;
  return out;
}

void append_csv_cell(std::string& to, std::string_view cell) {
  const auto guarded = is_guarded(cell);
  const auto is_plain = cell.find_first_of(",\"\r\n") == cell.npos;
  if (!is_plain)
    to += '"';
  if (guarded)
    to += '\'';
  for (const auto c : cell) {
    if (c == '"')
      to += '"';
    to += c;
  }
  if (!is_plain)
    to += '"';
}

std::string_view without_guard(std::string_view cell) {
  if (cell.starts_with('\'') && is_guarded(cell.substr(1)))
    cell.remove_prefix(1);
  return cell;
}

} // namespace troupe::cli
