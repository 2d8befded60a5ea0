#include "http/resources/contacts.hpp"

#include "http/resources/contact_reference.hpp"
#include "http/resources/contact_statistics.hpp"
#include "http/resources/contact_views.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using messages::scope;

// Asks for a contact with some of its turns; `view` makes the answer.
template <class View>
void with_contact(const api_context& with, visit now,
                  messages::timeline_search what, View view) {
  const auto workspace = now.who.workspace;
  auto reference
    = read_reference(now.route.parameter("ref"), workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  what.contact = std::move(*reference);
  auto slot = slot_for<messages::contact_shown>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     catalog = with.catalog->get(), workspace,
     view = std::move(view)](messages::contact_shown shown) {
      if (shown.failure)
        return answer.refuse(*shown.failure);
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      answer.respond(json_response(view(shown, about)));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(what),
                 std::move(slot));
}

void show_contact(const api_context& with, visit now) {
  messages::timeline_search what;
  what.limit = 0;
  with_contact(with, std::move(now), std::move(what), contact_view);
}

list_place place_of_run(const boost::json::value& run,
                        engine::workspace_id workspace,
                        const engine::id_text& ids) {
  const auto at = ids.parse_position(
    "run_", workspace, std::string_view{run.at("id").as_string()});
  return {engine::number(at->turn), at->ordinal};
}

void list_runs(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::runs);
  if (!page)
    return now.refuse(page.failure());
  messages::timeline_search what;
  what.runs_only = true;
  const auto workspace = now.who.workspace;
  with_contact(
    with, std::move(now), std::move(what),
    [page = *page, workspace, cursors = with.cursors](
      const messages::contact_shown& shown, const view_context& about) {
      boost::json::array data;
      list_place last;
      for (auto& run : runs_view(shown, about)) {
        const auto place = place_of_run(run, workspace, about.ids);
        if (page.after.first != 0 && place >= page.after)
          continue;
        if (data.size() == page.limit)
          return page_of(std::move(data),
                         cursors->encode(list_kind::runs, workspace, last));
        last = place;
        data.push_back(std::move(run));
      }
      return page_of(std::move(data), {});
    });
}

void show_timeline(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::timeline);
  if (!page)
    return now.refuse(page.failure());
  messages::timeline_search what;
  what.before = engine::position{page->after.first};
  what.limit = page->limit;
  const auto workspace = now.who.workspace;
  with_contact(
    with, std::move(now), std::move(what),
    [workspace, cursors = with.cursors](const messages::contact_shown& shown,
                                        const view_context& about) {
      const auto next = shown.has_more ? cursors->encode(
                          list_kind::timeline, workspace,
                          {engine::number(shown.turns.back().stamp.turn), 0})
                                       : std::string{};
      return page_of(timeline_view(shown, about), next);
    });
}

void show_statistics(const api_context& with, visit now) {
  auto reference
    = read_reference(now.route.parameter("ref"), now.who.workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  messages::event_search search;
  search.contact = std::move(*reference);
  search.since = with.now_in(now.who.workspace) - events_shown;
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
