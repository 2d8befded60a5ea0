// Pointers to a place in a JSON document (RFC 6901).
#pragma once

#include <string>
#include <string_view>

namespace troupe::engine {

/// One step further: "/" and the name, escaped as section 3 says.
inline void append_pointer(std::string& pointer, std::string_view name) {
  pointer.push_back('/');
  for (const char c : name)
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer.push_back(c);
}

inline std::string pointer_to(std::string pointer, std::string_view name) {
  append_pointer(pointer, name);
  return pointer;
}

} // namespace troupe::engine
