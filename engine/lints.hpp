// Advice about what an event carries (behaviours B64, G46, G82): a lint
// never refuses anything. The same rules say what a page or the audit log
// masks.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Of one event.
inline constexpr std::size_t lints_max = 20;

struct lint {
  // "card_number", "secret", "postal_address", "pii_property", and of names
  // (engine/naming.hpp) "event_name_case", "property_key_case"
  std::string_view code;
  std::string path; // "billing.card", list places as "cards.0"
  std::string_view message;
};

/// At most `lints_max` of an event's properties, those about personal data
/// last.
std::vector<lint> lints_of(const boost::json::object& properties,
                           std::string_view event_type);

/// The properties with card numbers and secrets replaced by "••••"; the last
/// four digits of a card number stay, for support.
boost::json::object masked(const boost::json::object& properties);

/// 13 to 19 digits, single blanks or hyphens between them, with a right Luhn
/// check digit.
bool looks_like_card_number(std::string_view text);

} // namespace troupe::engine
