// Bodies of PostHog's and Amplitude's first libraries, which are forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// `data=<base64>` of PostHog. Old libraries encode what is beyond U+FFFF as
/// two halves (CESU-8): those are joined, and a half alone becomes U+FFFD.
/// @returns the JSON; nothing when it is no such form
std::optional<std::string> posthog_form(std::string_view body);

/// `client=<key>&e=<JSON list>&…` of Amplitude.
/// @returns what its later libraries send: one object with `api_key` and
/// `events`; nothing when it is no such form
std::optional<std::string> amplitude_form(std::string_view body);

} // namespace troupe::http
