// Bodies that come compressed.
#pragma once

#include "engine/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// gzip and deflate (with or without its zlib header), by the name that
/// `Content-Encoding` gives or, without one, by the first bytes of gzip. Other
/// bodies are given back as they came.
/// @param most bytes of the result
/// @returns `payload_too_large`, `unsupported_content_encoding`, or
/// `body_invalid_compression`
engine::result<std::string> inflated(std::string body,
                                     std::optional<std::string_view> encoding,
                                     std::size_t most);

} // namespace troupe::http
