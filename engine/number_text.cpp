#include "engine/number_text.hpp"

#include "engine/unicode.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace troupe::engine {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// The shortest digits that mean a double: value = 0.digits × 10^point.
struct decimal {
  char digits[24];
  std::size_t size = 0;
  int point = 0;
};

/// @pre number is finite and above zero
decimal to_decimal(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number,
                                 std::chars_format::scientific)
                     .ptr;
  decimal result;
  const char* c = text;
  for (; *c != 'e'; ++c)
    if (*c != '.')
      result.digits[result.size++] = *c;
  c += c[1] == '+' ? 2 : 1;
  std::from_chars(c, end, result.point);
  ++result.point;
  return result;
}

void append_exponent(std::string& out, const decimal& d, bool sign) {
  out.push_back(d.digits[0]);
  if (d.size > 1) {
    out.push_back('.');
    out.append(d.digits + 1, d.size - 1);
  }
  out.push_back('e');
  if (sign && d.point > 0)
    out.push_back('+');
  append_number(out, std::int64_t{d.point} - 1);
}

void append_decimal(std::string& out, const decimal& d, bool sign) {
  const auto size = static_cast<int>(d.size);
  if (d.point > 21 || d.point <= -6) {
    append_exponent(out, d, sign);
  } else if (d.point >= size) {
    out.append(d.digits, d.size);
    out.append(static_cast<std::size_t>(d.point - size), '0');
  } else if (d.point > 0) {
    const auto whole = static_cast<std::size_t>(d.point);
    out.append(d.digits, whole);
    out.push_back('.');
    out.append(d.digits + whole, d.size - whole);
  } else {
    out += "0.";
    out.append(static_cast<std::size_t>(-d.point), '0');
    out.append(d.digits, d.size);
  }
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

bool is_safe_integer(double number) {
  return std::abs(number) < safe_integer_limit && std::trunc(number) == number;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// @returns the length of a decimal literal at the front, or 0. `1.`, `.5` and
/// `+1` are ones; an exponent without digits is not part of it.
std::size_t decimal_length(std::string_view text) {
  std::size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  std::size_t digits = 0;
  const auto skip_digits = [&] {
    const auto from = i;
    while (i < text.size() && is_digit(text[i]))
      ++i;
    return i - from;
  };
  digits += skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    digits += skip_digits();
  }
  if (digits == 0)
    return 0;
  const auto mantissa_end = i;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-'))
      ++i;
    if (skip_digits() == 0)
      return mantissa_end;
  }
  return i;
}

/// @pre decimal_length(text) == text.size() > 0
double decimal_value(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+')
    text.remove_prefix(1);
  double value = 0;
  const auto outcome
    = std::from_chars(text.data(), text.data() + text.size(), value);
  if (outcome.ec == std::errc::result_out_of_range) {
    // from_chars does not say on which side; a negative exponent or a
    // leading zero means that the number was too small.
    const auto e = text.find_first_of("eE");
    const bool tiny = e != std::string_view::npos
                        ? text[e + 1] == '-'
                        : text.front() == '0' || text.front() == '.';
    value = tiny ? 0 : infinity;
  }
  return negative ? -value : value;
}

double integer_of_base(std::string_view digits, int base) {
  double value = 0;
  for (const char c : digits) {
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : base;
    if (digit >= base)
      return not_a_number;
    value = value * base + digit;
  }
  return digits.empty() ? not_a_number : value;
}

} // namespace

void append_number(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "NaN";
    return;
  }
  if (is_safe_integer(number)) {
    append_integer(out, static_cast<std::int64_t>(number));
    return;
  }
  if (number < 0)
    out.push_back('-');
  if (std::isinf(number))
    out += "Infinity";
  else
    append_decimal(out, to_decimal(std::abs(number)), true);
}

void append_number(std::string& out, std::int64_t number) {
  append_integer(out, number);
}

void append_number(std::string& out, std::uint64_t number) {
  append_integer(out, number);
}

void append_json_number(std::string& out, double number) {
  constexpr double always_plain = 1e6; // 1e5 is 3 long, its digits 6
  if (!std::isfinite(number) || !is_safe_integer(number)
      || std::abs(number) < always_plain) {
    append_canonical_number(out, number);
    return;
  }
  std::string exponent{number < 0 ? "-" : ""};
  append_exponent(exponent, to_decimal(std::abs(number)), false);
  const auto from = out.size();
  append_integer(out, static_cast<std::int64_t>(number));
  if (exponent.size() < out.size() - from)
    out.replace(from, std::string::npos, exponent);
}

void append_canonical_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (is_safe_integer(number)) {
    append_integer(out, static_cast<std::int64_t>(number));
    return;
  }
  if (number < 0)
    out.push_back('-');
  const auto d = to_decimal(std::abs(number));
  // Plain digits would read back as another, exact integer from 2^53 on.
  if (std::abs(number) >= safe_integer_limit)
    append_exponent(out, d, false);
  else
    append_decimal(out, d, false);
}

double text_to_number(std::string_view text) {
  text = trim(text);
  if (text.empty())
    return 0;
  if (text.size() > 2 && text[0] == '0') {
    const auto digits = text.substr(2);
    switch (text[1]) {
      case 'x':
      case 'X':
        return integer_of_base(digits, 16);
      case 'o':
      case 'O':
        return integer_of_base(digits, 8);
      case 'b':
      case 'B':
        return integer_of_base(digits, 2);
      default:
        break;
    }
  }
  if (text == "Infinity" || text == "+Infinity")
    return infinity;
  if (text == "-Infinity")
    return -infinity;
  const auto length = decimal_length(text);
  return length > 0 && length == text.size() ? decimal_value(text)
                                             : not_a_number;
}

double parse_float(std::string_view text) {
  text = trim(text);
  if (text.starts_with("Infinity") || text.starts_with("+Infinity"))
    return infinity;
  if (text.starts_with("-Infinity"))
    return -infinity;
  const auto length = decimal_length(text);
  return length > 0 ? decimal_value(text.substr(0, length)) : not_a_number;
}

} // namespace troupe::engine
