// Files that the binary carries: the API's description and the pages.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace troupe::http {

struct embedded_file {
  std::string_view name; // "openapi.json"
  std::string_view content_type;
  std::string_view tag; // an ETag, quoted
  std::string_view bytes;
  std::string_view gzip;
};

std::span<const embedded_file> embedded_files();

/// Null when the binary has no such file.
inline const embedded_file* embedded_file_named(std::string_view name) {
  for (const auto& each : embedded_files())
    if (each.name == name)
      return &each;
  return nullptr;
}

} // namespace troupe::http
