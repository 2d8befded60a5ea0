// One answer as a handler gives it, and its bytes on the wire.
#pragma once

#include "http/short_text.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

class body_stream;

using header_fields = std::vector<std::pair<std::string, std::string>>;

struct response {
  std::uint16_t status = 200;
  /// Static storage only (a literal): it is kept as a view. Empty for none.
  std::string_view content_type = "application/json";
  /// Not the fields that the session writes: Date, Content-Type,
  /// Content-Length, Transfer-Encoding, Connection, X-Request-Id. Those, and
  /// fields that would break the head, are left out.
  header_fields headers;
  std::string body;
  /// Static storage only, instead of `body`: is not copied for each client, so
  /// that those who do not read hold no memory.
  std::string_view fixed_body;
  bool close = false; // end the connection after this answer
  /// When set it is the body, and the connection ends with it.
  std::shared_ptr<body_stream> stream;
};

/// The reason phrase; "Unknown" for a status that Troupe does not use.
std::string_view reason_phrase(std::uint16_t status);

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" of the current second.
class date_line {
public:
  void set(std::chrono::system_clock::time_point now);

  [[nodiscard]] std::string_view view() const {
    return text_;
  }

private:
  std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
  std::string text_;
};

/// What the session knows and the handler does not.
struct exchange {
  bool is_head = false;    // send no body, but its length
  bool is_http_1_1 = true; // 1.0 must be told that the connection stays
  bool keep_alive = true;
  request_id id;
};

/// Appends the whole answer to `out`, but for its `fixed_body`.
void serialise(const response& answer, const exchange& about,
               std::string_view date, std::string& out);

} // namespace troupe::http
