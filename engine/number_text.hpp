// Numbers as text and back by the rules of JavaScript (ECMA-262), which
// templates, JSONLogic and every consumer of our JSON share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::engine {

/// Doubles below this are exact integers when they have no fraction.
inline constexpr double safe_integer_limit = 9007199254740992.0; // 2^53

/// As `String(number)`: 4299, 42.99, 1e+21, NaN, Infinity.
void append_number(std::string& out, double number);
void append_number(std::string& out, std::int64_t number);
void append_number(std::string& out, std::uint64_t number);

/// A JSON number that reads back as the same double and stays a double from
/// 2^53 on; at most twice as long as any text that means it; `null` when it
/// is not finite.
void append_json_number(std::string& out, double number);

/// As append_json_number, but whole numbers always in plain digits, so that
/// 1, 1.0 and 10e-1 have one text.
void append_canonical_number(std::string& out, double number);

/// As `Number(text)`: white space trimmed, "" is 0, 0x, 0o and 0b understood,
/// NaN when it is no number.
double text_to_number(std::string_view text);

/// As `parseFloat(text)`: the longest number at the front, else NaN.
double parse_float(std::string_view text);

} // namespace troupe::engine
