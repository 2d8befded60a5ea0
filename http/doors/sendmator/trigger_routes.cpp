// Triggers: what they came to, and calling one off.
#include "http/doors/sendmator/send_body.hpp"
#include "http/doors/sendmator/sendmator_door.hpp"
#include "http/doors/sendmator/trigger_id.hpp"
#include "http/doors/sendmator/trigger_views.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

#include <functional>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::execution_status;
using messages::scope;
using place = engine::trigger_name::kind;

engine::error no_trigger() {
  return not_found("Trigger not found");
}

std::optional<execution_status> status_named(std::string_view word) {
  for (const auto each : {execution_status::processing, execution_status::sent,
                          execution_status::failed, execution_status::filtered})
    if (name_of(each) == word)
      return each;
  return std::nullopt;
}

engine::inbox_id id_of(const api_context& with, engine::workspace_id workspace,
                       const engine::trigger_name& name) {
  return with.ids->trigger(workspace, name);
}

using show
  = std::function<json::object(const trigger_shown&, const view_context&)>;

// Looks the trigger of the path up and answers with a view of it.
void look_up(const api_context& with, visit now,
             messages::trigger_search search, show view) {
  const auto workspace = now.who.workspace;
  const auto name
    = with.ids->parse_trigger(workspace, now.route.parameter("id"));
  if (!name)
    return now.refuse(no_trigger());
  auto id = engine::uuid_of(id_of(with, workspace, *name));
  const auto known = with.catalog->get();
  if (name->what == place::nobody) {
    const view_context about{*with.ids, known->workspaces.at(workspace)};
    return now.respond(
      json_response(view(shown_of_nobody(std::move(id), name->at), about)));
  }
  search.workspace = workspace;
  if (name->what == place::turn)
    search.turn = engine::position{name->number};
  else
    search.stored = id_of(with, workspace, *name);
  auto slot = slot_for<messages::trigger_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids, known, workspace,
     id = std::move(id),
     view = std::move(view)](const messages::trigger_found& found) {
      if (found.failure)
        return answer.refuse(found.failure->code == engine::errc::not_found
                               ? no_trigger()
                               : *found.failure);
      const view_context about{*ids, known->workspaces.at(workspace)};
      answer.respond(json_response(view(shown_of(id, found, about), about)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void show_trigger(const api_context& with, visit now) {
  look_up(with, std::move(now), {},
          [](const trigger_shown& what, const view_context&) {
            return summary_view(what);
          });
}

void show_details(const api_context& with, visit now) {
  constexpr std::size_t looked_at_max = 100; // contacts, for their reasons
  messages::trigger_search search;
  search.of = execution_status::filtered;
  search.limit = looked_at_max;
  look_up(with, std::move(now), std::move(search), details_view);
}

json::object page_of_jobs(const trigger_shown& what, const page_request& page,
                          const cursor_codec& cursors,
                          engine::workspace_id workspace) {
  json::array data;
  std::string next;
  list_place last;
  for (const auto& job : what.jobs) {
    // In a list of contacts the store has seen to place and status.
    const auto is_of_many = what.of != nullptr && !what.of->contacts.empty();
    const list_place here{job.place.first,
                          job.place.second + (is_of_many ? 0 : 1)};
    if (!is_of_many
        && (here <= page.after
            || (!page.filter.empty() && page.filter != name_of(job.status))))
      continue;
    if (data.size() == page.limit) {
      next = cursors.encode(list_kind::triggered, workspace, last);
      break;
    }
    last = here;
    data.push_back(job.view);
  }
  if (what.of != nullptr && what.of->has_more)
    next = cursors.encode(list_kind::triggered, workspace, last);
  auto out = page_of(std::move(data), next);
  out["trigger_id"] = what.id;
  return out;
}

void show_jobs(const api_context& with, visit now) {
  auto page = read_page(with, now, list_kind::triggered, "status");
  if (!page)
    return now.refuse(page.failure());
  messages::trigger_search search;
  if (!page->filter.empty()) {
    search.of = status_named(page->filter);
    if (!search.of)
      return now.refuse(bad("status is processing, sent, failed or filtered"));
  }
  search.after = engine::contact_id{page->after.first};
  search.limit = page->limit;
  const auto workspace = now.who.workspace;
  look_up(with, std::move(now), std::move(search),
          [page = std::move(*page), cursors = with.cursors,
           workspace](const trigger_shown& what, const view_context&) {
            return page_of_jobs(what, page, *cursors, workspace);
          });
}

engine::error not_scheduled() {
  return {engine::errc::conflict,
          "trigger_not_scheduled",
          "Trigger is not scheduled any more and cannot be cancelled",
          {}};
}

// Only what has not begun (S23).
void cancel(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  const auto name
    = with.ids->parse_trigger(workspace, now.route.parameter("id"));
  if (!name)
    return now.refuse(no_trigger());
  if (name->what != place::stored)
    return now.refuse(not_scheduled());
  const auto id = id_of(with, workspace, *name);
  messages::trigger_wish wish;
  wish.row.id = id;
  wish.row.workspace = workspace;
  wish.row.status = engine::trigger_status::cancelled;
  wish.row.ended_at = with.now_in(workspace);
  auto stored = slot_for<messages::trigger_kept>(
    [answer
     = pending_answer{std::move(now)}](const messages::trigger_kept& kept) {
      if (kept.failure)
        return answer.refuse(*kept.failure);
      if (kept.row.status == engine::trigger_status::cancelled
          && !kept.row.changed && kept.row.created_at == engine::timestamp{})
        return answer.refuse(no_trigger());
      if (!kept.row.changed)
        return answer.refuse(not_scheduled());
      answer.respond(
        json_response(json::object{{"success", true},
                                   {"trigger_id", engine::uuid_of(kept.row.id)},
                                   {"status", "cancelled"}}));
    });
  caf::anon_send(with.gateway, atom::store_atom::value, std::move(wish),
                 std::move(stored));
}

} // namespace

std::vector<api_route> trigger_routes() {
  const auto row = [](std::string_view method, std::string_view path,
                      scope needed, auto serve) {
    return api_route{method,          path,           needed,   serve,
                     body_rule::json, body_bytes_max, spoken_by};
  };
  return {
    row("GET", "/api/v1/triggers/{id}", scope::events_read, show_trigger),
    row("GET", "/api/v1/triggers/{id}/workflow", scope::events_read,
        show_details),
    row("GET", "/api/v1/triggers/{id}/jobs", scope::events_read, show_jobs),
    row("DELETE", "/api/v1/triggers/{id}", scope::events_write, cancel)};
}

} // namespace troupe::http::sendmator
