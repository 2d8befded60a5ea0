// What a fuzz target demands beyond not crashing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace troupe::fuzz {

/// Ends the run, so that libFuzzer keeps the input.
inline void demand(bool holds) {
  if (!holds)
    std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

} // namespace troupe::fuzz
