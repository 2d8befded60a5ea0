#include "http/resources/events.hpp"

#include "engine/event_document.hpp"
#include "engine/strict_json.hpp"
#include "engine/system_events.hpp"
#include "http/answered.hpp"
#include "http/cors.hpp"
#include "http/doors/native/event_answer.hpp"
#include "http/doors/native/event_body.hpp"
#include "http/idempotency_key.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"

#include <caf/send.hpp>

#include <utility>

namespace troupe::http {

namespace {

using messages::scope;

// Events that this io thread took and has not passed on yet.
std::vector<messages::ingest_batch::item>& taken_events() {
  thread_local std::vector<messages::ingest_batch::item> taken;
  return taken;
}

engine::result<native::accepted_event> read_command(const api_context& with,
                                                    visit& now) {
  thread_local engine::json_reader reader;
  const auto key = idempotency_key_of(now.what);
  if (!key)
    return key.failure();
  auto accepted = native::read_event(std::move(now.what.body), *key,
                                     now.who.workspace, *with.ids, reader);
  if (!accepted)
    return accepted;
  const std::string pointer
    = accepted->is_sdk_shape ? "/properties" : "/metadata";
  auto& event = accepted->command.event;
  if (auto good = check_kept(with, now.who.workspace, event, pointer); !good)
    return good.failure();
  if (auto good
      = keep_personal_data_out(with, now.who.workspace, event, pointer);
      !good)
    return good.failure();
  if (now.who.from_browser)
    if (auto good = check_browser(event.record.type); !good)
      return good.failure();
  event.from_browser = now.who.from_browser;
  event.request_id = now.what.id.view();
  event.traced = trace_of(now.what);
  accepted->command.concurrent_max = now.who.concurrent_max;
  return accepted;
}

void post_event(const api_context& with, visit now) {
  auto event = read_command(with, now);
  if (!event)
    return now.refuse(event.failure());
  take_event({std::move(event->command),
              [answer = pending_answer{std::move(now)}, ids = with.ids,
               as_sdk = event->is_sdk_shape](messages::ingest_answer result) {
                if (result.failure)
                  answer.refuse(*result.failure);
                else
                  answer.respond(native::answer_of(result.done, *ids, as_sdk));
              }});
}

void list_events(const api_context& with, visit now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  auto search = read_search(*query, now.who.workspace, *with.ids, *with.cursors,
                            with.now_in(now.who.workspace));
  if (!search)
    return now.refuse(search.failure());
  const auto workspace = now.who.workspace;
  const auto tenant = with.tenant_of(workspace);
  auto slot = slot_for<messages::events_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, workspace, tenant](messages::events_found found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else
        answer.respond(list_of(found, workspace, *ids, *cursors, tenant));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(*search),
                 std::move(slot));
}

void show_event(const api_context& with, visit now) {
  const auto at = with.ids->parse_position("evt_", now.who.workspace,
                                           now.route.parameter("id"));
  if (!at || at->ordinal != 0)
    return now.refuse(no_such("event"));
  messages::event_search search;
  search.contact.workspace = now.who.workspace;
  search.before = engine::position{engine::number(at->turn) + 1};
  search.limit = 1;
  const auto tenant = with.tenant_of(now.who.workspace);
  auto slot = slot_for<messages::events_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids, turn = at->turn,
     tenant](messages::events_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      if (found.turns.empty() || found.turns.front().stamp.turn != turn)
        return answer.refuse(no_such("event"));
      response shown;
      shown.body
        = engine::linted_event_document(found.turns.front(), *ids, tenant);
      answer.respond(std::move(shown));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

// Browsers ask before they send.
void preflight(const api_context&, visit now) {
  now.respond(preflight_answer());
}

} // namespace

std::vector<api_route> event_routes() {
  constexpr std::size_t event_bytes_max = 64 * 1024;
  return {{"OPTIONS", "/v1/events", std::nullopt, preflight},
          {"POST", "/v1/events", scope::events_write, post_event,
           body_rule::json, event_bytes_max},
          {"GET", "/v1/events", scope::events_read, list_events},
          {"GET", "/v1/events/{id}", scope::events_read, show_event}};
}

engine::status check_browser(std::string_view type) {
  const auto* known = engine::find_system_event(type);
  if (known == nullptr || known->from == engine::system_event_source::client)
    return engine::success();
  return engine::error{engine::errc::forbidden,
                       "event_not_for_browsers",
                       "a browser's key may not send this system event; "
                       "`GET /v1/system-events` says which it may",
                       {}};
}

engine::status check_kept(const api_context& with,
                          engine::workspace_id workspace,
                          const engine::incoming_event& event,
                          std::string_view pointer) {
  if (event.record.type != "$checklist_completed")
    return engine::success();
  const auto& key = event.properties.at("checklist_id");
  const auto known = with.catalog->get();
  const auto of = known->workspaces.find(workspace);
  if (!key.is_string() || of == known->workspaces.end()
      || of->second.definitions->checklist(std::string{key.get_string()})
           == nullptr)
    return engine::success();
  return engine::invalid("checklist_is_kept",
                         "Troupe says itself when this checklist is completed: "
                         "send its steps",
                         std::string{pointer} + "/checklist_id");
}

engine::status keep_personal_data_out(const api_context& with,
                                      engine::workspace_id workspace,
                                      engine::incoming_event& event,
                                      const std::string& pointer) {
  const auto known = with.catalog->get();
  const auto of = known->workspaces.find(workspace);
  return of == known->workspaces.end()
           ? engine::success()
           : engine::hold_to(of->second.pii, event, pointer);
}

void take_event(messages::ingest_batch::item event) {
  taken_events().push_back(std::move(event));
}

void pass_on_events(const api_context& with) {
  auto& taken = taken_events();
  if (taken.empty())
    return;
  messages::ingest_batch batch;
  batch.items = std::make_shared<std::vector<messages::ingest_batch::item>>(
    std::exchange(taken, {}));
  caf::anon_send(with.gateway, atom::ingest_atom::value, std::move(batch));
}

} // namespace troupe::http
