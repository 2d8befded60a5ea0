// Ready automations: sequences as data that come with Troupe, with what they
// need, for workspaces to switch on (behaviours B57-B60). What a document in
// engine/automations may have is in docs/automations.md.
#pragma once

#include "engine/error.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

struct automation {
  std::string key;
  boost::json::object document;
};

/// What keys of their sequences begin with; no other sequence's does.
inline constexpr std::string_view automation_prefix = "automation.";

/// Those that come with this Troupe, by key.
const std::vector<automation>& automations();

/// Null when there is none.
const automation* find_automation(std::string_view key);

/// The values of all its settings.
/// @param held those that were given before
/// @param given now; null is the default again
/// @param pointer to `given`
/// @returns `field_unknown` or `field_invalid` with the place
result<boost::json::object> settle(const automation& of,
                                   boost::json::object held,
                                   const boost::json::object& given,
                                   const std::string& pointer);

/// Those of its settings that name something: "channel" or "template".
struct named_thing {
  std::string setting;
  std::string key;
  std::string channel_type; // of a channel: which type it is meant to have
};
std::vector<named_thing> things_named(const automation& of,
                                      const boost::json::object& settings,
                                      std::string_view type);

/// Its templates, segments or sequences as the API takes them.
boost::json::array parts_of(const automation& of, std::string_view name,
                            const boost::json::object& settings);

/// The documents of engine/automations. Made by the build.
std::span<const std::string_view> automation_documents();

} // namespace troupe::engine
