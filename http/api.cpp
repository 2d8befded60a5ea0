#include "http/api.hpp"

#include "engine/event_document.hpp"
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "http/doors/native/event_answer.hpp"
#include "http/doors/native/event_body.hpp"
#include "http/idempotency_key.hpp"
#include "http/problem.hpp"
#include "http/query.hpp"
#include "http/resources/contact_views.hpp"
#include "http/resources/event_list.hpp"
#include "messages/commands.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using engine::errc;
using engine::error;
using messages::scope;

constexpr std::size_t event_body_max = 64 * 1024;
constexpr std::size_t definition_body_max = 512 * 1024;

response refuse(const error& why, const request_id& id,
                std::string_view path = {}) {
  problem_context context;
  context.request_id = id.view();
  context.instance = path;
  return to_response(why, context);
}

response json_response(const boost::json::value& body,
                       std::uint16_t status = 200) {
  response answer;
  answer.status = status;
  answer.body = engine::to_json(body);
  return answer;
}

error no_such(std::string_view what) {
  return {errc::not_found,
          std::string{what} + "_not_found",
          "there is no such " + std::string{what},
          {}};
}

// application/json, with or without charset=utf-8; nothing compressed (H7, H8).
engine::status check_content(const request& what) {
  if (what.header("Content-Encoding"))
    return error{errc::invalid_request,
                 "unsupported_content_encoding",
                 "send the body as it is, without Content-Encoding",
                 {}};
  const auto type = what.header("Content-Type");
  const error unsupported{errc::invalid_request,
                          "unsupported_media_type",
                          "send JSON with `Content-Type: application/json`",
                          {}};
  if (!type)
    return unsupported;
  std::string plain;
  for (const char c : *type)
    if (c != ' ' && c != '\t' && c != '"')
      plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  if (plain != "application/json" && plain != "application/json;charset=utf-8")
    return unsupported;
  return engine::success();
}

// Events that this io thread took and has not passed on yet.
std::vector<messages::ingest_batch::item>& taken_events() {
  thread_local std::vector<messages::ingest_batch::item> taken;
  return taken;
}

// A responder moves only; the callbacks of actors are copied.
std::shared_ptr<responder> shared(responder answer) {
  return std::make_shared<responder>(std::move(answer));
}

template <class T>
messages::reply_slot<T> slot_for(std::function<void(T)> complete) {
  return {std::make_shared<std::function<void(T)>>(std::move(complete))};
}

} // namespace

std::size_t body_limit(std::string_view, std::string_view path) {
  return path == "/v1/events" ? event_body_max : definition_body_max;
}

api::api(api_options options) : options_(std::move(options)) {
  add("POST", "/v1/events", scope::events_write, &api::post_event);
  add("GET", "/v1/events", scope::events_read, &api::list_events);
  add("GET", "/v1/events/{id}", scope::events_read, &api::show_event);
  add("GET", "/v1/contacts/{ref}", scope::events_read, &api::show_contact);
  add("GET", "/v1/contacts/{ref}/runs", scope::events_read, &api::list_runs);
  add("GET", "/v1/contacts/{ref}/timeline", scope::events_read,
      &api::show_timeline);
  add("POST", "/v1/sequences", scope::manage, &api::post_sequence);
  add("POST", "/v1/webhooks", scope::manage, &api::post_webhook);
  add("POST", "/v1/channels", scope::manage, &api::post_channel);
  add_open("GET", "/healthz", &api::health);
  add_open("GET", "/readyz", &api::readiness);
  add_open("GET", "/", &api::about);
}

void api::add(std::string_view method, std::string_view pattern, scope needed,
              serve with) {
  table_.add(method, pattern, routes_.size());
  routes_.push_back({needed, false, with});
}

void api::add_open(std::string_view method, std::string_view pattern,
                   serve with) {
  table_.add(method, pattern, routes_.size());
  routes_.push_back({{}, true, with});
}

void api::handle(request what, responder answer) const {
  visit now;
  now.path = what.path();
  now.route = table_.match(what.method(), now.path);
  using outcome = route_match::outcome;
  if (now.route.what == outcome::not_found) {
    answer.respond(refuse(no_such("route"), what.id, now.path));
    return;
  }
  if (now.route.what == outcome::method_not_allowed) {
    auto refusal = refuse({errc::invalid_request,
                           "method_not_allowed",
                           "this path does not serve the method",
                           {}},
                          what.id, now.path);
    refusal.headers.emplace_back("Allow", now.route.allow);
    answer.respond(std::move(refusal));
    return;
  }
  const auto& target = routes_[now.route.target];
  if (!target.open) {
    const auto who
      = authenticate(what, *options_.catalog->get(), target.needed);
    if (!who) {
      answer.respond(refuse(who.failure(), what.id, now.path));
      return;
    }
    now.who = *who;
  }
  now.what = std::move(what);
  now.answer = std::move(answer);
  (this->*target.with)(std::move(now));
}

void api::post_event(visit now) const {
  thread_local engine::json_reader reader;
  auto command = [&]() -> engine::result<messages::ingest> {
    if (auto good = check_content(now.what); !good)
      return good.failure();
    const auto key = idempotency_key_of(now.what);
    if (!key)
      return key.failure();
    return native::read_event(std::move(now.what.body), *key, now.who.workspace,
                              *options_.ids, reader);
  }();
  if (!command) {
    now.answer.respond(refuse(command.failure(), now.what.id, now.path));
    return;
  }
  taken_events().push_back(
    {std::move(*command),
     [answer = shared(std::move(now.answer)), ids = options_.ids,
      id = now.what.id](messages::ingest_answer result) {
       answer->respond(result.failure ? refuse(*result.failure, id)
                                      : native::answer_of(result.done, *ids));
     }});
}

void api::end_burst() const {
  auto& taken = taken_events();
  if (taken.empty())
    return;
  messages::ingest_batch batch;
  batch.items = std::make_shared<std::vector<messages::ingest_batch::item>>(
    std::exchange(taken, {}));
  caf::anon_send(options_.gateway, atom::ingest_atom::value, std::move(batch));
}

std::string api::tenant_of(engine::workspace_id workspace) const {
  const auto catalog = options_.catalog->get();
  const auto found = catalog->workspaces.find(workspace);
  return found == catalog->workspaces.end() ? std::string{}
                                            : found->second.text_id;
}

void api::list_events(visit now) const {
  const auto query = parse_query(now.what.query());
  auto search = query ? read_search(*query, now.who.workspace, *options_.ids,
                                    options_.clock())
                      : engine::result<messages::event_search>{query.failure()};
  if (!search) {
    now.answer.respond(refuse(search.failure(), now.what.id, now.path));
    return;
  }
  auto slot = slot_for<messages::events_found>(
    [answer = shared(std::move(now.answer)), ids = options_.ids,
     id = now.what.id,
     tenant = tenant_of(now.who.workspace)](messages::events_found found) {
      answer->respond(found.failure ? refuse(*found.failure, id)
                                    : list_of(found, *ids, tenant));
    });
  caf::anon_send(options_.gateway, atom::find_atom::value, std::move(*search),
                 std::move(slot));
}

void api::show_event(visit now) const {
  const auto at = options_.ids->parse_position("evt_", now.who.workspace,
                                               now.route.parameter("id"));
  if (!at || at->ordinal != 0) {
    now.answer.respond(refuse(no_such("event"), now.what.id, now.path));
    return;
  }
  messages::event_search search;
  search.contact.workspace = now.who.workspace;
  search.before = engine::position{engine::number(at->turn) + 1};
  search.limit = 1;
  auto slot = slot_for<messages::events_found>(
    [answer = shared(std::move(now.answer)), ids = options_.ids,
     id = now.what.id, turn = at->turn,
     tenant = tenant_of(now.who.workspace)](messages::events_found found) {
      if (found.failure) {
        answer->respond(refuse(*found.failure, id));
      } else if (found.turns.empty()
                 || found.turns.front().stamp.turn != turn) {
        answer->respond(refuse(no_such("event"), id));
      } else {
        response shown;
        shown.body = engine::event_document(found.turns.front(), *ids, tenant);
        answer->respond(std::move(shown));
      }
    });
  caf::anon_send(options_.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

template <class View>
void api::with_contact(visit now, View view) const {
  auto reference = read_reference(now.route.parameter("ref"), now.who.workspace,
                                  *options_.ids);
  if (!reference) {
    now.answer.respond(refuse(reference.failure(), now.what.id, now.path));
    return;
  }
  auto slot = slot_for<messages::contact_shown>(
    [answer = shared(std::move(now.answer)), ids = options_.ids,
     catalog = options_.catalog->get(), id = now.what.id,
     workspace = now.who.workspace, view](messages::contact_shown shown) {
      if (shown.failure) {
        answer->respond(refuse(*shown.failure, id));
        return;
      }
      const view_context with{*ids, catalog->workspaces.at(workspace)};
      answer->respond(json_response(view(shown, with)));
    });
  caf::anon_send(options_.gateway, atom::show_atom::value,
                 std::move(*reference), std::move(slot));
}

void api::show_contact(visit now) const {
  with_contact(std::move(now), contact_view);
}

void api::list_runs(visit now) const {
  with_contact(std::move(now), runs_view);
}

void api::show_timeline(visit now) const {
  with_contact(std::move(now), timeline_view);
}

template <class Kind>
void api::change(visit now, Kind what) const {
  auto body = [&]() -> engine::result<boost::json::value> {
    if (auto good = check_content(now.what); !good)
      return good.failure();
    engine::json_limits limits;
    limits.keys_max = 600;
    return engine::parse_json(now.what.body, limits);
  }();
  if (!body) {
    now.answer.respond(refuse(body.failure(), now.what.id, now.path));
    return;
  }
  messages::definition_change wish;
  wish.what = what;
  wish.workspace = now.who.workspace;
  wish.body = std::move(*body);
  auto slot = slot_for<messages::definition_changed>(
    [answer = shared(std::move(now.answer)),
     id = now.what.id](messages::definition_changed done) {
      answer->respond(done.failure ? refuse(*done.failure, id)
                                   : json_response(done.shown, 201));
    });
  caf::anon_send(options_.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

void api::post_sequence(visit now) const {
  change(std::move(now), messages::definition_change::kind::sequence);
}

void api::post_webhook(visit now) const {
  change(std::move(now), messages::definition_change::kind::webhook);
}

void api::post_channel(visit now) const {
  change(std::move(now), messages::definition_change::kind::channel);
}

void api::health(visit now) const {
  now.answer.respond(json_response({{"status", "ok"}}));
}

void api::readiness(visit now) const {
  const auto ready = options_.ready->load();
  now.answer.respond(json_response({{"status", ready ? "ready" : "draining"}},
                                   ready ? 200 : 503));
}

void api::about(visit now) const {
  response page;
  page.content_type = "text/plain; charset=utf-8";
  page.body = "Troupe answers here. Send events to POST /v1/events; the "
              "dashboard is not part of this build.\n";
  now.answer.respond(std::move(page));
}

} // namespace troupe::http
