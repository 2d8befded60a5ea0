// The only way JSON from outside becomes a value. Stricter than Boost.JSON:
// what it accepts can be stored anywhere, printed again, and means one thing
// (reliability.md 0.5, J1–J7).
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace troupe::engine {

struct json_limits {
  std::size_t depth_max = 32;
  std::size_t bytes_max = std::size_t{1024} * 1024;
  std::size_t keys_max = 256; // per object; its check is quadratic in this
};

/// Reads one document after another and keeps its memory between them. Owned
/// by one thread.
class json_reader {
public:
  json_reader();
  json_reader(json_reader&&) noexcept;
  json_reader& operator=(json_reader&&) noexcept;
  ~json_reader();

  /// @param storage where the value's memory comes from; must outlive it.
  /// @returns the document, or invalid_request with the JSON pointer of the
  /// place and one of these names: `payload_too_large` (bytes_max),
  /// `body_invalid_json` (syntax, invalid UTF-8, BOM), `body_too_deep`,
  /// `too_many_keys`, `duplicate_key`, `number_out_of_range` (not a finite
  /// double, or a whole number beyond 64 bits), `text_not_allowed` (U+0000,
  /// lone surrogate).
  result<boost::json::value> read(std::string_view text,
                                  const json_limits& limits = {},
                                  boost::json::storage_ptr storage = {});

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// One-off form of json_reader::read, on a reader of the calling thread.
result<boost::json::value> parse_json(std::string_view text,
                                      const json_limits& limits = {},
                                      boost::json::storage_ptr storage = {});

} // namespace troupe::engine
