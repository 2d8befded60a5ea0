#include "engine/condition_evaluator.hpp"
#include "engine/json_logic_value.hpp"
#include "engine/number_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace troupe::engine {

namespace {

constexpr std::size_t bytes_per_step = 16;

/// As `parseFloat(value)`.
double parsed_number(const boost::json::value& v) {
  if (v.is_number())
    return to_number(v);
  if (const auto* text = v.if_string())
    return parse_float(text_of(*text));
  std::string text;
  append_text(text, v);
  return parse_float(text);
}

/// As JavaScript's ToIntegerOrInfinity.
double to_integer(const boost::json::value& v) {
  const auto number = to_number(v);
  return std::isnan(number) ? 0 : std::trunc(number);
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// UTF-16 code units of the character that starts with `lead`.
double units_of(char lead) {
  return static_cast<unsigned char>(lead) >= 0xF0 ? 2 : 1;
}

double units_in(std::string_view text) {
  double units = 0;
  for (const char c : text)
    if (!is_continuation(c))
      units += units_of(c);
  return units;
}

/// The characters that lie wholly in [from, to) of the text's UTF-16 units: a
/// half surrogate pair, which JavaScript would return, cannot be text here.
std::string_view slice(std::string_view text, double from, double to) {
  double at = 0;
  std::size_t first = text.size();
  std::size_t last = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_continuation(text[i]))
      continue;
    if (at >= from && first == text.size())
      first = i;
    at += units_of(text[i]);
    if (at > to) {
      last = i;
      break;
    }
  }
  return first < last ? text.substr(first, last - first) : std::string_view{};
}

} // namespace

double condition_evaluator::arithmetic(const condition_node& n,
                                       const condition_scope& scope) {
  if (n.kind == operation::add) {
    double sum = 0;
    for (std::uint32_t i = 0; i < n.count; ++i) {
      const auto term = evaluate(n, i, scope);
      charge_if_container(term.get());
      sum += parsed_number(term.get());
    }
    return sum;
  }
  const auto left = evaluate(n, 0, scope);
  charge_if_container(left.get());
  const auto a = to_number(left.get());
  if (n.count == 1)
    return -a;
  const auto right = evaluate(n, 1, scope);
  charge_if_container(right.get());
  const auto b = to_number(right.get());
  switch (n.kind) {
    case operation::subtract:
      return a - b;
    case operation::divide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

operand condition_evaluator::multiply(const condition_node& n,
                                      const condition_scope& scope) {
  auto first = evaluate(n, 0, scope);
  if (n.count == 1)
    return first; // json-logic-js returns a single factor as it is
  charge_if_container(first.get());
  auto product = parsed_number(first.get());
  for (std::uint32_t i = 1; i < n.count; ++i) {
    const auto factor = evaluate(n, i, scope);
    charge_if_container(factor.get());
    product *= parsed_number(factor.get());
  }
  return operand::number(product);
}

double condition_evaluator::extreme(const condition_node& n,
                                    const condition_scope& scope,
                                    bool maximum) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  auto best = maximum ? -infinity : infinity;
  bool nonsense = false;
  for (std::uint32_t i = 0; i < n.count; ++i) {
    const auto candidate = evaluate(n, i, scope);
    charge_if_container(candidate.get());
    const auto number = to_number(candidate.get());
    nonsense = nonsense || std::isnan(number);
    best = maximum ? std::max(best, number) : std::min(best, number);
  }
  return nonsense ? std::numeric_limits<double>::quiet_NaN() : best;
}

bool condition_evaluator::contained(const condition_node& n,
                                    const condition_scope& scope) {
  const auto needle = evaluate(n, 0, scope);
  const auto haystack = evaluate(n, 1, scope);
  if (const auto* list = haystack.get().if_array()) {
    if (!charge(list->size()))
      return false;
    return std::any_of(list->begin(), list->end(), [&](const value& element) {
      return strictly_equal(element, needle.get());
    });
  }
  const auto* text = haystack.get().if_string();
  if (text == nullptr || text->empty())
    return false;
  charge_if_container(needle.get());
  std::string printed;
  std::string_view wanted;
  if (const auto* plain = needle.get().if_string()) {
    wanted = text_of(*plain);
  } else {
    append_text(printed, needle.get());
    wanted = printed;
  }
  if (!charge((text->size() + wanted.size()) / bytes_per_step))
    return false;
  // memmem is linear; string_view::find is not when the text is hostile.
  return wanted.empty()
         || memmem(text->data(), text->size(), wanted.data(), wanted.size())
              != nullptr;
}

operand condition_evaluator::concatenate(const condition_node& n,
                                         const condition_scope& scope) {
  std::string text;
  for (std::uint32_t i = 0; i < n.count; ++i) {
    const auto part = evaluate(n, i, scope);
    if (!charge_for(part.get()))
      return {};
    append_joined(text, part.get());
  }
  return operand::own(
    value(boost::json::string_view(text.data(), text.size())));
}

operand condition_evaluator::substring(const condition_node& n,
                                       const condition_scope& scope) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  const auto source = evaluate(n, 0, scope);
  if (!charge_for(source.get()))
    return {};
  std::string printed;
  std::string_view text;
  if (const auto* plain = source.get().if_string()) {
    text = text_of(*plain);
  } else {
    append_text(printed, source.get());
    text = printed;
  }
  const auto units = units_in(text);
  const auto start = evaluate(n, 1, scope);
  charge_if_container(start.get());
  auto from = to_integer(start.get());
  from = from < 0 ? std::max(units + from, 0.0) : std::min(from, units);
  double to = infinity;
  if (n.count == 3) {
    const auto given = evaluate(n, 2, scope);
    charge_if_container(given.get());
    const auto length = to_number(given.get());
    // A negative length stops that far before the end, as in PHP.
    to = length < 0 ? from + std::trunc(units - from + length)
                    : from + to_integer(given.get());
  }
  const auto part = slice(text, from, to);
  return operand::own(
    value(boost::json::string_view(part.data(), part.size())));
}

} // namespace troupe::engine
