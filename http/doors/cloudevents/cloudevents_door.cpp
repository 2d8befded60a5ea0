#include "http/doors/cloudevents/cloudevents_door.hpp"

#include "engine/json_slice.hpp"
#include "engine/strict_json.hpp"
#include "engine/unicode.hpp"
#include "http/authentication.hpp"
#include "http/characters.hpp"
#include "http/cors.hpp"
#include "http/doors/cloudevents/cloudevent.hpp"
#include "http/doors/loose_json.hpp"
#include "http/inflate.hpp"
#include "http/percent.hpp"
#include "http/query.hpp"
#include "http/resources/events.hpp"
#include "messages/try_again.hpp"

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using messages::ingest;
using messages::ingest_answer;
using messages::scope;

constexpr std::size_t body_bytes_max = std::size_t{5} * 1024 * 1024;
constexpr std::size_t batch_events_max = 500;

// Brokers may only be able to say it in the query (HTTP web hooks for
// CloudEvents 3.2): then it is a write key, which does no harm in a log.
std::optional<credentials> credentials_here(const request& head) {
  if (!head.header("Authorization"))
    if (const auto query = parse_query(head.query()))
      if (const auto token = query->find("access_token"))
        return credentials{std::string{*token},
                           {engine::errc::unauthenticated,
                            "invalid_api_key",
                            "`access_token` is empty",
                            {}}};
  return credentials_of(head);
}

constexpr dialect door{engine::door::cloudevents, credentials_here,
                       to_response};

const dialect* cloudevents_here(const request&) {
  return &door;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

std::string media_type_of(const request& what) {
  const auto type = what.header("Content-Type").value_or("");
  return lower(engine::trim(type.substr(0, type.find(';'))));
}

bool is_json(std::string_view media_type) {
  return media_type.empty() || media_type == "application/json"
         || media_type == "text/json" || media_type.ends_with("+json");
}

// The header fields `ce-…` of binary mode, percent-decoded (HTTP binding
// 3.1.3.2).
result<json::object> attributes_of(const request& what) {
  json::object out;
  auto is_good = true;
  what.each_header([&](std::string_view name, std::string_view value) {
    if (name.size() <= 3 || !equal_ignoring_case(name.substr(0, 3), "ce-"))
      return;
    const auto text = percent_decode(value, plus_sign::is_literal);
    is_good = is_good && text;
    if (text)
      out[lower(name.substr(3))] = *text;
  });
  if (!is_good)
    return invalid("field_invalid",
                   "a `ce-` header is no percent-encoded UTF-8");
  if (const auto type = what.header("Content-Type"))
    out["datacontenttype"] = json::string_view{type->data(), type->size()};
  return out;
}

class reader {
public:
  reader(const api_context& with, const visit& now)
    : with_(with), now_(now), at_(with.now_in(now.who.workspace)) {}

  [[nodiscard]] result<ingest> binary(const std::string& body) const {
    const auto attributes = attributes_of(now_.what);
    if (!attributes)
      return attributes.failure();
    json::value data;
    if (!body.empty() && is_json(media_type_of(now_.what))) {
      auto read = engine::parse_json(body);
      if (!read)
        return read.failure();
      data = std::move(*read);
    } else if (!body.empty()) {
      if (!is_utf8(body))
        return invalid("field_invalid",
                       "data that is no JSON is text in UTF-8 here");
      data = json::string_view{body};
    }
    return finish(*attributes, std::move(data), body, "");
  }

  [[nodiscard]] result<ingest> structured(std::string_view text) const {
    auto document = read_object(text, loose_event_bytes_max);
    if (!document)
      return document.failure();
    auto& object = document->get_object();
    json::value data;
    auto pointer = std::string{"/data"};
    if (auto* given = object.if_contains("data")) {
      data = std::move(*given);
    } else if (auto* encoded = object.if_contains("data_base64")) {
      data = json::object{{"base64", *encoded}};
      pointer = "/data_base64";
    }
    object.erase("data");
    object.erase("data_base64");
    return finish(object, std::move(data), text, pointer);
  }

private:
  [[nodiscard]] result<ingest> finish(const json::object& attributes,
                                      json::value data, std::string_view body,
                                      const std::string& pointer) const {
    auto command = cloudevents::read_cloudevent(
      with_, now_.who.workspace, attributes, std::move(data), body, at_);
    if (command)
      if (auto good = hold_to_rules(with_, now_, *command, "/type", pointer);
          !good)
        return good.failure();
    return command;
  }

  const api_context& with_;
  const visit& now_;
  engine::timestamp at_;
};

response accepted_one(const messages::receipt& done,
                      const engine::id_text& ids) {
  return json_response(
    json::object{
      {"id", ids.at_position("evt_", done.workspace, {done.at, done.turn, 0})}},
    202);
}

json::object refused(std::size_t index, const engine::error& why) {
  return {{"index", index},
          {"code", why.name},
          {"pointer", why.pointer},
          {"detail", why.message}};
}

// Each event of a batch stands for itself.
void take_batch(const api_context& with, visit now, const std::string& body) {
  const auto items = engine::elements_of(body);
  if (!items)
    return now.refuse(invalid("body_invalid_json", "a batch is a JSON array"));
  if (items->size() > batch_events_max)
    return now.refuse(
      invalid("payload_too_large", "a batch has at most 500 events"));
  std::vector<messages::ingest_parcel> events;
  std::vector<std::size_t> places;
  json::array failures;
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto command = reader{with, now}.structured((*items)[i]);
    if (command) {
      places.push_back(i);
      events.push_back(std::move(*command));
    } else {
      failures.push_back(refused(i, command.failure()));
    }
  }
  take_events(std::move(events), [places = std::move(places),
                                  failures = std::move(failures),
                                  answer = pending_answer{std::move(now)}](
                                   const std::vector<ingest_answer>& answers) {
    auto all = failures;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto& failure = answers[i].failure;
      if (failure && messages::may_be_tried_again(*failure))
        return answer.refuse(to_be_tried_again(*failure));
      if (failure)
        all.push_back(refused(places[i], *failure));
      else
        ++taken;
    }
    answer.respond(json_response(
      json::object{{"accepted", taken}, {"rejected", std::move(all)}}, 202));
  });
}

void post(const api_context& with, visit now) {
  if (!now.what.header("Authorization") && !now.who.from_browser)
    return now.refuse({engine::errc::unauthenticated,
                       "secret_key_in_query",
                       "only a write key may stand in the query",
                       {}});
  const auto body
    = inflated(std::move(now.what.body), now.what.header("Content-Encoding"),
               body_bytes_max);
  if (!body)
    return now.refuse(body.failure());
  const auto type = media_type_of(now.what);
  if (type == "application/cloudevents-batch+json")
    return take_batch(with, std::move(now), *body);
  const reader from{with, now};
  auto command = type == "application/cloudevents+json" ? from.structured(*body)
                                                        : from.binary(*body);
  if (!command)
    return now.refuse(command.failure());
  take_event({std::move(*command),
              [ids = with.ids, answer = pending_answer{std::move(now)}](
                const ingest_answer& given) {
                if (given.failure)
                  answer.refuse(*given.failure);
                else
                  answer.respond(accepted_one(given.done, *ids));
              }});
}

// A broker asks whether it may send (HTTP web hooks for CloudEvents 4).
void shake_hands(const api_context&, visit now) {
  const auto origin = now.what.header("WebHook-Request-Origin");
  if (!origin)
    return now.respond(door_preflight_answer(
      now.what.header("Origin").value_or("*"),
      now.what.header("Access-Control-Request-Headers").value_or("")));
  response answer;
  answer.content_type = {};
  answer.headers
    = {{"WebHook-Allowed-Origin", std::string{*origin}},
       {"WebHook-Allowed-Rate",
        std::string{now.what.header("WebHook-Request-Rate").value_or("*")}},
       {"Allow", "OPTIONS, POST"}};
  now.respond(std::move(answer));
}

} // namespace

std::vector<api_route> cloudevents_routes() {
  return {{"POST", "/v1/cloudevents", scope::events_write, post, body_rule::any,
           body_bytes_max, cloudevents_here},
          {"OPTIONS", "/v1/cloudevents", std::nullopt, shake_hands,
           body_rule::any, 0, cloudevents_here}};
}

} // namespace troupe::http
