// How an endpoint is spoken to: whose headers, whose body, in which order.
#pragma once

#include "engine/access.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::engine {

/// Whose headers and signature (behaviours G68, B72, R33).
enum class webhook_profile : std::uint8_t {
  standard, // Standard Webhooks 1.0.0
  genie,
  genie_sdk, // as GenieOS' SDK 0.1.5 checks it
  growthos,
  bearer, // Redo: the secret itself, and in order per contact
};

inline constexpr std::array webhook_profile_names{
  std::pair{webhook_profile::standard, std::string_view{"standard"}},
  std::pair{webhook_profile::genie, std::string_view{"genie"}},
  std::pair{webhook_profile::genie_sdk, std::string_view{"genie_sdk"}},
  std::pair{webhook_profile::growthos, std::string_view{"growthos"}},
  std::pair{webhook_profile::bearer, std::string_view{"bearer"}}};

enum class webhook_format : std::uint8_t {
  native,
  genie,
  genie_sdk,
  growthos,
  cloudevents,
  own, // the endpoint's template
};

/// What a person may choose; the others come with their profiles.
inline constexpr std::array webhook_format_names{
  std::pair{webhook_format::native, std::string_view{"native"}},
  std::pair{webhook_format::cloudevents, std::string_view{"cloudevents"}},
  std::pair{webhook_format::own, std::string_view{"template"}}};

/// Of an endpoint, as its settings say it.
struct webhook_form {
  webhook_profile profile = webhook_profile::standard;
  webhook_format format = webhook_format::native;
  boost::json::value body; // with webhook_format::own: its template
  /// A delivery waits while an earlier one of its contact is not over (X7).
  bool is_ordered = false;
};

/// What is missing, or is none of the words, is the default.
webhook_form webhook_form_of(const boost::json::object& settings);

/// How long a receiver may take.
constexpr std::chrono::seconds answer_time(webhook_profile profile) {
  return std::chrono::seconds{profile == webhook_profile::growthos ? 30 : 15};
}

/// A 4xx but 429 is the last word of a receiver (B72).
constexpr bool is_final_refusal(webhook_profile profile, long answered) {
  return profile == webhook_profile::growthos && answered >= 400
         && answered < 500 && answered != 429;
}

} // namespace troupe::engine
