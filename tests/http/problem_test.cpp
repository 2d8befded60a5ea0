#include "http/problem.hpp"

#include <boost/json.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace troupe::http;
using troupe::engine::errc;
using troupe::engine::error;

namespace {

std::string header(const response& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name)
      return value;
  return "";
}

} // namespace

TEST_CASE("every code has a status and a type", "[http][problem]") {
  struct row {
    errc code;
    const char* name;
    std::uint16_t status;
    const char* type;
  };
  const row rows[] = {
    {errc::none, "", 500, "server_error"},
    {errc::invalid_request, "", 422, "invalid_request"},
    {errc::invalid_request, "body_invalid_json", 422, "invalid_request"},
    {errc::invalid_request, "malformed_request", 400, "invalid_request"},
    {errc::invalid_request, "method_not_allowed", 405, "invalid_request"},
    {errc::invalid_request, "request_timeout", 408, "invalid_request"},
    {errc::invalid_request, "payload_too_large", 413, "invalid_request"},
    {errc::invalid_request, "uri_too_long", 414, "invalid_request"},
    {errc::invalid_request, "unsupported_media_type", 415, "invalid_request"},
    {errc::invalid_request, "unsupported_content_encoding", 415,
     "invalid_request"},
    {errc::invalid_request, "expectation_failed", 417, "invalid_request"},
    {errc::invalid_request, "head_too_large", 431, "invalid_request"},
    {errc::invalid_request, "transfer_coding_not_supported", 501,
     "server_error"},
    {errc::invalid_request, "http_version_not_supported", 505, "server_error"},
    {errc::unauthenticated, "invalid_api_key", 401, "authentication"},
    {errc::forbidden, "scope_required", 403, "permission"},
    {errc::not_found, "", 404, "not_found"},
    {errc::conflict, "idempotency_key_mismatch", 409, "conflict"},
    {errc::overloaded, "", 503, "server_error"},
    {errc::rate_limited, "key_rate_limit", 429, "rate_limit"},
    {errc::rate_limited, "", 429, "rate_limit"},
    {errc::storage_unavailable, "", 503, "server_error"},
    {errc::deadline_exceeded, "", 503, "server_error"},
    {errc::internal, "", 500, "server_error"},
  };
  auto highest = errc::none;
  for (const auto& each : rows) {
    INFO(int(each.code) << " " << each.name);
    const error reason{each.code, each.name, "what", ""};
    CHECK(status_of(reason) == each.status);
    CHECK(error_type_of(each.status) == each.type);
    CHECK(to_response(reason, {}).status == each.status);
    CHECK(reason_phrase(each.status) != "Unknown");
    highest = std::max(highest, each.code);
  }
  CHECK(highest == errc::rate_limited); // a new code needs a row
}

TEST_CASE("G74: a problem carries the reference's error object",
          "[http][problem]") {
  const auto answer = to_response({errc::invalid_request, "metadata_too_large",
                                   "Too \"large\".", "/items/0/a~1b"},
                                  {"req_1", "/v1/events", {}});
  CHECK(answer.content_type == "application/problem+json");
  const auto expected = boost::json::parse(R"({
    "type": "https://troupe.dev/errors/metadata_too_large",
    "title": "Metadata too large", "status": 422, "detail": "Too \"large\".",
    "instance": "/v1/events", "code": "metadata_too_large",
    "request_id": "req_1",
    "errors": [{"pointer": "/items/0/a~1b", "detail": "Too \"large\"."}],
    "error": {"type": "invalid_request", "code": "metadata_too_large",
      "message": "Too \"large\".",
      "fields": [{"path": "items.0.a/b", "message": "Too \"large\"."}],
      "request_id": "req_1"}})");
  CHECK(boost::json::parse(answer.body) == expected);
}

TEST_CASE("G76: Retry-After is whole seconds, the body is exact",
          "[http][problem]") {
  using namespace std::chrono_literals;
  const auto limited = to_response(
    {errc::rate_limited, "key_rate_limit", "", ""}, {"req_1", {}, 600ms});
  CHECK(header(limited, "Retry-After") == "1");
  const auto body = boost::json::parse(limited.body);
  CHECK(body.at("error").at("retry_after_seconds").as_double() == 0.6);
  CHECK(body.at("errors").as_array().empty());
  CHECK(body.as_object().if_contains("instance") == nullptr);
  for (const auto code :
       {errc::deadline_exceeded, errc::overloaded, errc::storage_unavailable})
    CHECK(header(to_response({code, "", "", ""}, {}), "Retry-After") == "1");
  CHECK(header(to_response({errc::not_found, "", "", ""}, {}), "Retry-After")
        == "");
}

TEST_CASE("401 says how to authenticate", "[http][problem]") {
  CHECK(header(to_response({errc::unauthenticated, "", "", ""}, {}),
               "WWW-Authenticate")
        == "Bearer");
}
