// Header rules of calls going out (W7), and the one header of an answer that
// is acted upon.
#pragma once

#include "engine/error.hpp"

#include <ctime>
#include <optional>
#include <string_view>

namespace troupe::outbound {

/// What any call may carry: a token as name, a value of visible ASCII, spaces
/// and tabs, and no header that frames the message.
/// @returns success, or `header_not_allowed`
engine::status check_header(std::string_view name, std::string_view value);

/// What a user may configure: as above, and none of the headers that belong to
/// signatures (`webhook-*`) and proxies (`proxy-*`).
/// @returns success, or `header_not_allowed`
engine::status check_custom_header(std::string_view name,
                                   std::string_view value);

/// Seconds until a `Retry-After` in either form, clamped to 0..86400; nothing
/// if it cannot be read.
std::optional<long> parse_retry_after(std::string_view value, std::time_t now);

/// ASCII only, as header names are.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

} // namespace troupe::outbound
