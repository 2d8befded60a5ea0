#include "engine/json_logic_value.hpp"

#include "engine/number_text.hpp"
#include "engine/time.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <cmath>
#include <limits>
#include <optional>

namespace troupe::engine {

namespace {

using boost::json::kind;
using boost::json::value;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

bool is_container(const value& v) {
  return v.is_array() || v.is_object();
}

/// @pre v.is_number()
double number_of(const value& v) {
  if (const auto* i = v.if_int64())
    return static_cast<double>(*i);
  if (const auto* u = v.if_uint64())
    return static_cast<double>(*u);
  return v.get_double();
}

std::string primitive_text(const value& container) {
  std::string text;
  append_text(text, container);
  return text;
}

/// Order of UTF-16 code units, as JavaScript compares: differs from the order
/// of bytes only above U+FFFF.
bool text_less(std::string_view a, std::string_view b) {
  const auto size = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] == b[i])
      continue;
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    // U+10000… (lead F0..F4) are surrogates D800..DFFF: below U+E000 (EE, EF).
    const bool x_astral = x >= 0xF0;
    const bool y_astral = y >= 0xF0;
    if (x_astral != y_astral && (x_astral ? y : x) >= 0xEE)
      return x_astral;
    return x < y;
  }
  return a.size() < b.size();
}

enum class order { less, equal, greater, none };

order compare(std::string_view a, std::string_view b) {
  if (a == b)
    return order::equal;
  return text_less(a, b) ? order::less : order::greater;
}

order compare(double a, double b) {
  if (a < b)
    return order::less;
  if (a > b)
    return order::greater;
  return a == b ? order::equal : order::none;
}

template <class Integer, class Other>
order compare_integers(Integer a, Other b) {
  if (std::cmp_less(a, b))
    return order::less;
  return std::cmp_equal(a, b) ? order::equal : order::greater;
}

/// Whole numbers exactly, beyond what a double can hold too.
order compare_numbers(const value& a, const value& b) {
  if (a.is_double() || b.is_double())
    return compare(number_of(a), number_of(b));
  if (a.is_int64())
    return b.is_int64() ? compare_integers(a.get_int64(), b.get_int64())
                        : compare_integers(a.get_int64(), b.get_uint64());
  return b.is_int64() ? compare_integers(a.get_uint64(), b.get_int64())
                      : compare_integers(a.get_uint64(), b.get_uint64());
}

// Two times, each with its own offset: their texts would compare wrongly (R10).
// Everything else compares as JavaScript does.
std::optional<order> compare_times(std::string_view a, std::string_view b) {
  constexpr std::size_t least = 20; // "2026-04-20T11:34:00Z"
  if (a.size() < least || b.size() < least || a[10] != 'T' || b[10] != 'T')
    return std::nullopt;
  const auto first = parse_iso8601(a);
  const auto second = first ? parse_iso8601(b) : std::nullopt;
  if (!second)
    return std::nullopt;
  if (*first == *second)
    return order::equal;
  return *first < *second ? order::less : order::greater;
}

order compare(const value& a, const value& b) {
  if (a.is_number() && b.is_number())
    return compare_numbers(a, b);
  if (a.is_string() && b.is_string()) {
    const auto first = text_of(a.get_string());
    const auto second = text_of(b.get_string());
    if (const auto times = compare_times(first, second))
      return *times;
    return compare(first, second);
  }
  // A container becomes its text first; two texts compare as texts.
  const bool a_text = a.is_string() || is_container(a);
  const bool b_text = b.is_string() || is_container(b);
  if (a_text && b_text)
    return compare(primitive_text(a), primitive_text(b));
  return compare(to_number(a), to_number(b));
}

} // namespace

std::string_view text_of(const boost::json::string& text) {
  return {text.data(), text.size()};
}

bool is_truthy(const value& v) {
  switch (v.kind()) {
    case kind::null:
      return false;
    case kind::bool_:
      return v.get_bool();
    case kind::int64:
      return v.get_int64() != 0;
    case kind::uint64:
      return v.get_uint64() != 0;
    case kind::double_:
      return v.get_double() != 0 && !std::isnan(v.get_double());
    case kind::string:
      return !v.get_string().empty();
    case kind::array:
      return !v.get_array().empty();
    case kind::object:
      return true;
  }
  return false;
}

double to_number(const value& v) {
  switch (v.kind()) {
    case kind::null:
      return 0;
    case kind::bool_:
      return v.get_bool() ? 1 : 0;
    case kind::string:
      return text_to_number(text_of(v.get_string()));
    case kind::array:
      return text_to_number(primitive_text(v));
    case kind::object:
      return not_a_number;
    default:
      return number_of(v);
  }
}

void append_text(std::string& out, const value& v) {
  if (v.is_null())
    out += "null";
  else
    append_joined(out, v);
}

void append_joined(std::string& out, const value& v) {
  switch (v.kind()) {
    case kind::null:
      return;
    case kind::bool_:
      out += v.get_bool() ? "true" : "false";
      return;
    case kind::int64:
      append_number(out, std::int64_t{v.get_int64()});
      return;
    case kind::uint64:
      append_number(out, std::uint64_t{v.get_uint64()});
      return;
    case kind::double_:
      append_number(out, v.get_double());
      return;
    case kind::string:
      out += text_of(v.get_string());
      return;
    case kind::array: {
      bool first = true;
      for (const auto& element : v.get_array()) {
        if (!first)
          out.push_back(',');
        first = false;
        append_joined(out, element);
      }
      return;
    }
    case kind::object:
      out += "[object Object]";
      return;
  }
}

bool strictly_equal(const value& a, const value& b) {
  if (a.is_number() && b.is_number())
    return compare_numbers(a, b) == order::equal;
  if (a.kind() != b.kind())
    return false;
  switch (a.kind()) {
    case kind::null:
      return true;
    case kind::bool_:
      return a.get_bool() == b.get_bool();
    case kind::string:
      return a.get_string() == b.get_string();
    default:
      return &a == &b;
  }
}

bool loosely_equal(const value& a, const value& b) {
  if (a.kind() == b.kind() || (a.is_number() && b.is_number()))
    return strictly_equal(a, b);
  if (a.is_null() || b.is_null())
    return false;
  if (is_container(a) && is_container(b))
    return false;
  if (is_container(a) && b.is_string())
    return primitive_text(a) == text_of(b.get_string());
  if (is_container(b) && a.is_string())
    return primitive_text(b) == text_of(a.get_string());
  return to_number(a) == to_number(b);
}

bool is_less(const value& a, const value& b) {
  return compare(a, b) == order::less;
}

bool is_less_or_equal(const value& a, const value& b) {
  const auto o = compare(a, b);
  return o == order::less || o == order::equal;
}

value number_value(double number) {
  if (std::abs(number) < safe_integer_limit && std::trunc(number) == number)
    return static_cast<std::int64_t>(number);
  return number;
}

} // namespace troupe::engine
