// Personal data in the properties of events, and what a workspace wants done
// about it (behaviour B64). It belongs to the contact: into its identities and
// attributes. All doors hold their events to the same rule.
#pragma once

#include "engine/error.hpp"
#include "engine/event.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::engine {

enum class pii_rule : std::uint8_t {
  lint,   // it is kept, and the event's document says so
  reject, // the event is refused
  redact, // a mask is kept in its place, and the document says so
};

inline constexpr std::array pii_rule_names{
  std::pair{pii_rule::lint, std::string_view{"lint"}},
  std::pair{pii_rule::reject, std::string_view{"reject"}},
  std::pair{pii_rule::redact, std::string_view{"redact"}}};

/// Of a value that is not kept or not shown.
inline constexpr std::string_view mask = "••••";

/// Where personal data is: the keys and list places that lead to it.
using data_path = std::vector<std::string>;

/// E-mail addresses, telephone numbers and names of people: by what a key is
/// called, and texts that are an e-mail address. What `$identify` says of the
/// contact is none, nor are the ids of system events.
/// @returns at most `most`, in the order of the properties
std::vector<data_path> personal_data_in(const boost::json::object& properties,
                                        std::string_view event_type,
                                        std::size_t most);

/// Holds an event to the rule: refuses it, or changes what it brings. Unless
/// the rule is `lint`, no more of its body is kept than the properties.
/// @param pointer to the properties within the body
/// @returns success, or invalid `pii_not_allowed`
status hold_to(pii_rule rule, incoming_event& event,
               const std::string& pointer);

} // namespace troupe::engine
