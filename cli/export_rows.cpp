#include "cli/export_rows.hpp"

#include "cli/csv.hpp"
#include "engine/json_text.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

// Texts as they are; what is nested as JSON.
std::string cell_of(const export_column& column, const json::value& of) {
  for (const auto* pointer : column.pointers) {
    json::error_code none;
    const auto* found = of.find_pointer(pointer, none);
    if (found == nullptr || found->is_null())
      continue;
    return found->is_string() ? std::string{found->get_string()}
                              : engine::to_json(*found);
  }
  return {};
}

} // namespace

const std::vector<export_column>& event_columns() {
  static const std::vector<export_column> columns{
    {"id", {"/message_id"}},
    {"type", {"/type"}},
    {"kind", {"/kind"}},
    {"occurred_at", {"/occurred_at"}},
    {"external_id", {"/contact/external_id"}},
    {"email", {"/contact/email"}},
    {"phone", {"/contact/phone"}},
    {"anonymous_id", {"/contact/anonymous_id"}},
    {"value", {"/value"}},
    {"value_currency", {"/value_currency"}},
    {"properties", {"/metadata"}},
    {"context", {"/context"}}};
  return columns;
}

const std::vector<export_column>& contact_columns() {
  static const std::vector<export_column> columns{
    {"id", {"/id"}},
    {"external_id", {"/external_id"}},
    {"email", {"/email"}},
    {"phone", {"/phone"}},
    {"anonymous_id", {"/anonymous_ids/0"}},
    {"attributes", {"/attributes"}},
    {"tags", {"/tags"}},
    {"score", {"/score"}},
    {"segments", {"/segments"}},
    {"created_at", {"/created_at"}}};
  return columns;
}

std::string csv_header(const std::vector<export_column>& columns) {
  std::string out;
  for (const auto& each : columns) {
    if (!out.empty())
      out += ',';
    out += each.title;
  }
  return out + "\r\n";
}

std::string csv_row(const std::vector<export_column>& columns,
                    const json::value& of) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i != 0)
      out += ',';
    append_csv_cell(out, cell_of(columns[i], of));
  }
  return out + "\r\n";
}

} // namespace troupe::cli
