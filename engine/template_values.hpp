// Values as handlebars.js sees them, beyond what json_logic_value.hpp has.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// JavaScript's `!value`: other than is_truthy, an empty array is not.
bool is_falsy(const boost::json::value& value);

/// What {{…}} shows; `& < > " ' ` =` as entities when `escape_html`.
void append_value(std::string& out, const boost::json::value& value,
                  bool escape_html);

/// JavaScript's `a == b`, by which handlebars.js knows whether a block has a
/// context of its own. Texts longer than 64 bytes are no numbers here.
bool is_same_context(const boost::json::value& a, const boost::json::value& b);

/// Whether a key is an array's index: those come first in JavaScript.
bool has_index_keys(const boost::json::object& members);

/// Indexes by their value, then the other keys as they were written.
std::vector<const boost::json::key_value_pair*>
in_javascript_order(const boost::json::object& members);

/// What an event's `properties` are called otherwise; null when `name` is no
/// such name.
const boost::json::value* other_properties(const boost::json::object& event,
                                           std::string_view name);

/// A text's length in UTF-16, and the text of one of its units: "" when there
/// is none, U+FFFD for half a pair.
std::size_t code_units(std::string_view text);
std::string_view code_unit(std::string_view text, std::size_t index);

} // namespace troupe::engine
