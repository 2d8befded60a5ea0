// Decodes `Transfer-Encoding: chunked` as it arrives. Stricter than RFC 9112:
// only CRLF ends a line, no blanks in a size line, extensions and trailers are
// bounded, checked and dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::http {

class chunked_body {
public:
  enum class verdict { incomplete, complete, malformed, too_large };

  struct progress {
    verdict outcome = verdict::incomplete;
    std::size_t consumed = 0; // bytes taken; what follows is the next request
  };

  static constexpr std::size_t extension_bytes_max = 4'096; // of all chunks
  static constexpr std::size_t trailer_bytes_max = 4'096;

  explicit chunked_body(std::size_t body_max) : body_max_{body_max} {}

  /// Decodes what is there and appends it to `body`. Takes no more bytes once
  /// the outcome was not `incomplete`.
  progress feed(std::string_view bytes, std::string& body);

private:
  enum class step : std::uint8_t {
    size_start,
    size,
    extension_start, // after ';'
    extension_name,
    extension_value_start, // after '='
    extension_value,
    extension_quoted,
    extension_escaped,
    extension_end, // after the closing quote
    size_end,
    data,
    data_cr,
    data_lf,
    line_start, // of a trailer, or of the last line
    trailer_name,
    trailer_value,
    trailer_end,
    last_lf,
  };

  verdict take(char c, const std::string& body);
  verdict take_size(char c);
  verdict take_extension(char c);
  verdict take_trailer(char c);
  verdict end_size_line(const std::string& body);

  std::size_t body_max_;
  std::uint64_t left_ = 0; // of the chunk's size line, then of its data
  std::size_t digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  step step_ = step::size_start;
};

} // namespace troupe::http
