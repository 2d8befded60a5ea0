#include "persistence/trigger_rows.hpp"

#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

namespace troupe::persistence {

namespace {

// No turn sends a message of this name.
constexpr std::string_view trigger_due = "$trigger_due";

constexpr std::size_t depth_max = 64; // as deep as what comes from outside

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

std::string wish_left(const trigger_row& held, engine::trigger_status status) {
  if (engine::is_waiting(status))
    return held.wish;
  if (held.kind != engine::trigger_kind::workflow)
    return {};
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::error_code failure;
  auto wish = boost::json::parse(held.wish, failure, boost::json::storage_ptr{},
                                 options);
  if (failure || !wish.is_object())
    return {};
  wish.get_object()["vars"] = boost::json::object{};
  return engine::to_json(wish);
}

} // namespace troupe::persistence
