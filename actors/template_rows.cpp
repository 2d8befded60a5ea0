// Wishes about templates.
#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "actors/dependants.hpp"
#include "engine/json_text.hpp"
#include "engine/message_template.hpp"

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::result;

// A workspace's templates are compiled and held in memory.
constexpr std::size_t templates_max = 1000;

error conflict(std::string name, std::string message) {
  return {errc::conflict, std::move(name), std::move(message), "/key"};
}

engine::status check_key(const messages::workspace_catalog& of,
                         const std::string& key) {
  const auto* known = messages::find_template(of, key);
  if (known == nullptr && of.templates.size() >= templates_max)
    return conflict("templates_limit",
                    "a workspace has at most 1,000 templates");
  if (known != nullptr && known->archived)
    return conflict("template_archived",
                    "this template is archived; use another key");
  return engine::success();
}

} // namespace

std::set<std::string> templates_of(const definitions_options& options,
                                   engine::workspace_id workspace) {
  std::set<std::string> keys;
  const auto known = options.catalog->get();
  for (const auto& [id, each] : known->workspaces.at(workspace).templates)
    if (!each.archived)
      keys.insert(each.key);
  return keys;
}

result<wished_rows> new_template(const messages::definition_change& wish,
                                 const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(
        from, {"key", "channel", "subject", "html", "text", "body"});
      !good)
    return good.failure();
  const auto key = text_member(from, "key", 64);
  if (!key)
    return key.failure();
  const auto channel = text_member(from, "channel", 64);
  if (!channel)
    return channel.failure();
  if (auto made = engine::message_template::compile(from, {}); !made)
    return made.failure();
  const auto known = options.catalog->get();
  if (auto good = check_key(known->workspaces.at(wish.workspace), *key); !good)
    return good.failure();
  json::object parts;
  for (const auto name : engine::message_parts)
    if (const auto* part = from.if_contains(name))
      parts[name] = *part;
  persistence::template_row row;
  row.text_id = options.make_id("tpl_");
  row.workspace = wish.workspace;
  row.key = *key;
  row.channel = *channel;
  row.parts = engine::to_json(parts);
  row.created_at = now_in(wish.workspace, options);
  row.updated_at = row.created_at;
  wished_rows out;
  out.note.action = "template.saved";
  out.note.details = told(from, {"key", "channel"});
  out.rows.emplace_back(std::move(row));
  return out;
}

result<wished_rows> archived_template(const messages::definition_change& wish,
                                      const definitions_options& options) {
  const auto known = options.catalog->get();
  const auto& of = known->workspaces.at(wish.workspace);
  const auto* entry = messages::find_template(of, wish.target);
  if (entry == nullptr)
    return error{
      errc::not_found, "template_not_found", "there is no such template", {}};
  wished_rows out;
  if (entry->archived)
    return out;
  out.in_use = users_of_template(of, entry->key);
  if (!out.in_use.empty())
    return out;
  persistence::template_row row;
  row.text_id = entry->text_id;
  row.workspace = wish.workspace;
  row.key = entry->key;
  row.channel = entry->channel;
  row.archived = true;
  row.version = entry->versions.back().number;
  row.created_at = entry->created_at;
  row.updated_at = now_in(wish.workspace, options);
  out.note.action = "template.archived";
  out.note.details = engine::to_json(json::object{{"key", entry->key}});
  out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace troupe::actors
