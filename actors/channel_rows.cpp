// Wishes about channels.
#include "actors/definition_rows.hpp"
#include "engine/json_text.hpp"
#include "engine/template_text.hpp"

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using persistence::definition_status;
using persistence::destination_kind;

constexpr std::string_view capture_channel = "capture";

} // namespace

std::set<std::string> channels_of(const definitions_options& options,
                                  engine::workspace_id workspace) {
  std::set<std::string> keys{std::string{capture_channel}};
  for (const auto& entry : options.destinations->get()->entries)
    if (entry.row.workspace == workspace
        && entry.row.status != definition_status::archived
        && (entry.row.kind == destination_kind::http
            || entry.row.kind == destination_kind::capture))
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
    const auto url = text_member(from, "url", 2048);
    if (!url)
      return url.failure();
    if (auto allowed = options.check_url(*url); !allowed) {
      auto why = allowed.failure();
      why.pointer = "/url";
      return why;
    }
    for (const std::string_view name : {"url", "method", "headers", "body"})
      if (const auto* part = from.if_contains(name))
        settings[name] = *part;
    if (auto made = engine::template_json::compile(settings); !made)
      return made.failure();
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

} // namespace troupe::actors
