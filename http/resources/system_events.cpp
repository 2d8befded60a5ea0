#include "http/resources/system_events.hpp"

#include "engine/system_events.hpp"
#include "http/answered.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/house_rules.hpp"
#include "http/doors/native/system_event_body.hpp"
#include "http/idempotency_key.hpp"
#include "http/resources/events.hpp"

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using messages::scope;

engine::result<messages::ingest> read_command(const api_context& with,
                                              visit& now) {
  thread_local engine::json_reader reader;
  const auto key = idempotency_key_of(now.what);
  if (!key)
    return key.failure();
  auto command = native::read_system_event(
    std::move(now.what.body), *key, now.who.workspace, *with.ids, reader);
  if (!command)
    return command;
  if (auto good = hold_to_house_rules(with, now.who.workspace, command->event,
                                      "/event", "/properties");
      !good)
    return good.failure();
  if (auto& event = command->event; event.key)
    share_key(with, *command,
              event.record.message_id.empty()
                ? key->value_or(std::string_view{})
                : std::string_view{event.record.message_id});
  command->concurrent_max = now.who.concurrent_max;
  command->event.request_id = now.what.id.view();
  command->event.traced = trace_of(now.what);
  return command;
}

response accepted(const messages::receipt& done, const engine::id_text& ids) {
  auto answer = json_response(
    json::object{
      {"success", true},
      {"id", ids.at_position("evt_", done.workspace, {done.at, done.turn, 0})}},
    202);
  if (done.replayed)
    answer.headers.emplace_back("Idempotent-Replay", "true");
  return answer;
}

void post_system_event(const api_context& with, visit now) {
  auto command = read_command(with, now);
  if (!command)
    return now.refuse(command.failure());
  take_event({std::move(*command),
              [answer = pending_answer{std::move(now)},
               ids = with.ids](const messages::ingest_answer& result) {
                if (result.failure)
                  answer.refuse(*result.failure);
                else
                  answer.respond(accepted(result.done, *ids));
              }});
}

void list_system_events(const api_context&, visit now) {
  json::array data;
  for (const auto& each : engine::system_events()) {
    json::array properties;
    for (const auto name : each.required())
      properties.emplace_back(name);
    data.push_back(
      {{"name", each.name},
       {"module", each.module},
       {"trigger", each.trigger},
       {"properties", std::move(properties)},
       {"from_browsers", each.from == engine::system_event_source::client}});
  }
  now.respond(json_response({{"data", std::move(data)},
                             {"has_more", false},
                             {"next_cursor", nullptr}}));
}

} // namespace

std::vector<api_route> system_event_routes() {
  constexpr std::size_t event_bytes_max = 64 * 1024;
  return {{"POST", "/v1/system-events", scope::system_emit, post_system_event,
           body_rule::json, event_bytes_max},
          {"GET", "/v1/system-events", scope::events_read, list_system_events}};
}

} // namespace troupe::http
