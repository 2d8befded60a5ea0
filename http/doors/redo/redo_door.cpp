#include "http/doors/redo/redo_door.hpp"

#include "engine/json_slice.hpp"
#include "http/authentication.hpp"
#include "http/doors/redo/event_body.hpp"
#include "http/inflate.hpp"
#include "http/resources/events.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::error;
using engine::invalid;
using messages::ingest_answer;
using messages::scope;

constexpr std::size_t event_bytes_max = 512 * 1024;
constexpr std::size_t bulk_bytes_max = std::size_t{5} * 1024 * 1024;
constexpr std::size_t bulk_events_max = 100; // R28

json::string_view as_json(std::string_view text) {
  return {text.data(), text.size()};
}

std::uint16_t status_here(const error& why) {
  // Nobody has the customer's id: the event is at fault, not the path.
  return why.name == "contact_not_found" ? 422 : status_of(why);
}

// RFC 7807 (R32), with the members that say where.
response refuse(const error& why, const problem_context& given) {
  auto about = given;
  about.retry_after = retry_after_of(why, given);
  auto body = problem_object(why, about);
  body["type"] = "about:blank";
  body["status"] = status_here(why);
  body.erase("error");
  if (!body.contains("instance"))
    body["instance"] = as_json(about.request_id);
  response answer;
  answer.status = status_here(why);
  answer.content_type = "application/problem+json";
  answer.body = json::serialize(body);
  append_retry_after(answer.headers, about.retry_after);
  return answer;
}

std::optional<credentials> credentials_here(const request& head) {
  return credentials_of(head);
}

engine::status check_store(const request& head, std::string_view tenant) {
  if (head.route.parameter("store") == tenant)
    return engine::success();
  return error{engine::errc::not_found,
               "store_not_found",
               "this key has no such store; the store is the workspace's id",
               {}};
}

constexpr dialect door{engine::door::redo, credentials_here, refuse,
                       check_store};

const dialect* redo_here(const request&) {
  return &door;
}

// 202, and no body (R22).
response accepted() {
  response answer;
  answer.status = 202;
  answer.content_type = {};
  return answer;
}

engine::result<std::string> body_of(visit& now, std::size_t most) {
  return inflated(std::move(now.what.body), now.what.header("Content-Encoding"),
                  most);
}

engine::result<messages::ingest>
read_one(const api_context& with, const visit& now, std::string_view text) {
  auto command = redo::read_event(with, now.who.workspace, text,
                                  with.now_in(now.who.workspace));
  if (!command)
    return command;
  if (auto good = hold_to_rules(with, now, *command, "/eventName", "/data");
      !good)
    return good.failure();
  return command;
}

void post_event(const api_context& with, visit now) {
  const auto body = body_of(now, event_bytes_max);
  if (!body)
    return now.refuse(body.failure());
  auto command = read_one(with, now, *body);
  if (!command)
    return now.refuse(command.failure());
  take_event({std::move(*command), [answer = pending_answer{std::move(now)}](
                                     const ingest_answer& given) {
                if (given.failure)
                  answer.refuse(*given.failure);
                else
                  answer.respond(accepted());
              }});
}

json::object rejected(std::size_t index, const error& why) {
  return {{"index", index},
          {"status", "rejected"},
          {"errors",
           {{{"code", why.name},
             {"pointer", why.pointer},
             {"detail", why.message}}}}};
}

response bulk_answer(std::vector<json::object> results) {
  std::size_t count = 0;
  json::array shown;
  for (auto& each : results) {
    count += each.at("status") == "accepted" ? 1U : 0U;
    shown.push_back(std::move(each));
  }
  const auto refused = shown.size() - count;
  return json_response(json::object{{"results", std::move(shown)},
                                    {"accepted", count},
                                    {"rejected", refused}},
                       202);
}

// Each event stands for itself (R29).
void post_bulk(const api_context& with, visit now) {
  const auto body = body_of(now, bulk_bytes_max);
  if (!body)
    return now.refuse(body.failure());
  const auto list = engine::members_of(*body)
                      ? engine::find_member(*body, "events")
                      : std::nullopt;
  const auto items = list ? engine::elements_of(*list) : std::nullopt;
  if (!items || items->empty() || items->size() > bulk_events_max)
    return now.refuse(invalid(
      "field_invalid", "`events` is a list of 1 to 100 events", "/events"));
  std::vector<json::object> results(items->size());
  std::vector<messages::ingest_parcel> events;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto command = read_one(with, now, (*items)[i]);
    if (command) {
      places.push_back(i);
      events.push_back(std::move(*command));
    } else {
      results[i] = rejected(i, command.failure());
    }
  }
  take_events(std::move(events), [ids = with.ids, places = std::move(places),
                                  results = std::move(results),
                                  answer = pending_answer{std::move(now)}](
                                   const std::vector<ingest_answer>& answers) {
    auto all = results;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto at = places[i];
      const auto& done = answers[i].done;
      if (answers[i].failure)
        all[at] = rejected(at, *answers[i].failure);
      else
        all[at] = {{"index", at},
                   {"status", "accepted"},
                   {"event_id", ids->at_position("evt_", done.workspace,
                                                 {done.at, done.turn, 0})}};
    }
    answer.respond(bulk_answer(std::move(all)));
  });
}

} // namespace

std::vector<api_route> redo_routes() {
  return {{"POST", "/v2.2/stores/{store}/events", scope::events_write,
           post_event, body_rule::any, event_bytes_max, redo_here},
          {"POST", "/v2.2/stores/{store}/events/bulk", scope::events_write,
           post_bulk, body_rule::any, bulk_bytes_max, redo_here}};
}

} // namespace troupe::http
