// UTF-8 as values: what identities need of utf8proc, with its C memory and
// error codes kept inside. Text that is not valid UTF-8 is never an answer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

bool is_ascii(std::string_view text);

/// Normal form C; nothing when the text is not valid UTF-8.
std::optional<std::string> to_nfc(std::string_view text);

/// Lower case by the Unicode tables and NFC, repeated until neither changes
/// it; nothing when the text is not valid UTF-8.
std::optional<std::string> to_lower_nfc(std::string_view text);

/// True when there is a control character or a byte that is not UTF-8.
bool has_control(std::string_view text);

/// True when there is anything that leaves no ink: control and format
/// characters, blanks, unassigned code points, bytes that are not UTF-8.
bool has_invisible(std::string_view text);

/// The first `bytes_max` bytes as UTF-8, cut between characters; what is none
/// becomes U+FFFD.
std::string readable(std::string_view bytes, std::size_t bytes_max);

/// Without white space (Unicode's) at both ends.
std::string_view trim(std::string_view text);

} // namespace troupe::engine
