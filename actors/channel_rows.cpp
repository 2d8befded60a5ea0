// Wishes about channels.
#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "actors/dependants.hpp"
#include "actors/mail_channel.hpp"
#include "engine/json_text.hpp"
#include "engine/nudge.hpp"
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
         && persistence::is_channel(row.kind);
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

std::optional<destination_kind> kind_of(std::string_view type) {
  if (type == "smtp")
    return destination_kind::smtp;
  if (type == "http")
    return destination_kind::http;
  if (type == "capture")
    return destination_kind::capture;
  if (type == "nudge")
    return destination_kind::nudge;
  return std::nullopt;
}

// How long nudges stay, when their `send` does not say.
result<mail_channel> set_up_nudges(mail_channel now,
                                   const json::object& given) {
  const auto* life = given.if_contains("expires_in");
  if (life == nullptr)
    return now;
  const auto span = life->is_string()
                      ? engine::parse_duration(life->get_string())
                      : std::nullopt;
  if (!life->is_null()
      && (!span || *span <= engine::duration{0}
          || *span > engine::nudge_life_max))
    return invalid("field_invalid",
                   "`expires_in` is a duration of more than 0 and at most "
                   "\"365d\"; null is 30 days again",
                   "/expires_in");
  if (life->is_null())
    now.settings.erase("expires_in");
  else
    now.settings["expires_in"] = *life;
  return now;
}

// What is given in the place of what is there.
result<mail_channel> set_up(destination_kind kind, mail_channel now,
                            const json::object& given,
                            const definitions_options& options) {
  if (kind == destination_kind::smtp)
    return changed(std::move(now), given, options);
  if (kind == destination_kind::capture)
    return now;
  if (kind == destination_kind::nudge)
    return set_up_nudges(std::move(now), given);
  if (given.contains("url") || !now.settings.contains("url"))
    if (auto good = check_url(given, options); !good)
      return good.failure();
  if (auto good = take(now.settings, given); !good)
    return good.failure();
  return now;
}

engine::status check_changes(destination_kind kind, const json::object& given) {
  if (kind == destination_kind::capture)
    return check_members(given, {});
  if (kind == destination_kind::nudge)
    return check_members(given, {"expires_in"});
  if (kind == destination_kind::http)
    return check_members(given, {"url", "method", "headers", "body"});
  for (const auto name : {"key", "type"})
    if (given.contains(name))
      return invalid("field_unknown", "a channel keeps its key and its type",
                     "/" + std::string{name});
  return engine::success();
}

} // namespace

std::set<std::string> channels_of(const definitions_options& options,
                                  engine::workspace_id workspace) {
  std::set<std::string> keys{std::string{capture_channel}};
  const auto table = options.destinations->get();
  for (const auto& entry : table->entries)
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
  const auto kind = kind_of(*type);
  if (!kind)
    return invalid("field_type_mismatch",
                   "`type` is \"smtp\", \"http\", \"nudge\" or \"capture\"",
                   "/type");
  if (channels_of(options, wish.workspace).contains(*key))
    return engine::error{engine::errc::conflict, "channel_exists",
                         "there is a channel with this key", "/key"};
  auto made = set_up(*kind, {}, from, options);
  if (!made)
    return made.failure();
  auto& settings = made->settings;
  persistence::destination_row row;
  row.text_id = options.make_id("cha_");
  row.workspace = wish.workspace;
  row.kind = *kind;
  row.key = *key;
  row.status = definition_status::active;
  row.settings = engine::to_json(settings);
  row.secret = std::move(made->password);
  row.created_at = now_in(wish.workspace, options);
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
  if (auto good = check_changes(row->kind, from); !good)
    return good.failure();
  json::error_code failure;
  auto settings = json::parse(row->settings, failure);
  if (!settings.is_object())
    settings.emplace_object();
  auto made = set_up(row->kind,
                     {std::move(settings.get_object()), std::move(row->secret)},
                     from, options);
  if (!made)
    return made.failure();
  if (from.empty())
    return wished_rows{};
  row->settings = engine::to_json(made->settings);
  row->secret = std::move(made->password);
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
