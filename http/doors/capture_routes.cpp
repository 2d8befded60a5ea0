#include "http/doors/capture_routes.hpp"

#include "engine/json_slice.hpp"
#include "http/doors/amplitude/amplitude_event.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/capture_form.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/posthog/capture.hpp"
#include "http/doors/rejections.hpp"
#include "http/inflate.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::error;
using engine::invalid;
using messages::scope;

constexpr std::size_t body_bytes_max = std::size_t{5} * 1024 * 1024;

// Neither family sends its key in the head.
std::optional<credentials> key_in_body(const request&) {
  return std::nullopt;
}

error no_key() {
  return {engine::errc::unauthenticated,
          "missing_authorization_header",
          "send a write key as `api_key` in the body",
          {}};
}

std::uint16_t status_here(const error& why) {
  return why.name == "body_invalid_json"
             || why.name == "body_invalid_compression"
           ? 400
           : status_of(why);
}

response refuse_posthog(const error& why, const problem_context& given) {
  auto about = given;
  about.retry_after = retry_after_of(why, given);
  auto body = problem_object(why, about);
  response answer;
  answer.status = status_here(why);
  body["status"] = answer.status;
  answer.body = json::serialize(body);
  append_retry_after(answer.headers, about.retry_after);
  return answer;
}

// Its libraries read the status from `code`.
response refuse_amplitude(const error& why, const problem_context& about) {
  const auto status = status_here(why);
  auto answer = json_response(
    json::object{{"code", status}, {"error", why.message}}, status);
  append_retry_after(answer.headers, retry_after_of(why, about));
  return answer;
}

constexpr dialect posthog_door{engine::door::posthog, key_in_body,
                               refuse_posthog};
constexpr dialect amplitude_door{engine::door::amplitude, key_in_body,
                                 refuse_amplitude};

const dialect* posthog_here(const request&) {
  return &posthog_door;
}

const dialect* amplitude_here(const request&) {
  return &amplitude_door;
}

/// What both families' requests are: members, and events in one of them.
struct capture_request {
  std::shared_ptr<const std::string> body;
  engine::member_slices members;
  std::vector<std::string_view> items;
  std::string place; // of the items: "/batch/"; empty: the body is one
  bool is_form = false;
};

error no_json() {
  return invalid("body_invalid_json", "the body is no JSON object or list");
}

engine::result<capture_request> read_outside(visit& now) {
  auto body = inflated(std::move(now.what.body),
                       now.what.header("Content-Encoding"), body_bytes_max);
  if (!body)
    return body.failure();
  capture_request out;
  auto form = posthog_form(*body);
  if (!form)
    form = amplitude_form(*body);
  if (form) {
    body = std::move(*form);
    out.is_form = true;
  }
  out.body = std::make_shared<const std::string>(std::move(*body));
  if (auto items = engine::elements_of(*out.body)) {
    out.items = std::move(*items); // each with its own key
    out.place = "/";
    if (!out.items.empty())
      out.members = engine::members_of(out.items.front())
                      .value_or(engine::member_slices{});
    return out;
  }
  for (const auto* name : {"batch", "events"}) {
    auto outside = engine::outline_of(*out.body, name);
    if (!outside)
      return no_json();
    out.members = std::move(outside->members);
    if (!engine::value_of(out.members, name))
      continue;
    if (!outside->elements)
      return no_json();
    out.items = std::move(*outside->elements);
    out.place = "/" + std::string{name} + "/";
    return out;
  }
  out.items.emplace_back(*out.body);
  return out;
}

void take(const api_context& with, visit now, capture_request what) {
  const auto as = setting_of(with, now);
  const auto is_amplitude = now.what.speaks == &amplitude_door;
  std::optional<engine::timestamp> sent_at;
  if (const auto sent = engine::text_of(what.members, "sent_at");
      sent && !sent->empty())
    sent_at = read_instant(json::string_view{sent->data(), sent->size()}, true);
  std::vector<read_item> items;
  for (const auto text : what.items) {
    auto command = is_amplitude
                     ? amplitude::read_amplitude_event(with, text, as)
                     : posthog::read_capture(with, text, as, sent_at);
    if (!command && command.failure().name == "body_invalid_json")
      return now.refuse(command.failure());
    if (command)
      if (auto good = hold_to_rules(
            with, now, *command, is_amplitude ? "/event_type" : "/event",
            is_amplitude ? "/event_properties" : "/properties");
          !good)
        command = good.failure();
    items.push_back({text, in_parcel(std::move(command))});
  }
  const auto bytes = what.body->size();
  accepted_answer accepted = [](const taken_events&) {
    return json_response(json::object{{"status", 1}});
  };
  if (is_amplitude && what.is_form)
    accepted = [](const taken_events&) {
      response answer;
      answer.content_type = "text/plain";
      answer.body = "success"; // to the letter, or all is sent again
      return answer;
    };
  else if (is_amplitude)
    accepted = [bytes, received_at = as.received_at](const taken_events& all) {
      const auto at = std::chrono::floor<std::chrono::milliseconds>(received_at)
                        .time_since_epoch()
                        .count();
      return json_response(json::object{{"code", 200},
                                        {"events_ingested", all.size()},
                                        {"payload_size_bytes", bytes},
                                        {"server_upload_time", at}});
    };
  take_or_reject(with, std::move(now), std::move(what.body), std::move(items),
                 std::move(what.place), std::move(accepted));
}

// posthog-js has it among the properties.
std::string key_of(const engine::member_slices& members) {
  for (const auto* name : {"api_key", "token"})
    if (const auto said = engine::text_of(members, name);
        said && !said->empty())
      return std::string{*said};
  const auto properties = engine::value_of(members, "properties");
  const auto within
    = properties ? engine::members_of(*properties) : std::nullopt;
  const auto said = within ? engine::text_of(*within, "token") : std::nullopt;
  return std::string{said.value_or(std::string_view{})};
}

void serve(const api_context& with, visit now) {
  auto what = read_outside(now);
  if (!what)
    return now.refuse(what.failure());
  if (engine::value_of(what->members, "events"))
    now.what.speaks = &amplitude_door;
  if (let_in(with, now, {key_of(what->members), no_key()}, scope::events_write))
    take(with, std::move(now), std::move(*what));
}

// No flags: none is on, and none is asked for again.
void no_flags(const api_context&, visit now) {
  now.respond(
    json_response(json::object{{"flags", json::object{}},
                               {"featureFlags", json::object{}},
                               {"featureFlagPayloads", json::object{}},
                               {"errorsWhileComputingFlags", false},
                               {"supportedCompression", {"gzip", "gzip-js"}}}));
}

void no_definitions(const api_context&, visit now) {
  now.respond(json_response(json::object{{"flags", json::array{}},
                                         {"group_type_mapping", json::object{}},
                                         {"cohorts", json::object{}}}));
}

void configuration(const api_context&, visit now) {
  now.respond(
    json_response(json::object{{"supportedCompression", {"gzip", "gzip-js"}},
                               {"hasFeatureFlags", false},
                               {"sessionRecording", false},
                               {"capturePerformance", false},
                               {"autocapture_opt_out", true},
                               {"surveys", false},
                               {"heatmaps", false}}));
}

void configuration_script(const api_context&, visit now) {
  response answer;
  answer.content_type = "application/javascript";
  answer.body = "void 0;";
  now.respond(std::move(answer));
}

} // namespace

std::vector<api_route> capture_routes() {
  std::vector<api_route> routes{
    {"POST", "/2/httpapi", scope::events_write, serve, body_rule::any,
     body_bytes_max, amplitude_here},
    {"GET", "/array/{key}/config", std::nullopt, configuration, body_rule::any,
     0, posthog_here},
    {"GET", "/array/{key}/config.js", std::nullopt, configuration_script,
     body_rule::any, 0, posthog_here}};
  for (const auto* path : {"/batch", "/capture", "/e", "/i/v0/e"})
    routes.push_back({"POST", path, scope::events_write, serve, body_rule::any,
                      body_bytes_max, posthog_here});
  for (const auto* path :
       {"/flags/definitions", "/api/feature_flag/local_evaluation"})
    routes.push_back({"GET", path, std::nullopt, no_definitions, body_rule::any,
                      0, posthog_here});
  for (const auto* path : {"/flags", "/decide"})
    routes.push_back({"POST", path, std::nullopt, no_flags, body_rule::any,
                      body_bytes_max, posthog_here});
  return routes;
}

} // namespace troupe::http
