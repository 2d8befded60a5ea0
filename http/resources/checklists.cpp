#include "http/resources/definitions.hpp"
#include "http/resources/named_definitions.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::checklist_entry;
using messages::scope;

json::object view_of(const checklist_entry& of) {
  json::array steps;
  for (const auto& step : of.steps)
    steps.emplace_back(step);
  return {{"id", of.text_id},
          {"key", of.key},
          {"name", of.name.empty() ? json::value() : json::value(of.name)},
          {"steps", std::move(steps)},
          {"created_at", time_or_null(of.created_at)},
          {"updated_at", time_or_null(of.updated_at)}};
}

void create(const api_context& with, visit now) {
  auto wish = read_wish(now, kind::checklist);
  if (!wish)
    return;
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(*wish), 201,
         [catalog = with.catalog, workspace](json::object shown) {
           const auto known = catalog->get();
           const auto* entry
             = messages::find_named(known->workspaces.at(workspace).checklists,
                                    shown.at("id").get_string());
           return entry == nullptr ? shown : view_of(*entry);
         });
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::checklists);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  now.respond(
    json_response(page_of(with, now, list_kind::checklists, *page,
                          known->workspaces.at(now.who.workspace).checklists,
                          [](const checklist_entry& each) {
                            return view_of(each);
                          })));
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry
    = messages::find_named(known->workspaces.at(now.who.workspace).checklists,
                           now.route.parameter("key"));
  if (entry == nullptr)
    return now.refuse(no_such("checklist"));
  now.respond(json_response(view_of(*entry)));
}

void remove(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry
    = messages::find_named(known->workspaces.at(now.who.workspace).checklists,
                           now.route.parameter("key"));
  if (entry == nullptr)
    return now.refuse(no_such("checklist"));
  auto wish = wish_of(now, kind::removed_checklist);
  wish.target = entry->key;
  auto last = view_of(*entry);
  change(with, std::move(now), std::move(wish), 200,
         [last = std::move(last)](const json::object&) {
           return last;
         });
}

} // namespace

std::vector<api_route> checklist_routes() {
  return {{"POST", "/v1/checklists", scope::manage, create},
          {"GET", "/v1/checklists", scope::manage, list},
          {"GET", "/v1/checklists/{key}", scope::manage, show},
          {"DELETE", "/v1/checklists/{key}", scope::manage, remove}};
}

} // namespace troupe::http
