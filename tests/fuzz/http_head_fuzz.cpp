// Accepted heads say one thing: they read the same again from what was read,
// and hold nothing that another reader could take for a line or a length.
#include "http/characters.hpp"
#include "http/percent.hpp"
#include "http/request.hpp"
#include "http/strict_request.hpp"
#include "tests/fuzz/invariant.hpp"

#include <string>

using namespace troupe::http;
using troupe::fuzz::demand;

namespace {

/// The head written in its plainest form.
std::string rewritten(const request_head& head) {
  std::string bytes{head.method};
  bytes += ' ';
  bytes += head.raw_path;
  if (!head.query.empty()) {
    bytes += '?';
    bytes += head.query;
  }
  bytes += head.is_http_1_1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n";
  for (std::size_t i = 0; i < head.field_count; ++i) {
    bytes += head.fields[i].name;
    bytes += ':';
    bytes += head.fields[i].value;
    bytes += "\r\n";
  }
  return bytes + "\r\n";
}

void check_framing(const request& asked, const request_head& head) {
  demand(asked.header_count("host") == 1 || !head.is_http_1_1);
  demand(asked.header_count("host") <= 1);
  const auto lengths = asked.header_count("content-length");
  const auto codings = asked.header_count("transfer-encoding");
  demand(lengths + codings <= 1);
  demand(head.is_chunked == (codings == 1));
  demand(!head.is_chunked || head.is_http_1_1);
  demand(lengths == 1 || head.content_length == 0);
  const auto length = asked.header("content-length");
  demand(!length || length->find_first_not_of("0123456789") == length->npos);
  const auto coding = asked.header("transfer-encoding");
  demand(!coding || equal_ignoring_case(*coding, "chunked"));
  demand(is_token(head.method));
  asked.each_header([](std::string_view name, std::string_view value) {
    demand(is_token(name));
    demand(value.find_first_of(std::string_view{"\r\n\0", 3}) == value.npos);
  });
}

void check_path(const request& asked) {
  const auto path = asked.path();
  demand(path == "*" || path.starts_with('/'));
  demand(is_utf8(path));
  demand(path.find("//") == path.npos);
  demand(path.find('\\') == path.npos);
  demand(path.find("/../") == path.npos && path.find("/./") == path.npos);
  demand(!path.ends_with("/..") && !path.ends_with("/."));
  for (const auto c : path)
    demand(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static request_head head;
  static request_head again;
  const auto bytes = troupe::fuzz::as_text(data, size);
  head_scanner whole;
  const auto verdict = whole.scan(bytes);
  // Any split gives the same verdict, or the refusal earlier.
  head_scanner split;
  const auto half = size == 0 ? 0 : data[0] % size;
  if (split.scan(bytes.substr(0, half)) == head_scanner::verdict::incomplete)
    demand(split.scan(bytes) == verdict);
  if (verdict != head_scanner::verdict::complete)
    return 0;
  const auto part = bytes.substr(0, whole.head_size());
  demand(part.ends_with("\r\n\r\n"));
  const head_limits limits;
  if (parse_head(part, limits, head))
    return 0;
  demand(part.size() <= limits.head_bytes
         && head.raw_path.size() + head.query.size() <= limits.target_bytes);
  const request asked{part, head};
  check_framing(asked, head);
  check_path(asked);
  const auto plain = rewritten(head);
  demand(!parse_head(plain, {}, again));
  const request same{plain, again};
  demand(same.method() == asked.method() && same.path() == asked.path()
         && same.query() == asked.query());
  demand(again.content_length == head.content_length
         && again.is_chunked == head.is_chunked
         && again.keep_alive == head.keep_alive
         && again.expects_continue == head.expects_continue
         && again.field_count == head.field_count);
  return 0;
}
