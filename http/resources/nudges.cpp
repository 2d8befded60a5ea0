#include "http/resources/nudges.hpp"

#include "engine/access.hpp"
#include "engine/json_text.hpp"
#include "engine/unicode.hpp"
#include "http/doors/house_rules.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/json_body.hpp"
#include "http/resources/paging.hpp"
#include "messages/nudges.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::nudge_status;
using engine::result;
using messages::nudge_search;
using messages::nudges_found;
using messages::scope;

constexpr std::size_t limit_max = 100;
constexpr std::size_t action_bytes_max = 256;

/// What a view needs beside the nudge.
struct nudge_context {
  std::shared_ptr<const engine::id_text> ids;
  std::shared_ptr<const messages::catalog> catalog;
  engine::workspace_id workspace{};
};

nudge_context context_of(const api_context& with, const visit& now) {
  return {with.ids, with.catalog->get(), now.who.workspace};
}

void add(json::object& view, std::string_view name, const json::object& parts,
         std::string_view part) {
  if (const auto* found = parts.if_contains(part))
    view[name] = *found;
}

// `body` is a text to show, or data for the product, with where the nudge
// leads.
json::object view_of(const nudges_found::entry& from,
                     const nudge_context& with) {
  const auto& [what, sent] = from;
  const auto& of = with.catalog->workspaces.at(with.workspace);
  const auto channel = of.endpoints.find(sent.destination);
  json::object view{{"id", what.id},
                    {"channel", channel == of.endpoints.end()
                                  ? std::string{}
                                  : channel->second.key}};
  add(view, "title", sent.request, "subject");
  add(view, "body", sent.request, "text");
  if (const auto* body = sent.request.if_contains("body")) {
    if (body->is_string())
      view["body"] = *body;
    else
      view["data"] = *body;
    if (body->is_object())
      if (const auto* url = body->get_object().if_contains("url");
          url != nullptr && url->is_string())
        view["url"] = *url;
  }
  add(view, "category", sent.request, "category");
  view["run"] = with.ids->at_position(
    "run_", with.workspace,
    {what.run_started_at, what.run_turn, what.run_ordinal});
  add(view, "sequence", sent.request, "sequence");
  view["node"] = sent.node;
  view["sent_at"] = engine::to_iso8601(what.at);
  view["expires_at"] = engine::to_iso8601(what.expires_at);
  view["status"] = engine::word_of(engine::nudge_status_names, what.status);
  view["status_at"] = engine::to_iso8601(what.moved_at);
  return view;
}

// What a browser's key may know, which reads nothing.
json::object status_view(const engine::nudge& what) {
  return {{"id", what.id},
          {"status", engine::word_of(engine::nudge_status_names, what.status)},
          {"status_at", engine::to_iso8601(what.moved_at)}};
}

// Of the contact in the path, with the keys that say what it wants.
result<nudge_search> search_of(const api_context& with, const visit& now) {
  auto reference
    = read_reference(now.route.parameter("ref"), now.who.workspace, *with.ids);
  if (!reference)
    return reference.failure();
  nudge_search search;
  search.contact = std::move(*reference);
  search.now = with.now_in(now.who.workspace);
  const auto known = with.catalog->get();
  for (const auto& [id, each] :
       known->workspaces.at(now.who.workspace).endpoints)
    if (each.type == "nudge")
      search.channels[id] = each.key;
  return search;
}

void list(const api_context& with, visit now) {
  auto search = search_of(with, now);
  if (!search)
    return now.refuse(search.failure());
  const auto page = read_page(with, now, list_kind::nudges, "status");
  if (!page)
    return now.refuse(page.failure());
  if (!page->filter.empty()) {
    search->status = engine::find_word(engine::nudge_status_names,
                                       std::string_view{page->filter});
    if (!search->status)
      return now.refuse(invalid("query_parameter_invalid",
                                "`status` is unread, shown, clicked or "
                                "dismissed",
                                "/status"));
  }
  search->before = {engine::position{page->after.first},
                    static_cast<std::uint32_t>(page->after.second)};
  search->limit = std::min(page->limit, limit_max);
  auto slot = slot_for<nudges_found>(
    [about = context_of(with, now), cursors = with.cursors,
     answer = pending_answer{std::move(now)}](const nudges_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      json::array data;
      for (const auto& each : found.nudges)
        data.push_back(view_of(each, about));
      std::string next;
      if (found.has_more) {
        const auto& last = found.nudges.back().what;
        next = cursors->encode(list_kind::nudges, about.workspace,
                               {engine::number(last.turn), last.ordinal});
      }
      answer.respond(json_response(page_of(std::move(data), next)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(*search),
                 std::move(slot));
}

/// What a client says became of a nudge.
struct nudge_report {
  std::string event;
  json::object properties;
};

result<nudge_report> read_report(const visit& now) {
  const auto body = read_object(now.what);
  if (!body)
    return body.failure();
  if (auto good = check_members(*body, {"status", "action"}); !good)
    return good.failure();
  const auto* status = body->if_contains("status");
  const auto to = status != nullptr && status->is_string()
                    ? engine::find_word(engine::nudge_status_names,
                                        std::string_view{status->get_string()})
                    : std::nullopt;
  if (!to || *to == nudge_status::unread)
    return invalid(status == nullptr ? "field_required" : "field_invalid",
                   "`status` is \"shown\", \"clicked\" or \"dismissed\"",
                   "/status");
  nudge_report out;
  out.event = "$nudge_" + std::string{status->get_string()};
  out.properties["nudge_id"] = now.route.parameter("id");
  if (to == nudge_status::shown)
    out.properties["type"] = "in_app";
  const auto action = text_of(*body, "action", action_bytes_max);
  if (!action)
    return action.failure();
  if (to == nudge_status::clicked)
    out.properties["action"] = action->empty() ? "open" : *action;
  else if (!action->empty())
    return invalid("field_invalid", "`action` is of \"clicked\"", "/action");
  return out;
}

messages::contact_change event_of(nudge_report report, const visit& now,
                                  const messages::contact_reference& who) {
  messages::contact_change wish;
  wish.contact = who;
  wish.command.workspace = now.who.workspace;
  wish.command.concurrent_max = now.who.concurrent_max;
  auto& event = wish.command.event;
  event.request_id = now.what.id.view();
  event.from_browser = now.who.from_browser;
  event.record.type = std::move(report.event);
  event.record.from = engine::door::native;
  event.record.body = engine::to_json(report.properties);
  event.record.properties
    = {0, static_cast<std::uint32_t>(event.record.body.size())};
  event.properties = std::move(report.properties);
  return wish;
}

// Asks for the nudge; `then` gets it.
template <class Then>
void look_for(const messages::gateway_actor& gateway, nudge_search search,
              pending_answer answer, Then then) {
  auto slot = slot_for<nudges_found>(
    [answer = std::move(answer),
     then = std::move(then)](const nudges_found& found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else if (found.nudges.empty())
        answer.refuse(no_such("nudge"));
      else
        then(found.nudges.front(), answer);
    });
  caf::anon_send(gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void show(const api_context& with, visit now) {
  auto search = search_of(with, now);
  if (!search)
    return now.refuse(search.failure());
  search->id = now.route.parameter("id");
  auto about = context_of(with, now);
  look_for(
    with.gateway, std::move(*search), pending_answer{std::move(now)},
    [about](const nudges_found::entry& found, const pending_answer& answer) {
      answer.respond(json_response(view_of(found, about)));
    });
}

// The client's event, and then where the nudge is.
void move(const api_context& with, visit now) {
  auto search = search_of(with, now);
  if (!search)
    return now.refuse(search.failure());
  search->id = now.route.parameter("id");
  auto report = read_report(now);
  if (!report)
    return now.refuse(report.failure());
  auto wish = event_of(std::move(*report), now, search->contact);
  if (auto good = hold_to_house_rules(with, now.who.workspace,
                                      wish.command.event, {}, {});
      !good)
    return now.refuse(good.failure());
  auto again = *search;
  auto gateway = with.gateway;
  look_for(
    with.gateway, std::move(*search), pending_answer{std::move(now)},
    [gateway, wish, again](const nudges_found::entry&,
                           const pending_answer& answer) {
      auto slot = slot_for<messages::contact_changed>(
        [gateway, again, answer](const messages::contact_changed& changed) {
          if (changed.failure)
            return answer.refuse(*changed.failure);
          look_for(
            gateway, again, answer,
            [](const nudges_found::entry& found, const pending_answer& to) {
              to.respond(json_response(status_view(found.what)));
            });
        });
      caf::anon_send(gateway, atom::change_atom::value, wish, std::move(slot));
    });
}

} // namespace

std::vector<api_route> nudge_routes() {
  return {{"GET", "/v1/contacts/{ref}/nudges", scope::events_read, list},
          {"GET", "/v1/contacts/{ref}/nudges/{id}", scope::events_read, show},
          {"POST", "/v1/contacts/{ref}/nudges/{id}", scope::events_write, move,
           body_rule::json, 4096}};
}

} // namespace troupe::http
