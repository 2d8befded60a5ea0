// The strict reading of a request's head (reliability.md 0.4, H1, H5, H10):
// any doubt about where a message ends or whom it is for is a refusal, never a
// guess. Pure; all views point into the bytes that were given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// Why a request is not served. After each of these the connection closes.
enum class refusal : std::uint8_t {
  malformed,       // 400
  timed_out,       // 408
  body_too_large,  // 413
  target_too_long, // 414
  bad_expectation, // 417
  head_too_large,  // 431
  coding_unknown,  // 501
  version_unknown, // 505
};

struct head_limits {
  std::size_t head_bytes = 8'192;   // at most 60,000: offsets are 16 bits
  std::size_t target_bytes = 8'000; // RFC 9112 3 asks for as much
};

inline constexpr std::size_t fields_max = 100;

struct field {
  std::string_view name;
  std::string_view value; // without surrounding blanks
};

struct request_head {
  std::string_view method;
  std::string_view raw_path; // as sent; "*" for `OPTIONS *`
  std::string_view query;    // as sent, without "?"
  std::string path;          // decoded once; empty when equal to raw_path
  bool is_http_1_1 = true;
  bool keep_alive = true;
  bool expects_continue = false;
  bool is_chunked = false;
  std::uint64_t content_length = 0;
  std::size_t field_count = 0;
  std::array<field, fields_max> fields;
};

/// Finds the end of a head that arrives in pieces, each byte looked at once.
class head_scanner {
public:
  enum class verdict { incomplete, complete, malformed };

  /// @pre `bytes` starts with all bytes of the last call.
  /// `malformed` as soon as a line does not end in CRLF, the first byte can not
  /// start a method or the first line has no version, so that nobody waits for
  /// a deadline.
  verdict scan(std::string_view bytes);

  /// Bytes up to and including the empty line. @pre complete
  [[nodiscard]] std::size_t head_size() const {
    return line_start_;
  }

  void reset() {
    *this = {};
  }

private:
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
};

/// Reads a whole head, CRLFCRLF included, into `head`.
/// @returns what is wrong with it, or nothing.
std::optional<refusal> parse_head(std::string_view bytes,
                                  const head_limits& limits,
                                  request_head& head);

} // namespace troupe::http
