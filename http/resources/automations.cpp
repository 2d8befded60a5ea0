#include "http/resources/automations.hpp"

#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"
#include "messages/automations.hpp"

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::automation;
using kind = messages::definition_change::kind;
using messages::scope;
using messages::workspace_catalog;

json::object all_settings(const workspace_catalog& of, const automation& what) {
  const auto* entry = messages::find_automation(of, what.key);
  auto settled = engine::settle(
    what, entry == nullptr ? json::object{} : entry->settings, {}, {});
  // What was given once may be out of the bounds of a later Troupe.
  return settled ? std::move(*settled) : *engine::settle(what, {}, {}, {});
}

json::object settings_view(const automation& what, const json::object& values) {
  json::object view;
  for (const auto& each : what.document.at("settings").as_object()) {
    auto one = each.value().as_object();
    one["value"] = values.at(each.key());
    view[each.key()] = std::move(one);
  }
  return view;
}

bool has_channel(const workspace_catalog& of, std::string_view key) {
  return std::any_of(
    of.endpoints.begin(), of.endpoints.end(), [key](const auto& each) {
      const auto& entry = each.second;
      return !entry.is_webhook && entry.key == key
             && entry.state != messages::endpoint_state::archived;
    });
}

// Channels that have to be made first.
json::array missing_of(const workspace_catalog& of, const automation& what,
                       const json::object& settings) {
  json::array missing;
  for (const auto& each : engine::things_named(what, settings, "channel"))
    if (!has_channel(of, each.key))
      missing.push_back({{"setting", each.setting},
                         {"channel", each.key},
                         {"type", each.channel_type}});
  return missing;
}

json::object view_of(const workspace_catalog& of, const automation& what) {
  const auto settings = all_settings(of, what);
  json::array sequences;
  for (const auto& each : what.document.at("sequences").as_array())
    sequences.push_back(each.at("key"));
  json::array segments;
  for (const auto& each : what.document.at("segments").as_array())
    segments.push_back(each.at("key"));
  json::array templates;
  for (const auto& each : engine::things_named(what, settings, "template"))
    templates.emplace_back(each.key);
  const auto* entry = messages::find_automation(of, what.key);
  return {{"key", what.key},
          {"name", what.document.at("name")},
          {"description", what.document.at("description")},
          {"event", what.document.at("event")},
          {"enabled", messages::is_enabled(of, what)},
          {"settings", settings_view(what, settings)},
          {"sequences", std::move(sequences)},
          {"templates", std::move(templates)},
          {"segments", std::move(segments)},
          {"missing", missing_of(of, what, settings)},
          {"updated_at",
           entry == nullptr ? json::value{} : time_or_null(entry->updated_at)}};
}

void list(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  json::array data;
  for (const auto& each : engine::automations())
    data.push_back(view_of(known->workspaces.at(now.who.workspace), each));
  now.respond(json_response(page_of(std::move(data), {})));
}

void show(const api_context& with, visit now) {
  const auto* what = engine::find_automation(now.route.parameter("key"));
  if (what == nullptr)
    return now.refuse(no_such("automation"));
  const auto known = with.catalog->get();
  now.respond(
    json_response(view_of(known->workspaces.at(now.who.workspace), *what)));
}

void change_to(const api_context& with, visit now,
               messages::definition_change wish) {
  const auto workspace = now.who.workspace;
  wish.target = now.route.parameter("key");
  change(with, std::move(now), std::move(wish), 200,
         [catalog = with.catalog, workspace,
          key = wish.target](const json::object& shown) {
           const auto* what = engine::find_automation(key);
           const auto known = catalog->get();
           return what == nullptr
                    ? shown
                    : view_of(known->workspaces.at(workspace), *what);
         });
}

void enable(const api_context& with, visit now) {
  // No body is no settings.
  if (now.what.body.empty()) {
    auto wish = wish_of(now, kind::enabled_automation);
    wish.body = json::object{};
    return change_to(with, std::move(now), std::move(wish));
  }
  if (auto wish = read_wish(now, kind::enabled_automation))
    change_to(with, std::move(now), std::move(*wish));
}

void disable(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::disabled_automation);
  change_to(with, std::move(now), std::move(wish));
}

} // namespace

std::vector<api_route> automation_routes() {
  return {{"GET", "/v1/automations", scope::manage, list},
          {"GET", "/v1/automations/{key}", scope::manage, show},
          {"POST", "/v1/automations/{key}/enable", scope::manage, enable,
           body_rule::json, 64 * 1024},
          {"POST", "/v1/automations/{key}/disable", scope::manage, disable}};
}

} // namespace troupe::http
