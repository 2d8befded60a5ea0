#include "actors/event_type_rows.hpp"

#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "actors/dependants.hpp"
#include "engine/json_schema.hpp"
#include "engine/json_text.hpp"
#include "engine/notice.hpp"
#include "persistence/codec.hpp"

#include <boost/json/parse.hpp>

#include <iterator>
#include <utility>

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
    row.alias_of = found->second.alias_of;
  }
  return row;
}

const messages::workspace_catalog&
workspace_of(const messages::catalog& all,
             const messages::definition_change& wish) {
  return all.workspaces.at(wish.workspace);
}

// What a person may call a type.
engine::status check_name(const std::string& name,
                          const messages::workspace_catalog& of,
                          const std::string& pointer) {
  if (name.front() == '$')
    return invalid("reserved_event_name",
                   "names that begin with `$` are the platform's", pointer);
  if (name.find('/') != name.npos || name == "." || name == "..")
    return invalid("field_invalid",
                   "a name in the catalog is part of a path: it has no `/` "
                   "and is neither `.` nor `..`",
                   pointer);
  if (of.naming == engine::naming_rule::strict
      && !engine::is_conventional(name))
    return invalid("event_name_case",
                   "this workspace is strict about names (`naming`): events "
                   "are called in snake_case or as `object.action`",
                   pointer);
  return engine::success();
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

// What names it, or did in a version that may have runs.
void add_users(wished_rows& to, const messages::workspace_catalog& of,
               const std::string& name) {
  for (auto& each : users_of_event(of, name))
    add_dependant(to.in_use, std::move(each));
  auto older = older_users_of_event(of, name);
  std::move(older.begin(), older.end(), std::back_inserter(to.older));
}

json::value schema_of(const std::string& text) {
  json::error_code failure;
  return text.empty() ? json::value() : json::parse(text, failure);
}

// Endpoints that want to know are told when the schema is another one.
void tell_of_contract(wished_rows& to, const messages::workspace_catalog& of,
                      const std::string& before,
                      const definitions_options& options) {
  const auto row = std::get<event_type_row>(to.rows.front());
  if (row.schema == before)
    return;
  const auto now = now_in(row.workspace, options);
  const auto told = engine::notice_of(row.workspace,
                                      {{"type", "schema_contract.changed"},
                                       {"name", row.name},
                                       {"schema_before", schema_of(before)},
                                       {"schema_after", schema_of(row.schema)},
                                       {"changed_at", engine::to_iso8601(now)}},
                                      *of.definitions, now);
  if (!told.matched.empty())
    to.rows.emplace_back(persistence::notice_row{
      row.workspace, now, persistence::encode_turn(told), told.matched});
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
  const auto known = options.catalog->get();
  if (auto good = check_name(*name, workspace_of(*known, wish), "/name"); !good)
    return good.failure();
  auto row = row_now(wish, *name, options);
  if (row.status == definition_status::active || !row.alias_of.empty())
    return error{errc::conflict, "event_type_exists",
                 "there is an active event type with this name", "/name"};
  const auto before = row.schema;
  if (auto good = take(row, from); !good)
    return good.failure();
  row.status = definition_status::active;
  auto out = stored(std::move(row), "event_type.created", from);
  tell_of_contract(out, workspace_of(*known, wish), before, options);
  return out;
}

result<wished_rows> changed_event_type(const messages::definition_change& wish,
                                       const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"description", "schema"}); !good)
    return good.failure();
  const auto known = options.catalog->get();
  const auto& of = workspace_of(*known, wish);
  auto row
    = row_now(wish, of.definitions->names().current(wish.target), options);
  const auto before = row.schema;
  if (auto good = take(row, from); !good)
    return good.failure();
  if (from.empty())
    return wished_rows{};
  auto out = stored(std::move(row), "event_type.updated", from);
  tell_of_contract(out, of, before, options);
  return out;
}

result<wished_rows> archived_event_type(const messages::definition_change& wish,
                                        const definitions_options& options) {
  auto row = row_now(wish, wish.target, options);
  if (row.status == definition_status::archived && row.alias_of.empty())
    return wished_rows{};
  const auto known = options.catalog->get();
  const auto& of = workspace_of(*known, wish);
  row.status = definition_status::archived;
  const auto ends_alias = !std::exchange(row.alias_of, {}).empty();
  auto out = stored(std::move(row), "event_type.archived", {});
  add_users(out, of, wish.target);
  if (!ends_alias)
    for (const auto& former : of.definitions->names().former(wish.target))
      add_users(out, of, former);
  return out;
}

result<wished_rows> renamed_event_type(const messages::definition_change& wish,
                                       const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"to", "alias"}); !good)
    return good.failure();
  const auto to = text_member(from, "to", name_bytes_max);
  if (!to)
    return to.failure();
  const auto* wanted = from.if_contains("alias");
  if (wanted != nullptr && !wanted->is_bool())
    return invalid("field_type_mismatch", "`alias` is true or false", "/alias");
  const auto with_alias = wanted != nullptr && wanted->get_bool();
  const auto known = options.catalog->get();
  const auto& of = workspace_of(*known, wish);
  const auto& names = of.definitions->names();
  const auto name = names.current(wish.target);
  if (name.front() == '$')
    return invalid("reserved_event_name",
                   "names that begin with `$` are the platform's", "");
  if (auto good = check_name(*to, of, "/to"); !good)
    return good.failure();
  if (*to == name)
    return wished_rows{};
  auto held = row_now(wish, *to, options);
  const auto is_own = held.alias_of == name;
  if (!is_own && of.event_types.contains(*to))
    return error{errc::conflict, "event_type_exists",
                 "there is an event type with this name", "/to"};
  auto before = row_now(wish, name, options);
  auto now = before;
  now.name = *to;
  before.status = definition_status::archived;
  before.description.clear();
  before.schema.clear();
  if (with_alias)
    before.alias_of = *to;
  wished_rows out;
  out.note.action = "event_type.renamed";
  out.note.subject = name;
  out.note.details = told(from, {"to", "alias"});
  out.rows.emplace_back(std::move(now));
  out.rows.emplace_back(std::move(before));
  for (const auto& former : names.former(name))
    if (former != *to) {
      auto row = row_now(wish, former, options);
      row.alias_of = *to;
      out.rows.emplace_back(std::move(row));
    }
  if (!with_alias)
    add_users(out, of, name);
  return out;
}

} // namespace troupe::actors
