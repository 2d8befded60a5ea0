// RFC 4648, section 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

/// Standard alphabet, with padding.
std::string base64_encode(std::string_view bytes);

/// Standard alphabet; padding is required and nothing else may follow.
/// @returns the bytes, or nothing on any other text
std::optional<std::string> base64_decode(std::string_view text);

} // namespace troupe::engine
