// Wishes about channels.
#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "actors/dependants.hpp"
#include "engine/json_text.hpp"
#include "engine/template_text.hpp"

#include <boost/json/parse.hpp>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using persistence::definition_status;
using persistence::destination_kind;

constexpr std::string_view capture_channel = "capture";

bool is_channel(const persistence::destination_row& row) {
  return row.status != definition_status::archived
         && (row.kind == destination_kind::http
             || row.kind == destination_kind::capture);
}

result<persistence::destination_row>
row_named(const messages::definition_change& wish,
          const definitions_options& options) {
  const auto table = options.destinations->get();
  for (const auto& entry : table->entries)
    if ((entry.row.key == wish.target || entry.row.text_id == wish.target)
        && entry.row.workspace == wish.workspace && is_channel(entry.row))
      return entry.row;
  return engine::error{engine::errc::not_found,
                       "channel_not_found",
                       "there is no such channel",
                       {}};
}

// The parts of a call, which are templates of the send's parts.
engine::status take(json::object& settings, const json::object& from) {
  for (const std::string_view name : {"url", "method", "headers", "body"})
    if (const auto* part = from.if_contains(name))
      settings[name] = *part;
  if (auto made = engine::template_json::compile(settings); !made)
    return made.failure();
  return engine::success();
}

} // namespace

std::set<std::string> channels_of(const definitions_options& options,
                                  engine::workspace_id workspace) {
  std::set<std::string> keys{std::string{capture_channel}};
  for (const auto& entry : options.destinations->get()->entries)
    if (entry.row.workspace == workspace && is_channel(entry.row))
      keys.insert(entry.row.key);
  return keys;
}

result<wished_rows> new_channel(const messages::definition_change& wish,
                                const definitions_options& options) {
  const auto& from = wish.body.get_object();
  const auto key = text_member(from, "key", 64);
  if (!key)
    return key.failure();
  const auto type = text_member(from, "type", 16);
  if (!type)
    return type.failure();
  if (*type != "http" && *type != "capture")
    return invalid("field_type_mismatch", "`type` is \"http\" or \"capture\"",
                   "/type");
  if (channels_of(options, wish.workspace).contains(*key))
    return engine::error{engine::errc::conflict, "channel_exists",
                         "there is a channel with this key", "/key"};
  json::object settings;
  if (*type == "http") {
    if (auto good = check_url(from, options); !good)
      return good.failure();
    if (auto good = take(settings, from); !good)
      return good.failure();
  }
  persistence::destination_row row;
  row.text_id = options.make_id("cha_");
  row.workspace = wish.workspace;
  row.kind
    = *type == "http" ? destination_kind::http : destination_kind::capture;
  row.key = *key;
  row.status = definition_status::active;
  row.settings = engine::to_json(settings);
  row.created_at = options.clock();
  settings["key"] = *key;
  settings["type"] = *type;
  wished_rows out;
  out.note.action = "channel.created";
  out.note.details = told(settings, {"key", "type"});
  out.rows.emplace_back(std::move(row));
  out.shown = std::move(settings);
  return out;
}

result<wished_rows> changed_channel(const messages::definition_change& wish,
                                    const definitions_options& options) {
  auto row = row_named(wish, options);
  if (!row)
    return row.failure();
  const auto& from = wish.body.get_object();
  if (row->kind == destination_kind::capture) {
    if (auto good = check_members(from, {}); !good)
      return good.failure();
    return wished_rows{};
  }
  if (auto good = check_members(from, {"url", "method", "headers", "body"});
      !good)
    return good.failure();
  if (from.contains("url"))
    if (auto good = check_url(from, options); !good)
      return good.failure();
  json::error_code failure;
  auto settings = json::parse(row->settings, failure);
  if (!settings.is_object())
    settings.emplace_object();
  if (auto good = take(settings.get_object(), from); !good)
    return good.failure();
  if (from.empty())
    return wished_rows{};
  row->settings = engine::to_json(settings);
  wished_rows out;
  out.note.action = "channel.updated";
  out.note.details = engine::to_json(json::object{{"key", row->key}});
  out.rows.emplace_back(std::move(*row));
  return out;
}

result<wished_rows> removed_channel(const messages::definition_change& wish,
                                    const definitions_options& options) {
  auto row = row_named(wish, options);
  if (!row)
    return row.failure();
  if (row->key == capture_channel)
    return engine::error{engine::errc::conflict,
                         "channel_built_in",
                         "every workspace has this channel",
                         {}};
  const auto known = options.catalog->get();
  wished_rows out;
  out.in_use = users_of_channel(known->workspaces.at(wish.workspace), row->key);
  if (!out.in_use.empty())
    return out;
  row->status = definition_status::archived;
  out.note.action = "channel.deleted";
  out.note.details = engine::to_json(json::object{{"key", row->key}});
  out.shown = {{"key", row->key}, {"deleted", true}};
  out.rows.emplace_back(std::move(*row));
  return out;
}

} // namespace troupe::actors
