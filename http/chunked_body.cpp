#include "http/chunked_body.hpp"

#include "http/characters.hpp"

#include <algorithm>

namespace troupe::http {

namespace {

constexpr std::size_t size_digits_max = 15; // fits 64 bits whatever they are

} // namespace

chunked_body::progress chunked_body::feed(std::string_view bytes,
                                          std::string& body) {
  progress done;
  while (done.consumed < bytes.size()) {
    if (step_ == step::data) {
      const auto part = bytes.substr(done.consumed)
                          .substr(0, static_cast<std::size_t>(left_));
      body.append(part);
      done.consumed += part.size();
      left_ -= part.size();
      if (left_ == 0)
        step_ = step::data_cr;
      continue;
    }
    done.outcome = take(bytes[done.consumed++], body);
    if (done.outcome != verdict::incomplete)
      return done;
  }
  return done;
}

chunked_body::verdict chunked_body::take(char c, const std::string& body) {
  const auto go_on = [this](bool is_right, step next) {
    step_ = next;
    return is_right ? verdict::incomplete : verdict::malformed;
  };
  switch (step_) {
    case step::size_start:
    case step::size:
      return take_size(c);
    case step::extension_start:
    case step::extension_name:
    case step::extension_value_start:
    case step::extension_value:
    case step::extension_quoted:
    case step::extension_escaped:
    case step::extension_end:
      return take_extension(c);
    case step::size_end:
      return c == '\n' ? end_size_line(body) : verdict::malformed;
    case step::data:
      break; // taken in bulk by feed()
    case step::data_cr:
      return go_on(c == '\r', step::data_lf);
    case step::data_lf:
      return go_on(c == '\n', step::size_start);
    case step::last_lf:
      return c == '\n' ? verdict::complete : verdict::malformed;
    default:
      return take_trailer(c);
  }
  return verdict::malformed;
}

chunked_body::verdict chunked_body::take_size(char c) {
  const auto digit = hex_value(c);
  if (digit >= 0) {
    left_ = step_ == step::size_start ? 0 : left_;
    digits_ = step_ == step::size_start ? 1 : digits_ + 1;
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    step_ = step::size;
    return digits_ <= size_digits_max ? verdict::incomplete
                                      : verdict::malformed;
  }
  if (step_ == step::size_start || (c != ';' && c != '\r'))
    return verdict::malformed;
  step_ = c == ';' ? step::extension_start : step::size_end;
  return verdict::incomplete;
}

/// RFC 9112 7.1.1: *( ";" token [ "=" ( token / quoted-string ) ] )
chunked_body::verdict chunked_body::take_extension(char c) {
  if (c != '\r' && ++extension_bytes_ > extension_bytes_max)
    return verdict::malformed;
  const auto is_in_token = is_token({&c, 1});
  switch (step_) {
    case step::extension_start:
      step_ = step::extension_name;
      return is_in_token ? verdict::incomplete : verdict::malformed;
    case step::extension_value_start:
      step_ = c == '"' ? step::extension_quoted : step::extension_value;
      return is_in_token || c == '"' ? verdict::incomplete : verdict::malformed;
    case step::extension_quoted:
    case step::extension_escaped: {
      const auto is_escaped = step_ == step::extension_escaped;
      step_ = step::extension_quoted;
      if (!is_escaped && c == '\\')
        step_ = step::extension_escaped;
      else if (!is_escaped && c == '"')
        step_ = step::extension_end;
      return is_field_value({&c, 1}) ? verdict::incomplete : verdict::malformed;
    }
    default:
      break;
  }
  if (c == ';' || c == '\r') {
    step_ = c == ';' ? step::extension_start : step::size_end;
    return verdict::incomplete;
  }
  if (c == '=' && step_ == step::extension_name) {
    step_ = step::extension_value_start;
    return verdict::incomplete;
  }
  return is_in_token && step_ != step::extension_end ? verdict::incomplete
                                                     : verdict::malformed;
}

chunked_body::verdict chunked_body::end_size_line(const std::string& body) {
  if (left_ > body_max_ - std::min(body_max_, body.size()))
    return verdict::too_large;
  step_ = left_ == 0 ? step::line_start : step::data;
  return verdict::incomplete;
}

chunked_body::verdict chunked_body::take_trailer(char c) {
  if (step_ == step::line_start && c == '\r') {
    step_ = step::last_lf;
    return verdict::incomplete;
  }
  if (++trailer_bytes_ > trailer_bytes_max)
    return verdict::malformed;
  auto is_right = false;
  switch (step_) {
    case step::line_start:
      is_right = is_token({&c, 1});
      step_ = step::trailer_name;
      break;
    case step::trailer_name:
      is_right = c == ':' || is_token({&c, 1});
      step_ = c == ':' ? step::trailer_value : step::trailer_name;
      break;
    case step::trailer_value:
      is_right = c == '\r' || is_field_value({&c, 1});
      step_ = c == '\r' ? step::trailer_end : step::trailer_value;
      break;
    default:
      is_right = c == '\n';
      step_ = step::line_start;
      break;
  }
  return is_right ? verdict::incomplete : verdict::malformed;
}

} // namespace troupe::http
