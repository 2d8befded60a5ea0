#include "http/doors/sendmator/sendmator_door.hpp"

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;

constexpr std::string_view team_invalid = "invalid_team_context";

std::optional<credentials> credentials_of(const request& head) {
  const auto key = head.header("X-API-Key");
  error missing{errc::unauthenticated, "invalid_api_key", "Unauthorized", {}};
  if (!key || head.header_count("X-API-Key") != 1)
    return credentials{{}, std::move(missing)};
  return credentials{std::string{*key}, std::move(missing)};
}

engine::status check_team(const request& head, std::string_view tenant) {
  const auto team = head.header("X-Team-ID");
  if (team && *team == tenant && head.header_count("X-Team-ID") == 1)
    return engine::success();
  return error{errc::unauthenticated,
               std::string{team_invalid},
               "Invalid team context",
               {}};
}

// What the body says is wrong is 400 here, whatever it is elsewhere.
std::uint16_t status_here(const error& why) {
  const auto status = status_of(why);
  return status == 422 || status == 415 ? 400 : status;
}

std::string_view phrase_of(std::uint16_t status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    case 501:
      return "Not Implemented";
    default:
      return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

std::string message_of(const error& why) {
  if (why.code == errc::unauthenticated && why.name != team_invalid)
    return "Unauthorized";
  if (why.name == "contact_not_found")
    return "Contact not found";
  return why.pointer.empty() ? why.message
                             : why.message + " (at " + why.pointer + ")";
}

response refuse(const error& why, const problem_context& about) {
  const auto status = status_here(why);
  const auto phrase = phrase_of(status);
  auto answer = json_response(
    json::object{{"statusCode", status},
                 {"message", message_of(why)},
                 {"error", json::string_view{phrase.data(), phrase.size()}}},
    status);
  append_retry_after(answer.headers, retry_after_of(why, about));
  if (status == 401)
    answer.headers.emplace_back("WWW-Authenticate", "ApiKey");
  return answer;
}

constexpr dialect door{engine::door::sendmator, credentials_of, refuse,
                       check_team};

} // namespace

const dialect& spoken() {
  return door;
}

const dialect* spoken_by(const request&) {
  return &door;
}

engine::error not_found(std::string message) {
  return {errc::not_found, "not_found", std::move(message), {}};
}

} // namespace troupe::http::sendmator
