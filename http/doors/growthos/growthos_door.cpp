#include "http/doors/growthos/growthos_door.hpp"

#include "http/authentication.hpp"
#include "http/characters.hpp"
#include "http/doors/write_key.hpp"

#include <boost/json/array.hpp>

namespace troupe::http::growthos {

namespace json = boost::json;

namespace {

using engine::error;
using engine::invalid;

std::optional<credentials> credentials_of(const request& head) {
  if (head.header("Authorization"))
    return http::credentials_of(head);
  if (auto key = write_key_in_query(head))
    return credentials{std::move(*key),
                       {engine::errc::unauthenticated,
                        "invalid_api_key",
                        "`writeKey` is empty",
                        {}}};
  return std::nullopt;
}

std::uint16_t status_here(const error& why) {
  const auto status = status_of(why);
  const auto is_unreadable
    = why.name == "body_invalid_json" || why.name == "body_invalid_compression";
  return is_unreadable || status == 415 ? 400 : status;
}

std::string_view code_of(const error& why) {
  switch (status_here(why)) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthenticated";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 409:
      return "conflict";
    case 413:
      return "payload_too_large";
    case 422:
      return why.name == "reserved_event_name" ? "reserved_event_name"
                                               : "validation_error";
    case 429:
      return "rate_limited";
    case 503:
      return "unavailable";
    default:
      return status_here(why) < 500 ? "bad_request" : "internal_error";
  }
}

// "/properties/plan" to "properties.plan".
std::string field_of(std::string_view pointer) {
  std::string field{pointer.substr(pointer.empty() ? 0 : 1)};
  for (auto& c : field)
    c = c == '/' ? '.' : c;
  return field;
}

json::object error_object(const error& why) {
  json::array details;
  if (status_here(why) == 422)
    details.push_back({{"field", field_of(why.pointer)},
                       {"reason", why.name},
                       {"message", why.message}});
  const auto code = code_of(why);
  return {{"code", json::string_view{code.data(), code.size()}},
          {"message", why.message},
          {"details", std::move(details)}};
}

json::string_view text(std::string_view from) {
  return {from.data(), from.size()};
}

response refuse(const error& why, const problem_context& about) {
  auto answer
    = json_response(json::object{{"error", error_object(why)},
                                 {"request_id", text(about.request_id)}},
                    status_here(why));
  append_retry_after(answer.headers, retry_after_of(why, about));
  return answer;
}

constexpr dialect door{engine::door::growthos, credentials_of, refuse, nullptr,
                       true};

bool is_taken(std::string_view content_type) {
  const auto plain = content_type.substr(0, content_type.find(';'));
  const auto name = plain.substr(0, plain.find_last_not_of(' ') + 1);
  // Beacons cannot say that they carry JSON without asking first.
  return equal_ignoring_case(name, "application/json")
         || equal_ignoring_case(name, "text/plain");
}

} // namespace

const dialect& spoken() {
  return door;
}

engine::status check(const visit& now, std::size_t body_bytes) {
  if (const auto type = now.what.header("Content-Type");
      type && !is_taken(*type))
    return invalid("unsupported_media_type",
                   "send JSON with `Content-Type: application/json`");
  if (body_bytes > body_bytes_max)
    return invalid("payload_too_large", "a request has at most 500 KB");
  if (!now.what.header("Authorization") && !now.who.from_browser)
    return error{engine::errc::unauthenticated,
                 "secret_key_in_query",
                 "only a write key may stand in the query; send a secret key "
                 "as `Authorization: Bearer <key>`",
                 {}};
  return engine::success();
}

response accepted(const request_id& id) {
  return json_response(
    json::object{{"success", true}, {"request_id", text(id.view())}}, 202);
}

response batch_answer(const request_id& id, const std::vector<item>& items) {
  json::array shown;
  auto all_taken = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& failure = items[i].failure;
    json::object one{{"index", i},
                     {"status", failure ? status_here(*failure) : 202},
                     {"success", !failure}};
    if (failure)
      one["error"] = error_object(*failure);
    all_taken = all_taken && !failure;
    shown.push_back(std::move(one));
  }
  return json_response(json::object{{"success", all_taken},
                                    {"request_id", text(id.view())},
                                    {"items", std::move(shown)}},
                       202);
}

} // namespace troupe::http::growthos
