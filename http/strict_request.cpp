#include "http/strict_request.hpp"

#include "http/characters.hpp"
#include "http/percent.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::http {

namespace {

using verdict = std::optional<refusal>;

constexpr std::size_t method_max = 32;

/// Counts of the fields that decide framing and routing.
struct seen_fields {
  std::size_t host = 0;
  std::size_t content_length = 0;
  std::size_t transfer_encoding = 0;
  bool close = false;
  bool keep_alive = false;
  std::string_view host_value;
  std::string_view coding;
};

bool is_port(std::string_view text) {
  std::uint32_t port = 0;
  const auto* end = text.data() + text.size();
  if (text.empty() || text.size() > 5 || !is_digit(text[0]))
    return false;
  const auto [stop, ec] = std::from_chars(text.data(), end, port);
  return ec == std::errc{} && stop == end && port <= 65535;
}

/// A name, an IPv4 address or "[v6]", each with an optional port. Narrower
/// than RFC 3986: characters that only confuse proxies are not in it.
bool is_host(std::string_view text) {
  auto name = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos || end < 3)
      return false;
    name = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    for (const auto c : name)
      if (hex_value(c) < 0 && c != ':' && c != '.')
        return false;
  } else {
    const auto colon = text.find(':');
    if (colon != text.npos) {
      name = text.substr(0, colon);
      rest = text.substr(colon);
    }
    for (const auto c : name) {
      const auto lower = to_lower(c);
      if (!(lower >= 'a' && lower <= 'z') && !is_digit(c) && c != '-'
          && c != '.' && c != '_' && c != '~')
        return false;
    }
  }
  if (name.empty() || text.size() > 255)
    return false;
  // RFC 3986 3.2.3: a port may be empty.
  return rest.empty() || rest == ":"
         || (rest[0] == ':' && is_port(rest.substr(1)));
}

/// Splits off the request line's words: exactly one space between them.
verdict parse_request_line(std::string_view line, const head_limits& limits,
                           request_head& head, std::string_view& target) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last)
    return refusal::malformed;
  head.method = line.substr(0, first);
  target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (head.method.size() > method_max || !is_token(head.method)
      || !is_target(target))
    return refusal::malformed;
  if (target.size() > limits.target_bytes)
    return refusal::target_too_long;
  if (version.size() != 8 || !version.starts_with("HTTP/")
      || !is_digit(version[5]) || version[6] != '.' || !is_digit(version[7]))
    return refusal::malformed;
  if (version[5] != '1' || version[7] > '1')
    return refusal::version_unknown;
  head.is_http_1_1 = version[7] == '1';
  return std::nullopt;
}

void read_connection(std::string_view value, seen_fields& seen) {
  while (true) {
    const auto comma = value.find(',');
    const auto option = trim_blanks(value.substr(0, comma));
    seen.close |= equal_ignoring_case(option, "close");
    seen.keep_alive |= equal_ignoring_case(option, "keep-alive");
    if (comma == value.npos)
      return;
    value.remove_prefix(comma + 1);
  }
}

verdict read_content_length(std::string_view value, request_head& head) {
  constexpr std::size_t digits_max = 18; // fits 64 bits whatever they are
  if (value.empty() || value.size() > digits_max)
    return refusal::malformed;
  std::uint64_t length = 0;
  for (const auto c : value) {
    if (!is_digit(c))
      return refusal::malformed;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  head.content_length = length;
  return std::nullopt;
}

/// Notes a field that matters before a handler sees it.
verdict note_field(const field& each, request_head& head, seen_fields& seen) {
  const auto is = [&](std::string_view name) {
    return equal_ignoring_case(each.name, name);
  };
  switch (each.name.size()) {
    case 4:
      if (is("host")) {
        ++seen.host;
        seen.host_value = each.value;
      }
      break;
    case 6:
      if (is("expect")) {
        if (head.expects_continue
            || !equal_ignoring_case(each.value, "100-continue"))
          return refusal::bad_expectation;
        head.expects_continue = true;
      }
      break;
    case 10:
      if (is("connection"))
        read_connection(each.value, seen);
      break;
    case 14:
      if (is("content-length")) {
        ++seen.content_length;
        return read_content_length(each.value, head);
      }
      break;
    case 17:
      if (is("transfer-encoding")) {
        ++seen.transfer_encoding;
        seen.coding = each.value;
      }
      break;
    default:
      break;
  }
  return std::nullopt;
}

verdict parse_field(std::string_view line, field& parsed) {
  const auto colon = line.find(':');
  if (colon == line.npos)
    return refusal::malformed;
  // A folded line, and a blank before the colon, are not tokens.
  parsed.name = line.substr(0, colon);
  parsed.value = trim_blanks(line.substr(colon + 1));
  if (!is_token(parsed.name) || !is_field_value(parsed.value))
    return refusal::malformed;
  return std::nullopt;
}

/// RFC 9112 6.3, read narrowly: a body has one length, said in one way.
verdict check_framing(const seen_fields& seen, request_head& head) {
  if (seen.host > 1 || (head.is_http_1_1 && seen.host == 0)
      || (seen.host == 1 && !is_host(seen.host_value)))
    return refusal::malformed;
  if (seen.content_length > 1)
    return refusal::malformed;
  if (seen.transfer_encoding == 0)
    return std::nullopt;
  if (seen.transfer_encoding > 1 || seen.content_length != 0
      || !head.is_http_1_1)
    return refusal::malformed;
  if (equal_ignoring_case(seen.coding, "chunked")) {
    head.is_chunked = true;
    return std::nullopt;
  }
  // The length is known only when the last coding is `chunked`; then it is the
  // coding before it that nobody here decodes.
  const auto comma = seen.coding.rfind(',');
  if (comma == seen.coding.npos
      || !equal_ignoring_case(trim_blanks(seen.coding.substr(comma + 1)),
                              "chunked")
      || equal_ignoring_case(trim_blanks(seen.coding.substr(0, comma)),
                             "chunked"))
    return refusal::malformed;
  return refusal::coding_unknown;
}

/// Absolute-form is taken only for the authority that `Host` names.
verdict strip_authority(std::string_view& target, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme))
      continue;
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?"), target.size());
    if (host.empty() || !equal_ignoring_case(target.substr(0, end), host))
      return refusal::malformed;
    target.remove_prefix(end);
    return std::nullopt;
  }
  return refusal::malformed;
}

/// No escape that hides a separator, no dot segment, no empty segment.
bool is_plain_path(std::string_view path) {
  std::size_t start = 1;
  while (start <= path.size()) {
    const auto end = std::min(path.find('/', start), path.size());
    const auto segment = path.substr(start, end - start);
    const auto is_last = end == path.size();
    if (segment == "." || segment == ".." || (segment.empty() && !is_last))
      return false;
    start = end + 1;
  }
  return true;
}

verdict parse_path(request_head& head) {
  if (head.raw_path.find('%') == head.raw_path.npos) {
    head.path.clear();
  } else {
    for (std::size_t i = 0; i + 2 < head.raw_path.size(); ++i) {
      if (head.raw_path[i] != '%')
        continue;
      const auto code = head.raw_path.substr(i + 1, 2);
      if (equal_ignoring_case(code, "2f") || equal_ignoring_case(code, "5c"))
        return refusal::malformed;
    }
    auto decoded = percent_decode(head.raw_path, plus_sign::is_literal);
    if (!decoded)
      return refusal::malformed;
    head.path = *std::move(decoded);
  }
  const std::string_view path = head.path.empty() ? head.raw_path : head.path;
  return is_plain_path(path) ? verdict{} : refusal::malformed;
}

verdict parse_target(std::string_view target, std::string_view host,
                     request_head& head) {
  if (target == "*" && head.method == "OPTIONS") {
    head.raw_path = target;
    head.query = {};
    head.path.clear();
    return std::nullopt;
  }
  if (!target.starts_with('/')) {
    if (auto wrong = strip_authority(target, host))
      return wrong;
  }
  const auto mark = target.find('?');
  head.raw_path = target.substr(0, mark);
  head.query
    = mark == target.npos ? std::string_view{} : target.substr(mark + 1);
  if (head.raw_path.empty())
    head.raw_path = "/";
  return parse_path(head);
}

} // namespace

head_scanner::verdict head_scanner::scan(std::string_view bytes) {
  if (!bytes.empty() && scanned_ == 0 && !is_token(bytes.substr(0, 1)))
    return verdict::malformed;
  while (true) {
    const auto end = bytes.find('\n', scanned_);
    if (end == bytes.npos) {
      scanned_ = bytes.size();
      return verdict::incomplete;
    }
    if (end == line_start_ || bytes[end - 1] != '\r')
      return verdict::malformed;
    // HTTP/0.9 has no more than this line: nothing else would end the wait.
    if (line_start_ == 0
        && bytes.substr(0, end).find(" HTTP/") == std::string_view::npos)
      return verdict::malformed;
    const auto is_empty_line = end - line_start_ == 1;
    scanned_ = line_start_ = end + 1;
    if (is_empty_line)
      return verdict::complete;
  }
}

std::optional<refusal> parse_head(std::string_view bytes,
                                  const head_limits& limits,
                                  request_head& head) {
  head.expects_continue = false;
  head.is_chunked = false;
  head.content_length = 0;
  head.field_count = 0;
  std::string_view target;
  auto end = bytes.find("\r\n");
  if (end == bytes.npos)
    return refusal::malformed;
  if (auto wrong
      = parse_request_line(bytes.substr(0, end), limits, head, target))
    return wrong;
  if (bytes.size() > limits.head_bytes)
    return refusal::head_too_large;
  seen_fields seen;
  verdict expectation; // said only about a request that is sound otherwise
  while (true) {
    const auto start = end + 2;
    end = bytes.find("\r\n", start);
    if (end == bytes.npos)
      return refusal::malformed;
    if (end == start)
      break;
    if (head.field_count == fields_max)
      return refusal::head_too_large;
    auto& parsed = head.fields[head.field_count];
    if (auto wrong = parse_field(bytes.substr(start, end - start), parsed))
      return wrong;
    ++head.field_count;
    const auto wrong = note_field(parsed, head, seen);
    if (wrong == refusal::bad_expectation)
      expectation = wrong;
    else if (wrong)
      return wrong;
  }
  if (end + 2 != bytes.size())
    return refusal::malformed;
  if (auto wrong = check_framing(seen, head))
    return wrong;
  head.keep_alive = !seen.close && (head.is_http_1_1 || seen.keep_alive);
  if (auto wrong = parse_target(target, seen.host_value, head))
    return wrong;
  if (!head.is_http_1_1) {
    head.expects_continue = false;
    return std::nullopt; // RFC 9110 10.1.1: 1.0 has no expectations
  }
  return expectation;
}

} // namespace troupe::http
