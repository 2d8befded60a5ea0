// How JSON values behave as JavaScript's do: truth, numbers, texts, loose and
// strict equality, order. No function throws; what makes no sense is NaN.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace troupe::engine {

/// JavaScript's truth, but an empty array is false (JSONLogic's one rule).
bool is_truthy(const boost::json::value& value);

/// As `Number(value)`: null is 0, objects are NaN, [x] is x.
double to_number(const boost::json::value& value);

/// As `String(value)`.
void append_text(std::string& out, const boost::json::value& value);

/// As append_text, but null adds nothing: how `[null].join()` does it, and
/// what templates show.
void append_joined(std::string& out, const boost::json::value& value);

std::string_view text_of(const boost::json::string& text);

/// `==`. Arrays and objects are equal to themselves only.
bool loosely_equal(const boost::json::value& a, const boost::json::value& b);

/// `===`. Arrays and objects are equal to themselves only.
bool strictly_equal(const boost::json::value& a, const boost::json::value& b);

/// `<` and `<=`; both are false when one side is no number.
bool is_less(const boost::json::value& a, const boost::json::value& b);
bool is_less_or_equal(const boost::json::value& a, const boost::json::value& b);

/// @returns the double as a whole number where it is one, so that 3 prints
/// and compares as an integer outside.
boost::json::value number_value(double number);

} // namespace troupe::engine
