#include "http/resources/executions.hpp"

#include "http/resources/event_list.hpp"
#include "http/resources/execution_views.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::execution_status;
using messages::scope;

bool is_status(std::string_view word) {
  for (const auto each : {execution_status::processing, execution_status::sent,
                          execution_status::failed, execution_status::filtered})
    if (name_of(each) == word)
      return true;
  return false;
}

json::object page_of_executions(const std::vector<execution_shown>& all,
                                const page_request& page,
                                const cursor_codec& cursors,
                                engine::workspace_id workspace) {
  json::array data;
  std::string next;
  list_place last;
  for (const auto& each : all) {
    const list_place place{each.place.first, each.place.second + 1};
    if (place <= page.after
        || (!page.filter.empty() && page.filter != name_of(each.status)))
      continue;
    if (data.size() == page.limit) {
      next = cursors.encode(list_kind::executions, workspace, last);
      break;
    }
    last = place;
    data.push_back(each.view);
  }
  return page_of(std::move(data), next);
}

void show_executions(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  std::string id{now.route.parameter("id")};
  const auto at = with.ids->parse_position("evt_", workspace, id);
  if (!at || at->ordinal != 0)
    return now.refuse(no_such("event"));
  auto page = read_page(with, now, list_kind::executions, "status");
  if (!page)
    return now.refuse(page.failure());
  if (!page->filter.empty() && !is_status(page->filter))
    return now.refuse(engine::invalid(
      "query_parameter_invalid",
      "`status` is processing, sent, failed or filtered", "/status"));
  messages::decision_search search;
  search.contact.workspace = workspace;
  search.event = at->turn;
  search.with_executions = true;
  auto slot = slot_for<messages::decision_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     known = with.catalog->get(), workspace, id = std::move(id),
     page = std::move(*page),
     cursors = with.cursors](const messages::decision_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const view_context about{*ids, known->workspaces.at(workspace)};
      const auto all = executions_of(found, about);
      auto out = page_of_executions(all, page, *cursors, workspace);
      out["event"] = id;
      for (auto& each : summary_of(found, all))
        out[each.key()] = each.value();
      answer.respond(json_response(out));
    });
  caf::anon_send(with.gateway, atom::explain_atom::value, std::move(search),
                 std::move(slot));
}

} // namespace

std::vector<api_route> execution_routes() {
  return {
    {"GET", "/v1/events/{id}/executions", scope::events_read, show_executions}};
}

} // namespace troupe::http
