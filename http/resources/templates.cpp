#include "http/resources/templates.hpp"

#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::scope;
using messages::template_entry;

json::object view_of(const template_entry& of) {
  return {{"id", of.text_id},
          {"key", of.key},
          {"channel", of.channel},
          {"status", of.archived ? "archived" : "active"},
          {"version", of.versions.back().number},
          {"created_at", time_or_null(of.created_at)},
          {"updated_at", time_or_null(of.updated_at)}};
}

json::object whole_view_of(const template_entry& of) {
  auto view = view_of(of);
  for (const auto& part : of.parts)
    view[part.key()] = part.value();
  json::array versions;
  for (const auto& each : of.versions)
    versions.push_back({{"version", each.number},
                        {"created_at", time_or_null(each.created_at)}});
  view["versions"] = std::move(versions);
  return view;
}

/// What was changed, as it is then.
std::function<json::object(json::object)>
view_after(const api_context& with, engine::workspace_id workspace,
           std::string name) {
  return [catalog = with.catalog, workspace,
          name = std::move(name)](json::object shown) {
    const auto known = catalog->get();
    const auto* id = shown.if_contains("id");
    const auto* entry = messages::find_template(
      known->workspaces.at(workspace),
      id != nullptr ? std::string_view{id->get_string()} : name);
    return entry == nullptr ? shown : whole_view_of(*entry);
  };
}

void create(const api_context& with, visit now) {
  auto wish = read_wish(now, kind::message_template);
  if (!wish)
    return;
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(*wish), 201,
         view_after(with, workspace, {}));
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::templates);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  now.respond(
    json_response(page_of(with, now, list_kind::templates, *page,
                          known->workspaces.at(now.who.workspace).templates,
                          [](const template_entry& each) {
                            return view_of(each);
                          })));
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = messages::find_template(
    known->workspaces.at(now.who.workspace), now.route.parameter("key"));
  if (entry == nullptr)
    return now.refuse(no_such("template"));
  now.respond(json_response(whole_view_of(*entry)));
}

void archive(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::archived_message_template);
  wish.target = now.route.parameter("key");
  const auto workspace = now.who.workspace;
  auto view = view_after(with, workspace, wish.target);
  change(with, std::move(now), std::move(wish), 200, std::move(view));
}

} // namespace

std::vector<api_route> template_routes() {
  return {
    {"POST", "/v1/templates", scope::manage, create},
    {"GET", "/v1/templates", scope::manage, list},
    {"GET", "/v1/templates/{key}", scope::manage, show},
    {"POST", "/v1/templates/{key}/archive", scope::manage, archive},
    {"POST", "/v1/templates/preview", scope::events_read, preview_template}};
}

} // namespace troupe::http
