// A client of the native API: one connection that is kept open and made again
// when the server closed it. An answer that is not as /openapi.json describes
// it throws. For one thread.
#pragma once

#include "tests/support/raw_client.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct api_answer {
  int status = 0; // 0: the connection broke off before the answer was there
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
  boost::json::value json; // null when the body is none

  /// What is at the JSON pointer, or null.
  [[nodiscard]] const boost::json::value& at(std::string_view pointer) const;
  /// The string there, or "" when there is none.
  [[nodiscard]] std::string text(std::string_view pointer) const;
  /// The integer there, or -1.
  [[nodiscard]] std::int64_t number(std::string_view pointer) const;
  [[nodiscard]] bool has(std::string_view pointer) const;
  /// The code of the error envelope (G74).
  [[nodiscard]] std::string code() const;
  /// The header's value, or "".
  [[nodiscard]] std::string header(const std::string& name) const;
};

class api_client {
public:
  /// @param key sent as a bearer token; none when empty
  explicit api_client(std::uint16_t port, std::string key = {})
    : port_{port}, key_{std::move(key)} {}

  api_answer get(std::string_view target, const header_list& headers = {});
  api_answer post(std::string_view target, std::string_view body,
                  const header_list& headers = {});
  api_answer send(std::string_view method, std::string_view target,
                  std::string_view body, const header_list& headers);

  /// `POST /v1/events`; with the idempotency key when there is one.
  api_answer emit(std::string_view body, const std::string& key = {});

private:
  std::uint16_t port_;
  std::string key_;
  std::unique_ptr<support::raw_client> connection_;
};

/// `{"type": …, "contact": …, "metadata": …}` of JSON texts.
std::string event_body(std::string_view type, std::string_view contact,
                       std::string_view metadata = "{}");

/// Percent-encodes all but unreserved characters.
std::string percent_encode(std::string_view text);

} // namespace troupe::test
