// Wishes about checklists and funnels.
#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "engine/json_text.hpp"

#include <algorithm>
#include <set>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::invalid;
using engine::result;
using persistence::named_kind;

// All of them are held in memory.
constexpr std::size_t checklists_max = 200;
constexpr std::size_t funnels_max = 200;
constexpr std::size_t key_bytes_max = 64;
constexpr std::size_t name_bytes_max = 100;
constexpr std::size_t step_bytes_max = 256;
constexpr std::size_t checklist_steps_max = 50;

// A key is a part of a path.
result<std::string> read_key(const json::object& from) {
  auto key = text_member(from, "key", key_bytes_max);
  if (key && (key->find('/') != key->npos || *key == "." || *key == ".."))
    return invalid("field_invalid",
                   "`key` is part of a path: it has no `/` and is neither `.` "
                   "nor `..`",
                   "/key");
  return key;
}

engine::status check_steps(const json::object& from, std::size_t least,
                           std::size_t most) {
  const auto* steps = from.if_contains("steps");
  const auto count = steps != nullptr && steps->is_array()
                       ? steps->get_array().size()
                       : std::size_t{0};
  if (count < least || count > most)
    return invalid("field_required",
                   "`steps` is a list of " + std::to_string(least) + " to "
                     + std::to_string(most) + " texts",
                   "/steps");
  for (std::size_t i = 0; i < count; ++i) {
    const auto* text = steps->get_array()[i].if_string();
    if (text == nullptr || text->empty() || text->size() > step_bytes_max)
      return invalid("field_type_mismatch",
                     "a step is a text of 1 to 256 bytes",
                     "/steps/" + std::to_string(i));
  }
  return engine::success();
}

engine::status check_distinct(const json::array& steps) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (!seen.insert(steps[i].get_string()).second)
      return invalid("field_invalid", "this step is there already",
                     "/steps/" + std::to_string(i));
  return engine::success();
}

engine::status check_name(const json::object& from) {
  if (!from.contains("name"))
    return engine::success();
  if (auto name = text_member(from, "name", name_bytes_max); !name)
    return name.failure();
  return engine::success();
}

template <class Entries>
engine::status check_room(const Entries& all, const std::string& key,
                          std::size_t most, const char* code) {
  const auto is_known
    = std::any_of(all.begin(), all.end(), [&](const auto& each) {
        return each.second.key == key;
      });
  if (!is_known && all.size() >= most)
    return error{errc::conflict, code,
                 "a workspace has at most " + std::to_string(most) + " of them",
                 "/key"};
  return engine::success();
}

wished_rows stored(const messages::definition_change& wish,
                   const definitions_options& options, named_kind kind,
                   std::string key, std::string_view prefix) {
  persistence::named_row row;
  row.text_id = options.make_id(prefix);
  row.workspace = wish.workspace;
  row.kind = kind;
  row.key = std::move(key);
  auto body = wish.body.get_object();
  body.erase("key");
  row.body = engine::to_json(body);
  row.created_at = now_in(wish.workspace, options);
  row.updated_at = row.created_at;
  wished_rows out;
  out.note.details = told(wish.body.get_object(), {"key"});
  out.rows.emplace_back(std::move(row));
  return out;
}

template <class Entry>
result<wished_rows> removed(const Entry* entry, named_kind kind,
                            const messages::definition_change& wish,
                            error none) {
  if (entry == nullptr)
    return none;
  persistence::named_row row;
  row.text_id = entry->text_id;
  row.workspace = wish.workspace;
  row.kind = kind;
  row.key = entry->key;
  row.removed = true;
  wished_rows out;
  out.note.details = engine::to_json(json::object{{"key", entry->key}});
  out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace

result<wished_rows> removed_checklist(const messages::definition_change& wish,
                                      const definitions_options& options) {
  const auto known = options.catalog->get();
  auto out = removed(
    messages::find_named(known->workspaces.at(wish.workspace).checklists,
                         wish.target),
    named_kind::checklist, wish,
    {errc::not_found, "checklist_not_found", "there is no such checklist", {}});
  if (out)
    out->note.action = "checklist.removed";
  return out;
}

result<wished_rows> removed_funnel(const messages::definition_change& wish,
                                   const definitions_options& options) {
  const auto known = options.catalog->get();
  auto out = removed(
    messages::find_named(known->workspaces.at(wish.workspace).funnels,
                         wish.target),
    named_kind::funnel, wish,
    {errc::not_found, "funnel_not_found", "there is no such funnel", {}});
  if (out)
    out->note.action = "funnel.removed";
  return out;
}

result<wished_rows> new_checklist(const messages::definition_change& wish,
                                  const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"key", "name", "steps"}); !good)
    return good.failure();
  const auto key = read_key(from);
  if (!key)
    return key.failure();
  if (auto good = check_name(from); !good)
    return good.failure();
  if (auto good = check_steps(from, 1, checklist_steps_max); !good)
    return good.failure();
  if (auto good = check_distinct(from.at("steps").get_array()); !good)
    return good.failure();
  const auto known = options.catalog->get();
  if (auto good = check_room(known->workspaces.at(wish.workspace).checklists,
                             *key, checklists_max, "checklists_limit");
      !good)
    return good.failure();
  auto out = stored(wish, options, named_kind::checklist, *key, "chk_");
  out.note.action = "checklist.saved";
  return out;
}

result<wished_rows> new_funnel(const messages::definition_change& wish,
                               const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"key", "name", "steps", "within"});
      !good)
    return good.failure();
  const auto key = read_key(from);
  if (!key)
    return key.failure();
  if (auto good = check_name(from); !good)
    return good.failure();
  if (auto good = check_steps(from, 2, engine::funnel_steps_max); !good)
    return good.failure();
  if (const auto* within = from.if_contains("within"))
    if (!within->is_string()
        || !engine::parse_duration(std::string_view{within->get_string()}))
      return invalid("duration_invalid",
                     "`within` is a duration such as \"7d\"", "/within");
  const auto known = options.catalog->get();
  if (auto good = check_room(known->workspaces.at(wish.workspace).funnels, *key,
                             funnels_max, "funnels_limit");
      !good)
    return good.failure();
  auto out = stored(wish, options, named_kind::funnel, *key, "fun_");
  out.note.action = "funnel.saved";
  return out;
}

} // namespace troupe::actors
