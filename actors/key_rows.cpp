#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "engine/json_text.hpp"

#include <algorithm>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::invalid;
using engine::key_kind;
using engine::result;
using engine::scope;

constexpr std::size_t live_keys_max = 1000; // of a workspace

json::array words_of(std::uint32_t scopes) {
  json::array out;
  for (const auto& [value, word] : engine::scope_names)
    if ((scopes & engine::bit_of(value)) != 0)
      out.emplace_back(word);
  return out;
}

result<std::uint32_t> read_scopes(const json::object& from, key_kind kind) {
  const auto writes = engine::bit_of(scope::events_write);
  const auto* given = from.if_contains("scopes");
  if (given == nullptr && kind == key_kind::write)
    return writes;
  if (given == nullptr || !given->is_array() || given->get_array().empty())
    return invalid("field_required",
                   "`scopes` is a list such as [\"events:write\"]", "/scopes");
  std::uint32_t scopes = 0;
  std::size_t index = 0;
  for (const auto& each : given->get_array()) {
    const auto found
      = each.is_string() ? engine::find_word(
          engine::scope_names, std::string_view{each.get_string()})
                         : std::nullopt;
    if (!found)
      return invalid("scope_unknown",
                     "known scopes are events:write, events:read, manage, "
                     "system:emit and admin",
                     "/scopes/" + std::to_string(index));
    scopes |= engine::bit_of(*found);
    ++index;
  }
  if (kind == key_kind::write && scopes != writes)
    return invalid("write_key_scopes",
                   "a write key is public: it has the scope `events:write` "
                   "and no other",
                   "/scopes");
  return scopes;
}

std::size_t live_keys(const messages::catalog& known,
                      engine::workspace_id workspace) {
  return static_cast<std::size_t>(
    std::count_if(known.keys.begin(), known.keys.end(), [&](const auto& each) {
      return each.second.workspace == workspace && !each.second.revoked;
    }));
}

// Whether another key that lives has the scope; in any workspace when that is
// no matter.
bool is_left(const messages::catalog& known, const messages::access_key& but,
             scope what, std::optional<engine::workspace_id> in) {
  return std::any_of(known.keys.begin(), known.keys.end(),
                     [&](const auto& item) {
                       const auto& each = item.second;
                       return each.number != but.number && !each.revoked
                              && (each.scopes & engine::bit_of(what)) != 0
                              && (!in || each.workspace == *in);
                     });
}

engine::status check_last(const messages::catalog& known,
                          const messages::access_key& key) {
  const auto has = [&key](scope what) {
    return (key.scopes & engine::bit_of(what)) != 0;
  };
  if (has(scope::manage) && !is_left(known, key, scope::manage, key.workspace))
    return error{errc::conflict,
                 "last_manage_key",
                 "this is the last key of the workspace with the scope "
                 "`manage`; make another one first",
                 {}};
  if (has(scope::admin) && !is_left(known, key, scope::admin, std::nullopt))
    return error{errc::conflict,
                 "last_admin_key",
                 "this is the last key with the scope `admin`; make another "
                 "one first",
                 {}};
  return engine::success();
}

} // namespace

persistence::key_row key_row_of(const made_key& made, std::string name,
                                key_kind kind, std::uint32_t scopes,
                                const definitions_options& options) {
  persistence::key_row row;
  row.text_id = options.make_id("key_");
  row.prefix = made.prefix;
  row.hash = made.hash;
  row.scopes = scopes;
  row.kind = kind;
  row.name = std::move(name);
  row.created_at = options.clock();
  return row;
}

result<wished_rows> new_key(const messages::definition_change& wish,
                            const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"name", "scopes", "kind"}); !good)
    return good.failure();
  auto name = text_member(from, "name", access_name_max);
  if (!name)
    return name.failure();
  const auto kind
    = word_member(from, "kind", engine::key_kind_names, key_kind::secret);
  if (!kind)
    return kind.failure();
  const auto scopes = read_scopes(from, *kind);
  if (!scopes)
    return scopes.failure();
  const auto known = options.catalog->get();
  const auto* asking = messages::key_numbered(*known, wish.key);
  if (asking == nullptr || (*scopes & ~asking->scopes) != 0)
    return error{errc::forbidden, "scope_required",
                 "a key gives only scopes that it has itself", "/scopes"};
  if (live_keys(*known, wish.workspace) >= live_keys_max)
    return error{errc::conflict,
                 "keys_limit",
                 "the workspace has 1,000 keys; revoke some first",
                 {}};
  const auto made = options.make_key(*kind);
  auto row = key_row_of(made, std::move(*name), *kind, *scopes, options);
  row.workspace = wish.workspace;
  wished_rows out;
  json::object told{{"name", row.name},
                    {"kind", engine::word_of(engine::key_kind_names, *kind)},
                    {"scopes", words_of(*scopes)},
                    {"prefix", row.prefix}};
  out.note.action = "key.created";
  out.note.details = engine::to_json(told);
  out.shown = std::move(told);
  out.shown["id"] = row.text_id;
  out.shown["key"] = made.text;
  out.shown["created_at"] = engine::to_iso8601(row.created_at);
  out.rows.emplace_back(std::move(row));
  return out;
}

result<wished_rows> revoked_key(const messages::definition_change& wish,
                                const definitions_options& options) {
  const auto known = options.catalog->get();
  const auto found = std::find_if(
    known->keys.begin(), known->keys.end(), [&](const auto& item) {
      return item.second.workspace == wish.workspace
             && item.second.text_id == wish.target;
    });
  if (found == known->keys.end())
    return error{errc::not_found, "key_not_found", "there is no such key", {}};
  const auto& key = found->second;
  wished_rows out;
  out.shown = {{"id", key.text_id}, {"revoked", true}};
  if (key.revoked)
    return out;
  if (auto good = check_last(*known, key); !good)
    return good.failure();
  persistence::key_row row;
  row.id = key.number;
  row.text_id = key.text_id;
  row.workspace = key.workspace;
  row.prefix = key.prefix;
  row.hash = found->first;
  row.scopes = key.scopes;
  row.kind = key.kind;
  row.name = key.name;
  row.created_at = key.created_at;
  row.revoked = true;
  out.note.action = "key.revoked";
  out.note.details
    = engine::to_json(json::object{{"name", key.name}, {"prefix", row.prefix}});
  out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace troupe::actors
