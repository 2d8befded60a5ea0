// One request as a handler gets it: a value that owns its bytes.
#pragma once

#include "http/caller.hpp"
#include "http/routes.hpp"
#include "http/short_text.hpp"
#include "http/strict_request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::http {

struct dialect;

class request {
public:
  request() = default;

  /// Copies what `head` points at. @pre `head` was parsed from `bytes`.
  request(std::string_view bytes, const request_head& head);

  [[nodiscard]] std::string_view method() const {
    return text(method_);
  }

  /// Decoded once; UTF-8; starts with "/" or is "*".
  [[nodiscard]] std::string_view path() const {
    return text(path_);
  }

  /// As sent, without "?".
  [[nodiscard]] std::string_view query() const {
    return text(query_);
  }

  /// The first field of that name, in any case.
  [[nodiscard]] std::optional<std::string_view>
  header(std::string_view name) const;

  [[nodiscard]] std::size_t header_count(std::string_view name) const;

  /// Calls `visit(name, value)` for every field in the order sent.
  template <class Visitor>
  void each_header(Visitor visit) const {
    for (const auto& each : fields_)
      visit(text(each.name), text(each.value));
  }

  std::string body;
  address_text client;
  bool is_secure = false; // it came over TLS
  request_id id;

  // What the check of the head found (server_options::check).
  caller who;
  /// Its views point into `text_`: no head is short enough to be kept in place,
  /// so that its bytes stay where they are when the request moves.
  route_match route;
  std::string_view pattern;        // of the route; static storage
  const dialect* speaks = nullptr; // null: native; static storage
  std::size_t body_max = 0;

private:
  // Offsets, because views would dangle when the value moves.
  struct span {
    std::uint16_t start = 0;
    std::uint16_t size = 0;
  };

  struct field_span {
    span name;
    span value;
  };

  [[nodiscard]] std::string_view text(span part) const {
    return std::string_view{text_}.substr(part.start, part.size);
  }

  std::string text_;
  span method_;
  span path_;
  span query_;
  std::vector<field_span> fields_;
};

} // namespace troupe::http
