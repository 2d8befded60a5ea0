// How events and their properties are called (behaviours B19, B20, B24): in
// snake_case, and events of a domain as `object.action`. Names that begin with
// `$` are the platform's and follow no rule.
#pragma once

#include "engine/error.hpp"
#include "engine/event.hpp"
#include "engine/lints.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::engine {

enum class naming_rule : std::uint8_t {
  lint,   // an odd name is kept, and the event's document says so
  strict, // the event is refused
};

inline constexpr std::array naming_rule_names{
  std::pair{naming_rule::lint, std::string_view{"lint"}},
  std::pair{naming_rule::strict, std::string_view{"strict"}}};

/// Lower-case words of letters and digits with `_` between them, a letter
/// first.
bool is_snake_case(std::string_view key);

/// The same, or several of it with dots between them: "order.completed".
bool is_conventional(std::string_view event_name);

/// Adds what is to be said of the event's name, in front, and of the keys of
/// its properties, behind the others; no more than `lints_max` in all.
void add_naming_lints(std::vector<lint>& to,
                      const boost::json::object& properties,
                      std::string_view event_type);

/// That all its names follow the rule.
/// @param name, properties pointers to them
/// @returns success, or invalid `event_name_case` or `property_key_case`
status check_names(const incoming_event& event, std::string_view name,
                   const std::string& properties);

} // namespace troupe::engine
