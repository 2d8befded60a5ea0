#include "http/resources/events.hpp"

#include "engine/event_document.hpp"
#include "engine/strict_json.hpp"
#include "engine/system_events.hpp"
#include "http/answered.hpp"
#include "http/cors.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/house_rules.hpp"
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

// What this io thread took and has not passed on yet.
struct taken {
  std::vector<messages::ingest_batch::item> events;
  std::vector<messages::ingest_batch::chain> chains;
};

taken& taken_here() {
  thread_local taken here;
  return here;
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
  const auto as_sdk = accepted->is_sdk_shape;
  auto& event = accepted->command.event;
  if (auto good = hold_to_house_rules(with, now.who.workspace, event,
                                      as_sdk ? "/name" : "/type",
                                      as_sdk ? "/properties" : "/metadata");
      !good)
    return good.failure();
  if (event.key)
    share_key(with, accepted->command, key->value_or(event.record.message_id));
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
  const auto shape = read_format(*query);
  if (!shape)
    return now.refuse(shape.failure());
  const auto workspace = now.who.workspace;
  if (!search->types.empty())
    search->types = with.names_of(workspace, search->types.front());
  const auto tenant = with.tenant_of(workspace);
  auto slot = slot_for<messages::events_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, workspace, tenant,
     write = *shape](messages::events_found found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else
        answer.respond(
          list_of(found, workspace, *ids, *cursors, tenant, write));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(*search),
                 std::move(slot));
}

// A store that was restored may have another event in the place of one that
// was lost; their times tell them from each other.
bool is_of(const engine::position_id& id, const engine::turn_stamp& stamp) {
  return id.turn == stamp.turn
         && id.at == std::chrono::floor<std::chrono::milliseconds>(stamp.at);
}

void show_event(const api_context& with, visit now) {
  const auto at = with.ids->parse_position("evt_", now.who.workspace,
                                           now.route.parameter("id"));
  if (!at || at->ordinal != 0)
    return now.refuse(no_such("event"));
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  const auto shape = read_format(*query);
  if (!shape)
    return now.refuse(shape.failure());
  messages::event_search search;
  search.contact.workspace = now.who.workspace;
  search.before = engine::position{engine::number(at->turn) + 1};
  search.limit = 1;
  const auto tenant = with.tenant_of(now.who.workspace);
  auto slot = slot_for<messages::events_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids, asked = *at,
     tenant, write = *shape](messages::events_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      if (found.turns.empty() || !is_of(asked, found.turns.front().stamp))
        return answer.refuse(no_such("event"));
      response shown;
      shown.body = write(found.turns.front(), *ids, tenant);
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

void take_event(messages::ingest_batch::item event) {
  taken_here().events.push_back(std::move(event));
}

void take_chain(messages::ingest_batch::chain events) {
  taken_here().chains.push_back(std::move(events));
}

void pass_on_events(const api_context& with) {
  auto& here = taken_here();
  if (here.events.empty() && here.chains.empty())
    return;
  messages::ingest_batch batch;
  batch.items = std::make_shared<std::vector<messages::ingest_batch::item>>(
    std::exchange(here.events, {}));
  batch.chains = std::make_shared<std::vector<messages::ingest_batch::chain>>(
    std::exchange(here.chains, {}));
  caf::anon_send(with.gateway, atom::ingest_atom::value, std::move(batch));
}

} // namespace troupe::http
