// SHA-256, plain and with a key.
#pragma once

#include <string>
#include <string_view>

namespace troupe::engine {

/// 32 bytes.
std::string sha256(std::string_view text);
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Lower-case hexadecimal digits.
std::string to_hex(std::string_view bytes);

} // namespace troupe::engine
