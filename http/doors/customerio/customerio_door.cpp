#include "http/doors/customerio/customerio_door.hpp"

#include "engine/json_slice.hpp"
#include "http/authentication.hpp"
#include "http/doors/customerio/item.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_json.hpp"
#include "http/doors/rejections.hpp"
#include "http/inflate.hpp"
#include "http/resources/events.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using customerio::action;
using engine::error;
using engine::invalid;
using messages::ingest;
using messages::ingest_answer;
using messages::scope;

constexpr std::size_t body_bytes_max = std::size_t{5} * 1024 * 1024;

// `Basic base64(<site id>:<API key>)`: any site id.
std::optional<credentials> credentials_here(const request& head) {
  const auto header = head.header("Authorization");
  if (header)
    if (auto basic = basic_of(*header); basic && !basic->second.empty())
      return credentials{std::move(basic->second), {}};
  return credentials_of(head);
}

response refuse(const error& why, const problem_context& about) {
  const auto is_unreadable
    = why.name == "body_invalid_json" || why.name == "body_invalid_compression";
  const auto status = is_unreadable || status_of(why) == 422
                        ? std::uint16_t{400}
                        : status_of(why);
  auto answer = json_response(
    json::object{{"meta", {{"error", why.message}, {"code", why.name}}}},
    status);
  append_retry_after(answer.headers, retry_after_of(why, about));
  return answer;
}

constexpr dialect door{engine::door::customerio, credentials_here, refuse};

const dialect* customerio_here(const request&) {
  return &door;
}

engine::result<std::string> body_of(visit& now) {
  return inflated(std::move(now.what.body), now.what.header("Content-Encoding"),
                  body_bytes_max);
}

json::object who_by_path(const visit& now) {
  return {{"id", json::value(std::string{now.route.parameter("id")})}};
}

// The address is another person's, who has an id.
error kept_apart() {
  return {engine::errc::conflict,
          "contacts_kept_apart",
          "the address is of a person with an id of their own: they stay two",
          {}};
}

void take_one(const api_context& with, visit now, action what,
              const json::object& who) {
  auto body = body_of(now);
  if (!body)
    return now.refuse(body.failure());
  if (body->empty())
    *body = "{}";
  auto document = read_object(*body, loose_event_bytes_max);
  if (!document)
    return now.refuse(document.failure());
  const auto* primary = loose_object(document->get_object(), "primary");
  auto command = customerio::read_item(
    with, what, what == action::merge && primary != nullptr ? *primary : who,
    document->get_object(), *body, setting_of(with, now));
  if (!command)
    return now.refuse(command.failure());
  if (auto good = hold_to_rules(with, now, *command, "/name", "/data"); !good)
    return now.refuse(good.failure());
  take_event({std::move(*command), [what, answer = pending_answer{std::move(
                                            now)}](const ingest_answer& given) {
                if (given.failure)
                  answer.refuse(*given.failure);
                else if (what == action::merge && !given.done.warnings.empty())
                  answer.refuse(kept_apart());
                else
                  answer.respond(json_response(json::object{}));
              }});
}

template <action What>
void serve(const api_context& with, visit now) {
  const auto who = who_by_path(now);
  take_one(with, std::move(now), What, who);
}

// The path's, in the place of the body's.
void remove_device(const api_context& with, visit now) {
  now.what.body
    = R"({"device_id":)"
      + json_response(json::value(std::string{now.route.parameter("device")}))
          .body
      + "}";
  serve<action::remove_device>(with, std::move(now));
}

// Nobody is named but by the body.
void serve_anonymous(const api_context& with, visit now) {
  take_one(with, std::move(now), action::event, {});
}

void serve_merge(const api_context& with, visit now) {
  take_one(with, std::move(now), action::merge, {});
}

void refuse_delete(const api_context&, visit now) {
  now.refuse({engine::errc::invalid_request,
              "deletion_not_supported",
              "Troupe does not delete a person over this API; `suppress` "
              "stops all messages",
              {}});
}

engine::result<ingest> read_one(const api_context& with, const visit& now,
                                std::string_view text) {
  auto command = customerio::read_entity(with, text, setting_of(with, now));
  if (!command)
    return command;
  if (auto good = hold_to_rules(with, now, *command, "/name", "/attributes");
      !good)
    return good.failure();
  return command;
}

// One item, or `batch` of them: what is wrong with one goes into the list of
// rejected ones.
void serve_items(const api_context& with, visit now) {
  auto body = body_of(now);
  if (!body)
    return now.refuse(body.failure());
  const auto kept = std::make_shared<const std::string>(std::move(*body));
  const auto members = engine::members_of(*kept);
  if (!members)
    return now.refuse(invalid("body_invalid_json", "the body is no JSON"));
  auto texts = std::vector<std::string_view>{*kept};
  std::string place;
  for (const auto& [name, value] : *members)
    if (name == "batch") {
      auto list = engine::elements_of(value);
      if (!list)
        return now.refuse(
          invalid("field_type_mismatch", "`batch` is a list", "/batch"));
      texts = std::move(*list);
      place = "/batch/";
    }
  std::vector<http::read_item> items;
  for (const auto text : texts) {
    auto command = read_one(with, now, text);
    if (!command && command.failure().name == "body_invalid_json")
      return now.refuse(command.failure());
    items.push_back({text, in_parcel(std::move(command))});
  }
  take_or_reject(with, std::move(now), kept, std::move(items), std::move(place),
                 [](const taken_events&) {
                   return json_response(json::object{});
                 });
}

} // namespace

std::vector<api_route> customerio_routes() {
  std::vector<api_route> routes;
  const auto add = [&routes](std::string_view method, std::string_view path,
                             void (*function)(const api_context&, visit)) {
    routes.push_back({method, path, scope::events_write, function,
                      body_rule::any, body_bytes_max, customerio_here});
  };
  const std::string_view customer = "/api/v1/customers/{id}";
  add("PUT", customer, serve<action::identify>);
  add("DELETE", customer, refuse_delete);
  add("POST", "/api/v1/customers/{id}/events", serve<action::event>);
  add("POST", "/api/v1/customers/{id}/suppress", serve<action::suppress>);
  add("POST", "/api/v1/customers/{id}/unsuppress", serve<action::unsuppress>);
  add("PUT", "/api/v1/customers/{id}/devices", serve<action::add_device>);
  add("DELETE", "/api/v1/customers/{id}/devices/{device}", remove_device);
  add("POST", "/api/v1/events", serve_anonymous);
  add("POST", "/api/v1/merge_customers", serve_merge);
  add("POST", "/api/v2/entity", serve_items);
  add("POST", "/api/v2/batch", serve_items);
  return routes;
}

} // namespace troupe::http
