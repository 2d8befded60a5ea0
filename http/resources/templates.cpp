#include "http/resources/templates.hpp"

#include "http/resources/named_entries.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::scope;
using messages::template_entry;

constexpr auto here = &messages::workspace_catalog::templates;

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

void create(const api_context& with, visit now) {
  create_entry(with, std::move(now), kind::message_template, here,
               whole_view_of);
}

void list(const api_context& with, visit now) {
  list_entries(with, std::move(now), list_kind::templates, here, view_of);
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of_path(*known, now, here);
  if (entry == nullptr)
    return now.refuse(no_such("template"));
  now.respond(json_response(whole_view_of(*entry)));
}

void archive(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::archived_message_template);
  wish.target = now.route.parameter("key");
  const auto workspace = now.who.workspace;
  auto view = view_after(with, workspace, here, wish.target, whole_view_of);
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
