#include "engine/strict_json.hpp"

#include "engine/json_handler.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <charconv>
#include <exception>

namespace troupe::engine {

namespace {

/// @returns the code unit of an escape `\uXXXX` at the front, or -1.
int escaped_unit(std::string_view text) {
  int unit = 0;
  if (!text.starts_with("\\u") || text.size() < 6
      || std::from_chars(text.data() + 2, text.data() + 6, unit, 16).ptr
           != text.data() + 6)
    return -1;
  return unit;
}

/// Boost.JSON calls only some half surrogate pairs by that name.
bool has_lone_surrogate(std::string_view text) {
  const auto is_high = [](int unit) {
    return unit >= 0xD800 && unit < 0xDC00;
  };
  const auto is_low = [](int unit) {
    return unit >= 0xDC00 && unit < 0xE000;
  };
  for (auto at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const auto unit = escaped_unit(text.substr(at));
    if (is_low(unit))
      return true;
    at += unit < 0 ? 2 : 6;
    if (!is_high(unit))
      continue;
    if (at >= text.size() || !is_low(escaped_unit(text.substr(at))))
      return true;
    at += 6;
  }
  return false;
}

const char* name_of(boost::json::error_code ec, std::string_view text) {
  if (ec == boost::json::error::exponent_overflow)
    return "number_out_of_range";
  if (text.find('\0') != std::string_view::npos || has_lone_surrogate(text))
    return "text_not_allowed";
  return "body_invalid_json";
}

std::string message_of(std::string_view name, std::string_view text,
                       const json_limits& limits) {
  if (name == "body_too_deep")
    return "Arrays and objects may be nested "
           + std::to_string(limits.depth_max) + " deep at most.";
  if (name == "number_out_of_range")
    return "A number must fit a finite double, a whole number 64 bits. Send "
           "longer ones as text.";
  if (name == "text_not_allowed")
    return "Text must not contain U+0000 or half a surrogate pair.";
  if (name == "duplicate_key")
    return "An object names the same key twice.";
  if (name == "too_many_keys")
    return "An object may have " + std::to_string(limits.keys_max)
           + " keys at most.";
  if (text.starts_with("\xEF\xBB\xBF"))
    return "JSON must not start with a byte order mark.";
  if (text.empty())
    return "The body is empty; a JSON document was expected.";
  return "The body is not valid JSON in UTF-8.";
}

} // namespace

struct json_reader::state {
  boost::json::basic_parser<json_handler> parser;

  state() : parser(options()) {}

  static boost::json::parse_options options() {
    boost::json::parse_options result;
    result.max_depth = std::size_t{1} << 20; // the handler knows the limit
    return result;
  }
};

json_reader::json_reader() : state_(std::make_unique<state>()) {}

json_reader::json_reader(json_reader&&) noexcept = default;
json_reader& json_reader::operator=(json_reader&&) noexcept = default;
json_reader::~json_reader() = default;

result<boost::json::value> json_reader::read(std::string_view text,
                                             const json_limits& limits,
                                             boost::json::storage_ptr storage) {
  if (text.size() > limits.bytes_max)
    return invalid("payload_too_large", "The body has more than "
                                          + std::to_string(limits.bytes_max)
                                          + " bytes.");
  auto& parser = state_->parser;
  auto& handler = parser.handler();
  try {
    parser.reset();
    handler.start(limits, std::move(storage));
    boost::json::error_code ec;
    const auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && used == text.size())
      return handler.release();
    const char* name = handler.failure();
    if (name == nullptr)
      name = name_of(ec, text);
    auto pointer = handler.pointer();
    handler.abandon();
    return invalid(name, message_of(name, text, limits), std::move(pointer));
  } catch (const std::exception&) {
    // Only memory can run out here: sizes are bounded above.
    handler.abandon();
    return error{errc::overloaded,
                 "out_of_memory",
                 "The body could not be read for want of memory.",
                 {}};
  }
}

result<boost::json::value> parse_json(std::string_view text,
                                      const json_limits& limits,
                                      boost::json::storage_ptr storage) {
  thread_local json_reader reader;
  return reader.read(text, limits, std::move(storage));
}

} // namespace troupe::engine
