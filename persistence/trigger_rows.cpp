#include "persistence/trigger_rows.hpp"

namespace troupe::persistence {

namespace {

// No turn sends a message of this name.
constexpr std::string_view trigger_due = "$trigger_due";

} // namespace

inbox_row inbox_row_of(const trigger_row& waiting) {
  inbox_row row;
  row.id = waiting.id;
  row.due = waiting.due;
  row.workspace = waiting.workspace;
  row.type = trigger_due;
  row.properties = "{}";
  return row;
}

bool is_of_trigger(const inbox_row& row) {
  return row.sender == contact_id{} && row.type == trigger_due;
}

} // namespace troupe::persistence
