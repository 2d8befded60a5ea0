#include "http/response.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace troupe::http;

namespace {

std::string bytes_of(const response& answer, exchange about = {}) {
  about.id = request_id{"req_1"};
  std::string out;
  serialise(answer, about, "Date: d\r\n", out);
  return out;
}

} // namespace

TEST_CASE("an answer is one buffer of bytes", "[http][response]") {
  response answer;
  answer.status = 202;
  answer.headers.emplace_back("Retry-After", "1");
  answer.body = "{}";
  CHECK(bytes_of(answer)
        == "HTTP/1.1 202 Accepted\r\nDate: d\r\n"
           "Content-Type: application/json\r\nContent-Length: 2\r\n"
           "X-Request-Id: req_1\r\nRetry-After: 1\r\n\r\n{}");
}

TEST_CASE("HEAD gets the length and no body", "[http][response]") {
  response answer;
  answer.body = "{}";
  const auto bytes = bytes_of(answer, {true, true, true, {}});
  CHECK(bytes.ends_with("\r\n\r\n"));
  CHECK(bytes.find("Content-Length: 2\r\n") != bytes.npos);
}

TEST_CASE("204 and 304 have neither body nor length", "[http][response]") {
  for (const auto status : {std::uint16_t{204}, std::uint16_t{304}}) {
    response answer;
    answer.status = status;
    answer.content_type = {};
    answer.body = "never";
    const auto bytes = bytes_of(answer);
    CHECK(bytes.ends_with("\r\n\r\n"));
    CHECK(bytes.find("Content-") == bytes.npos);
  }
}

TEST_CASE("a field can not split or reframe an answer", "[http][response]") {
  response answer;
  answer.headers = {{"X", "a\r\nY: b"},      {"Bad name", "a"},
                    {"content-LENGTH", "9"}, {"Transfer-Encoding", "chunked"},
                    {"connection", "close"}, {"Good", "a"}};
  const auto bytes = bytes_of(answer);
  CHECK(bytes.find("Y: b") == bytes.npos);
  CHECK(bytes.find("Bad name") == bytes.npos);
  CHECK(bytes.find("9") == bytes.npos);
  CHECK(bytes.find("chunked") == bytes.npos);
  CHECK(bytes.find("close") == bytes.npos);
  CHECK(bytes.find("Good: a\r\n") != bytes.npos);
}

TEST_CASE("the date is an IMF-fixdate", "[http][response]") {
  date_line date;
  date.set(
    std::chrono::system_clock::time_point{std::chrono::seconds{784111777}});
  CHECK(date.view() == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  date.set(
    std::chrono::system_clock::time_point{std::chrono::seconds{1772323199}});
  CHECK(date.view() == "Date: Sat, 28 Feb 2026 23:59:59 GMT\r\n");
}
