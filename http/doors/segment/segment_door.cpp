#include "http/doors/segment/segment_door.hpp"

#include "http/authentication.hpp"
#include "http/doors/write_key.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace troupe::http::segment {

namespace json = boost::json;

namespace {

std::optional<credentials> credentials_of(const request& head) {
  const auto header = head.header("Authorization");
  if (!header)
    return std::nullopt; // the body has it
  // Some libraries send a password with the key.
  if (auto basic = basic_of(*header))
    return credentials{std::move(basic->first), {}};
  return http::credentials_of(head);
}

// Both worlds: RFC 9457, and `message` beside `code`, which the Python library
// reads.
response refuse(const engine::error& why, const problem_context& given) {
  auto about = given;
  about.retry_after = retry_after_of(why, given);
  auto body = problem_object(why, about);
  body["success"] = false;
  body["message"] = why.message;
  response answer;
  answer.status
    = why.name == "body_invalid_json" || why.name == "body_invalid_compression"
        ? 400
        : status_of(why);
  body["status"] = answer.status;
  answer.body = json::serialize(body);
  append_retry_after(answer.headers, about.retry_after);
  return answer;
}

constexpr dialect door{engine::door::segment, credentials_of, refuse};

const dialect* segment_here(const request&) {
  return &door;
}

std::string host_of(const request& what) {
  return std::string{what.header("Host").value_or("localhost")};
}

// analytics-next and its kin: where to send what to. Says nothing about the
// key, so it is no oracle for keys.
void show_settings(const api_context&, visit now) {
  const auto is_secure
    = now.what.is_secure || now.what.header("X-Forwarded-Proto") == "https";
  const json::object target{
    {"apiKey", json::value(std::string{now.route.parameter("key")})},
    {"apiHost", host_of(now.what) + "/v1"},
    {"protocol", is_secure ? "https" : "http"}};
  now.respond(json_response(json::object{
    {"integrations",
     {{"Segment.io", target}, {"Customer.io Data Pipelines", target}}},
    {"plan", json::object{}},
    {"edgeFunction", json::object{}},
    {"metrics", {{"sampleRate", 0}}}}));
}

// What the RudderStack library in browsers wants to know of its source.
void show_source(const api_context&, visit now) {
  auto key = write_key_in_query(now.what).value_or("");
  if (const auto header = now.what.header("Authorization");
      key.empty() && header)
    if (const auto basic = basic_of(*header))
      key = basic->first;
  const json::object off{{"enabled", false}};
  now.respond(json_response(json::object{
    {"source",
     {{"id", "troupe"},
      {"name", "troupe"},
      {"writeKey", key},
      {"enabled", true},
      {"workspaceId", "troupe"},
      {"destinations", json::array{}},
      {"connections", json::array{}},
      {"dataplanes", json::object{}},
      {"config", {{"statsCollection", {{"errors", off}, {"metrics", off}}}}}}},
    {"updatedAt", "2026-01-01T00:00:00Z"}}));
}

} // namespace

const dialect& spoken() {
  return door;
}

response accepted(const taken_events&) {
  return json_response(json::object{{"success", true}});
}

std::vector<api_route> document_routes() {
  return {{"GET", "/v1/projects/{key}/settings", std::nullopt, show_settings,
           body_rule::any, 0, segment_here},
          {"GET", "/sourceConfig", std::nullopt, show_source, body_rule::any, 0,
           segment_here}};
}

} // namespace troupe::http::segment
