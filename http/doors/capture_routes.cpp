#include "http/doors/capture_routes.hpp"

#include "engine/json_slice.hpp"
#include "http/doors/amplitude/amplitude_event.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/posthog/capture.hpp"
#include "http/doors/rejections.hpp"
#include "http/inflate.hpp"
#include "http/percent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <openssl/evp.h>

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

// `data=<base64>` of pages that cannot send anything else.
std::optional<std::string> of_form(std::string_view body) {
  if (!body.starts_with("data="))
    return std::nullopt;
  const auto field = body.substr(5, body.find('&') - 5);
  const auto text = percent_decode(field, plus_sign::is_literal);
  if (!text || text->size() % 4 != 0)
    return std::nullopt;
  std::string out(text->size() / 4 * 3, '\0');
  const auto size
    = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text->data()),
                      static_cast<int>(text->size()));
  if (size < 0)
    return std::nullopt;
  const auto padding = text->size() - (text->find_last_not_of('=') + 1);
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

using member_list = std::vector<std::pair<std::string_view, std::string_view>>;

/// What both families' requests are: members, and events in one of them.
struct capture_request {
  std::shared_ptr<const std::string> body;
  member_list members;
  std::vector<std::string_view> items;
  std::string place; // of the items: "/batch/"; empty: the body is one

  [[nodiscard]] std::optional<std::string_view>
  find(std::string_view name) const {
    for (const auto& [each, value] : members)
      if (each == name)
        return value;
    return std::nullopt;
  }

  [[nodiscard]] std::string text(std::string_view name) const {
    const auto value = find(name);
    return value && value->size() >= 2 && value->front() == '"'
             ? std::string{value->substr(1, value->size() - 2)}
             : std::string{};
  }
};

error no_json() {
  return invalid("body_invalid_json", "the body is no JSON object or list");
}

engine::result<capture_request> read_outside(visit& now) {
  auto body = inflated(std::move(now.what.body),
                       now.what.header("Content-Encoding"), body_bytes_max);
  if (!body)
    return body.failure();
  if (auto form = of_form(*body))
    body = std::move(*form);
  capture_request out;
  out.body = std::make_shared<const std::string>(std::move(*body));
  if (auto items = engine::elements_of(*out.body)) {
    out.items = std::move(*items); // each with its own key
    out.place = "/";
    if (!out.items.empty())
      out.members
        = engine::members_of(out.items.front()).value_or(member_list{});
    return out;
  }
  auto members = engine::members_of(*out.body);
  if (!members)
    return no_json();
  out.members = std::move(*members);
  for (const auto* name : {"batch", "events"}) {
    const auto list = out.find(name);
    if (!list)
      continue;
    auto items = engine::elements_of(*list);
    if (!items)
      return no_json();
    out.items = std::move(*items);
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
  if (const auto sent = what.text("sent_at"); !sent.empty())
    sent_at = read_instant(json::string_view{sent}, true);
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
  const auto count = items.size();
  const auto bytes = what.body->size();
  std::function<response()> accepted = [] {
    return json_response(json::object{{"status", 1}});
  };
  if (is_amplitude)
    accepted = [count, bytes, received_at = as.received_at] {
      const auto at = std::chrono::floor<std::chrono::milliseconds>(received_at)
                        .time_since_epoch()
                        .count();
      return json_response(json::object{{"code", 200},
                                        {"events_ingested", count},
                                        {"payload_size_bytes", bytes},
                                        {"server_upload_time", at}});
    };
  take_or_reject(with, std::move(now), std::move(what.body), std::move(items),
                 std::move(what.place), std::move(accepted));
}

void serve(const api_context& with, visit now) {
  auto what = read_outside(now);
  if (!what)
    return now.refuse(what.failure());
  if (what->find("events"))
    now.what.speaks = &amplitude_door;
  auto key = what->text("api_key");
  if (key.empty())
    key = what->text("token");
  if (key.empty())
    if (const auto properties = what->find("properties"))
      if (const auto of = engine::members_of(*properties))
        for (const auto& [name, value] : *of)
          if (name == "token" && value.size() > 2)
            key = value.substr(1, value.size() - 2);
  if (let_in(with, now, {std::move(key), no_key()}, scope::events_write))
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
    {"GET", "/flags/definitions", std::nullopt, no_definitions, body_rule::any,
     0, posthog_here},
    {"GET", "/array/{key}/config", std::nullopt, configuration, body_rule::any,
     0, posthog_here},
    {"GET", "/array/{key}/config.js", std::nullopt, configuration_script,
     body_rule::any, 0, posthog_here}};
  for (const auto* path : {"/batch", "/capture", "/e", "/i/v0/e"})
    routes.push_back({"POST", path, scope::events_write, serve, body_rule::any,
                      body_bytes_max, posthog_here});
  for (const auto* path : {"/flags", "/decide"})
    routes.push_back({"POST", path, std::nullopt, no_flags, body_rule::any,
                      body_bytes_max, posthog_here});
  return routes;
}

} // namespace troupe::http
