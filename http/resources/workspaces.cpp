#include "http/resources/workspaces.hpp"

#include "engine/retention.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

#include <map>

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::scope;

json::object view_of(const messages::workspace_catalog& of) {
  json::object out{
    {"id", of.text_id},
    {"name", of.name},
    {"kind", engine::word_of(engine::workspace_kind_names, of.kind)},
    {"created_at", nullptr},
    {"rate_limits", "none"},
    {"retention_days", engine::retention_days_default},
    {"catalog", "open"},
    {"naming", "lint"},
    {"pii", "lint"},
    {"sessions", {{"of", "browser"}, {"gap", "30m"}}},
    {"timezone", "UTC"},
    {"idempotency", "per_door"}};
  if (of.created_at != engine::timestamp{})
    out["created_at"] = engine::to_iso8601(of.created_at);
  for (const auto& item : of.settings)
    out[item.key()] = item.value();
  return out;
}

void create_workspace(const api_context& with, visit now) {
  if (auto wish = read_wish(now, kind::workspace))
    change(with, std::move(now), std::move(*wish), 201);
}

void list_workspaces(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::workspaces);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  std::map<std::uint64_t, const messages::workspace_catalog*> all;
  for (const auto& [id, each] : known->workspaces)
    all[engine::number(id)] = &each;
  now.respond(
    json_response(page_of(with, now, list_kind::workspaces, *page, all,
                          [](const messages::workspace_catalog* each) {
                            return view_of(*each);
                          })));
}

// A key sees its own workspace; another's id is as unknown as a made-up one.
bool is_own(const api_context& with, const visit& now) {
  return now.route.parameter("id") == with.tenant_of(now.who.workspace);
}

void show_workspace(const api_context& with, visit now) {
  if (!is_own(with, now))
    return now.refuse(no_such("workspace"));
  const auto known = with.catalog->get();
  now.respond(json_response(view_of(known->workspaces.at(now.who.workspace))));
}

void change_workspace(const api_context& with, visit now) {
  if (!is_own(with, now))
    return now.refuse(no_such("workspace"));
  auto wish = read_wish(now, kind::settings);
  if (!wish)
    return;
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(*wish), 200,
         [catalog = with.catalog, workspace](json::object) {
           return view_of(catalog->get()->workspaces.at(workspace));
         });
}

} // namespace

std::vector<api_route> workspace_routes() {
  return {{"POST", "/v1/workspaces", scope::admin, create_workspace},
          {"GET", "/v1/workspaces", scope::admin, list_workspaces},
          {"GET", "/v1/workspaces/{id}", scope::manage, show_workspace},
          {"PATCH", "/v1/workspaces/{id}", scope::manage, change_workspace}};
}

} // namespace troupe::http
