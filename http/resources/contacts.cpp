#include "http/resources/contacts.hpp"

#include "http/resources/contact_statistics.hpp"
#include "http/resources/contact_views.hpp"
#include "http/resources/event_list.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using messages::scope;

template <class View>
void with_contact(const api_context& with, visit now, View view) {
  const auto workspace = now.who.workspace;
  auto reference
    = read_reference(now.route.parameter("ref"), workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  auto slot = slot_for<messages::contact_shown>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     catalog = with.catalog->get(), workspace,
     view](messages::contact_shown shown) {
      if (shown.failure)
        return answer.refuse(*shown.failure);
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      answer.respond(json_response(view(shown, about)));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(*reference),
                 std::move(slot));
}

void show_contact(const api_context& with, visit now) {
  with_contact(with, std::move(now), contact_view);
}

void list_runs(const api_context& with, visit now) {
  with_contact(with, std::move(now), runs_view);
}

void show_timeline(const api_context& with, visit now) {
  with_contact(with, std::move(now), timeline_view);
}

void show_statistics(const api_context& with, visit now) {
  auto reference
    = read_reference(now.route.parameter("ref"), now.who.workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  messages::event_search search;
  search.contact = std::move(*reference);
  search.since = with.clock() - events_shown;
  search.limit = counted_events_max;
  auto slot = slot_for<messages::events_found>(
    [answer = pending_answer{std::move(now)}](messages::events_found found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else if (found.no_such_contact)
        answer.refuse(no_such("contact"));
      else
        answer.respond(json_response(statistics_of(found)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

} // namespace

std::vector<api_route> contact_routes() {
  return {
    {"GET", "/v1/contacts/{ref}/stats", scope::events_read, show_statistics},
    {"GET", "/v1/contacts/{ref}", scope::events_read, show_contact},
    {"GET", "/v1/contacts/{ref}/runs", scope::events_read, list_runs},
    {"GET", "/v1/contacts/{ref}/timeline", scope::events_read, show_timeline}};
}

} // namespace troupe::http
