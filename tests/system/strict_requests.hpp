// Requests written byte for byte, and what the real binary makes of them.
#pragma once

#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace troupe::test {

using support::raw_answer;
using support::raw_client;

inline const std::string line = "GET /healthz HTTP/1.1\r\n";
inline const std::string host = "Host: troupe\r\n";
inline const std::string next = line + host + "\r\n";

struct exchange {
  raw_answer answer;
  bool is_closed = false;
};

/// Sends the bytes, and a sound request right behind them.
inline exchange send(const std::string& bytes) {
  raw_client client{shared_server().port()};
  exchange got;
  got.answer = client.ask(bytes + next);
  const auto closes = got.answer.headers.find("connection");
  got.is_closed = closes != got.answer.headers.end()
                  && closes->second == "close" && client.is_closed();
  return got;
}

/// Each is answered with the status, once, and nothing behind it is read.
inline void are_refused(int status, const std::vector<std::string>& all) {
  for (const auto& bytes : all) {
    INFO(bytes.substr(0, 300));
    const auto got = send(bytes);
    CHECK(got.answer.status == status);
    CHECK(got.is_closed);
    CHECK(got.answer.headers.at("content-type") == "application/problem+json");
  }
}

/// A request with a key, without its last, empty line.
inline std::string keyed(const std::string& request_line) {
  return request_line + " HTTP/1.1\r\n" + host + "Authorization: Bearer "
         + shared_server().key() + "\r\n";
}

inline std::string posted(const std::string& fields, const std::string& body) {
  return keyed("POST /v1/events") + "Content-Type: application/json\r\n"
         + fields + "\r\n" + body;
}

inline std::string sized(const std::string& body) {
  return posted("Content-Length: " + std::to_string(body.size()) + "\r\n",
                body);
}

inline std::string chunked(const std::string& chunks) {
  return posted("Transfer-Encoding: chunked\r\n", chunks);
}

inline std::string good_event() {
  return event_body("strict.sent", by_external_id("usr_strict"));
}

inline int status_of(const std::string& bytes) {
  return raw_client{shared_server().port()}.ask(bytes).status;
}

} // namespace troupe::test
