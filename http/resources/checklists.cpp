#include "http/resources/named_definitions.hpp"
#include "http/resources/named_entries.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::checklist_entry;
using messages::scope;

constexpr auto here = &messages::workspace_catalog::checklists;

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
  create_entry(with, std::move(now), kind::checklist, here, view_of);
}

void list(const api_context& with, visit now) {
  list_entries(with, std::move(now), list_kind::checklists, here, view_of);
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of_path(*known, now, here);
  if (entry == nullptr)
    return now.refuse(no_such("checklist"));
  now.respond(json_response(view_of(*entry)));
}

void remove(const api_context& with, visit now) {
  remove_entry(with, std::move(now), kind::removed_checklist, here, "checklist",
               view_of);
}

} // namespace

std::vector<api_route> checklist_routes() {
  return {{"POST", "/v1/checklists", scope::manage, create},
          {"GET", "/v1/checklists", scope::manage, list},
          {"GET", "/v1/checklists/{key}", scope::manage, show},
          {"DELETE", "/v1/checklists/{key}", scope::manage, remove}};
}

} // namespace troupe::http
