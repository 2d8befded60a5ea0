#include "http/resources/explain.hpp"

#include "http/resources/contact_reference.hpp"
#include "http/resources/explain_views.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using messages::scope;

struct asked {
  engine::position event{}; // 0: the newest
  bool repeat = false;
};

engine::result<asked> read_asked(const api_context& with, const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  asked out;
  for (const auto& [name, value] : query->all()) {
    if (name == "event") {
      const auto at
        = with.ids->parse_position("evt_", now.who.workspace, value);
      if (!at || at->ordinal != 0)
        return no_such("event");
      out.event = at->turn;
    } else if (name == "repeat") {
      if (value != "true" && value != "false")
        return engine::invalid("query_parameter_invalid",
                               "`repeat` is true or false", "/repeat");
      out.repeat = value == "true";
    } else {
      return unknown_parameter(name, "event and repeat");
    }
  }
  if (out.repeat && out.event == engine::position{})
    return engine::invalid("query_parameter_invalid",
                           "`repeat` needs the `event` that was repeated",
                           "/repeat");
  return out;
}

// Asks what was decided; `view` answers.
template <class View>
void with_decision(const api_context& with, visit now,
                   messages::decision_search search, View view) {
  search.contact.workspace = now.who.workspace;
  auto slot = slot_for<messages::decision_found>(
    [answer = pending_answer{std::move(now)},
     view = std::move(view)](const messages::decision_found& found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else
        view(answer, found);
    });
  caf::anon_send(with.gateway, atom::explain_atom::value, std::move(search),
                 std::move(slot));
}

void explain_sequence(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  auto contact
    = read_reference(now.route.parameter("ref"), workspace, *with.ids);
  if (!contact)
    return now.refuse(contact.failure());
  const auto wish = read_asked(with, now);
  if (!wish)
    return now.refuse(wish.failure());
  const auto known = with.catalog->get();
  const auto* sequence = messages::find_sequence(
    known->workspaces.at(workspace), now.route.parameter("key"));
  if (sequence == nullptr)
    return now.refuse(no_such("sequence"));
  with_decision(
    with, std::move(now), {std::move(*contact), wish->event},
    [ids = with.ids, known, workspace, sequence, repeat = wish->repeat](
      const pending_answer& answer, const messages::decision_found& found) {
      const auto* came = found.turn ? &*found.turn : nullptr;
      if (repeat && !came->key)
        return answer.refuse(engine::invalid(
          "query_parameter_invalid",
          "the event came without an idempotency key: it has no repeats",
          "/repeat"));
      const auto about = repeat
                           ? engine::explain_repeat(*came)
                           : engine::explain(known_sequence_of(*sequence), came,
                                             found.before, found.after);
      answer.respond(json_response(
        explanation_view(about, came, *sequence, workspace,
                         {*ids, known->workspaces.at(workspace)})));
    });
}

// Sequences first, then endpoints, each by number.
enum part : std::uint64_t { sequences = 1, endpoints = 2 };

json::object page_of_explanations(const messages::decision_found& found,
                                  const view_context& about,
                                  const page_request& page,
                                  const cursor_codec& cursors) {
  const auto workspace = found.turn->workspace;
  json::array data;
  json::array webhooks;
  std::string next;
  list_place last;
  const auto is_full = [&] {
    if (data.size() + webhooks.size() < page.limit)
      return false;
    next = cursors.encode(list_kind::explanations, workspace, last);
    return true;
  };
  for (const auto& [id, each] : about.workspace.sequences) {
    const list_place place{engine::number(id), sequences};
    if (page.after.second == endpoints
        || (page.after.second == sequences && place.first <= page.after.first))
      continue;
    if (is_full())
      break;
    last = place;
    data.push_back(
      explanation_view(engine::explain(known_sequence_of(each), &*found.turn,
                                       found.before, found.after),
                       &*found.turn, each, workspace, about));
  }
  for (const auto& [id, each] : about.workspace.endpoints) {
    const list_place place{engine::number(id), endpoints};
    if (!each.is_webhook || each.state == messages::endpoint_state::archived
        || (page.after.second == endpoints && place.first <= page.after.first))
      continue;
    if (!next.empty() || is_full())
      break;
    last = place;
    webhooks.push_back(webhook_view(found, each, about));
  }
  auto out = page_of(std::move(data), next);
  out["webhooks"] = std::move(webhooks);
  return out;
}

void explain_event(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  const std::string id{now.route.parameter("id")};
  const auto at = with.ids->parse_position("evt_", workspace, id);
  if (!at || at->ordinal != 0)
    return now.refuse(no_such("event"));
  const auto page = read_page(with, now, list_kind::explanations);
  if (!page)
    return now.refuse(page.failure());
  with_decision(
    with, std::move(now), {{}, at->turn},
    [ids = with.ids, known = with.catalog->get(), workspace, id, page = *page,
     cursors = with.cursors](const pending_answer& answer,
                             const messages::decision_found& found) {
      const view_context about{*ids, known->workspaces.at(workspace)};
      auto out = page_of_explanations(found, about, page, *cursors);
      out["event"] = id;
      answer.respond(json_response(out));
    });
}

void trace_event(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  const auto at
    = with.ids->parse_position("evt_", workspace, now.route.parameter("id"));
  if (!at || at->ordinal != 0)
    return now.refuse(no_such("event"));
  auto slot = slot_for<messages::trace_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     known = with.catalog->get(),
     workspace](const messages::trace_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const view_context about{*ids, known->workspaces.at(workspace)};
      answer.respond(json_response(trace_view(found, about)));
    });
  caf::anon_send(with.gateway, atom::explain_atom::value,
                 messages::trace_search{workspace, at->turn}, std::move(slot));
}

} // namespace

std::vector<api_route> explain_routes() {
  return {{"GET", "/v1/contacts/{ref}/sequences/{key}/explain",
           scope::events_read, explain_sequence},
          {"GET", "/v1/events/{id}/explain", scope::events_read, explain_event},
          {"GET", "/v1/events/{id}/trace", scope::events_read, trace_event}};
}

} // namespace troupe::http
