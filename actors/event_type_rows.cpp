#include "actors/event_type_rows.hpp"

#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "actors/dependants.hpp"
#include "engine/json_schema.hpp"
#include "engine/json_text.hpp"

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::invalid;
using engine::result;
using messages::event_type_state;
using persistence::definition_status;
using persistence::event_type_row;

constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t description_bytes_max = 1000;
constexpr std::size_t schema_bytes_max = 64 * 1024;

// As it is now; one that only came in events is not in the catalog.
event_type_row row_now(const messages::definition_change& wish,
                       const std::string& name,
                       const definitions_options& options) {
  event_type_row row;
  row.workspace = wish.workspace;
  row.name = name;
  row.status = definition_status::discovered;
  row.created_at = now_in(wish.workspace, options);
  row.updated_at = row.created_at;
  const auto known = options.catalog->get();
  const auto& all = known->workspaces.at(wish.workspace).event_types;
  if (const auto found = all.find(name); found != all.end()) {
    row.status = status_of(found->second.state);
    row.description = found->second.description;
    row.schema = found->second.schema;
  }
  return row;
}

// What is there must be right; null takes it away.
engine::status take(event_type_row& row, const json::object& from) {
  if (const auto* text = from.if_contains("description"); text != nullptr) {
    if (!text->is_null()
        && (!text->is_string()
            || text->get_string().size() > description_bytes_max))
      return invalid("field_type_mismatch",
                     "`description` is a text of at most 1,000 bytes",
                     "/description");
    row.description
      = text->is_null() ? std::string{} : std::string{text->get_string()};
  }
  const auto* schema = from.if_contains("schema");
  if (schema == nullptr)
    return engine::success();
  row.schema.clear();
  if (schema->is_null())
    return engine::success();
  if (auto compiled = engine::json_schema::compile(*schema); !compiled) {
    auto why = compiled.failure();
    why.pointer = "/schema" + why.pointer;
    return why;
  }
  row.schema = engine::to_json(*schema);
  if (row.schema.size() > schema_bytes_max)
    return invalid("schema_too_large", "`schema` has at most 64 KiB",
                   "/schema");
  return engine::success();
}

wished_rows stored(event_type_row row, std::string action,
                   const json::object& details) {
  wished_rows out;
  out.note.action = std::move(action);
  out.note.details = told(details, {"description", "schema"});
  out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace

event_type_state state_of_event_type(definition_status status) {
  if (status == definition_status::active)
    return event_type_state::active;
  return status == definition_status::archived ? event_type_state::archived
                                               : event_type_state::discovered;
}

definition_status status_of(event_type_state state) {
  switch (state) {
    case event_type_state::active:
      return definition_status::active;
    case event_type_state::archived:
      return definition_status::archived;
    case event_type_state::discovered:
      break;
  }
  return definition_status::discovered;
}

result<wished_rows> new_event_type(const messages::definition_change& wish,
                                   const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"name", "description", "schema"}); !good)
    return good.failure();
  const auto name = text_member(from, "name", name_bytes_max);
  if (!name)
    return name.failure();
  if (name->front() == '$')
    return invalid("reserved_event_name",
                   "names that begin with `$` are the platform's", "/name");
  if (name->find('/') != name->npos || *name == "." || *name == "..")
    return invalid("field_invalid",
                   "a name in the catalog is part of a path: it has no `/` "
                   "and is neither `.` nor `..`",
                   "/name");
  auto row = row_now(wish, *name, options);
  if (row.status == definition_status::active)
    return error{errc::conflict, "event_type_exists",
                 "there is an active event type with this name", "/name"};
  if (auto good = take(row, from); !good)
    return good.failure();
  row.status = definition_status::active;
  return stored(std::move(row), "event_type.created", from);
}

result<wished_rows> changed_event_type(const messages::definition_change& wish,
                                       const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"description", "schema"}); !good)
    return good.failure();
  auto row = row_now(wish, wish.target, options);
  if (auto good = take(row, from); !good)
    return good.failure();
  if (from.empty())
    return wished_rows{};
  return stored(std::move(row), "event_type.updated", from);
}

result<wished_rows> archived_event_type(const messages::definition_change& wish,
                                        const definitions_options& options) {
  auto row = row_now(wish, wish.target, options);
  if (row.status == definition_status::archived)
    return wished_rows{};
  const auto known = options.catalog->get();
  wished_rows used;
  used.in_use
    = users_of_event(known->workspaces.at(wish.workspace), wish.target);
  if (!used.in_use.empty())
    return used;
  row.status = definition_status::archived;
  return stored(std::move(row), "event_type.archived", {});
}

} // namespace troupe::actors
