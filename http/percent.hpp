// Percent-decoding that refuses what the store or a log could not keep.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

enum class plus_sign { is_literal, is_space };

/// Decodes once. Nothing on a bad escape, a control character or text that is
/// not UTF-8 after decoding.
std::optional<std::string> percent_decode(std::string_view text,
                                          plus_sign plus);

/// Shortest forms only, no surrogates, up to U+10FFFF.
bool is_utf8(std::string_view text);

} // namespace troupe::http
