// Which Troupe this is.
#pragma once

#include <string>
#include <string_view>

namespace troupe::cli {

struct version_facts {
  std::string_view number;
  std::string_view commit; // "unknown" outside a checkout
  std::string_view date;   // of the commit
};

extern const version_facts version;

/// "troupe 0.1.0 (0119e40, 2026-11-22)"
std::string version_line();

} // namespace troupe::cli
