#include "tests/support/tested_binary.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace troupe::test {

const std::string& tested_binary() {
  static const std::string path = [] {
    const auto* chosen = std::getenv("TROUPE_BINARY");
    return std::string{chosen != nullptr ? chosen : TROUPE_BINARY_PATH};
  }();
  return path;
}

// The library it asks the loader for stands in it by name.
bool is_sanitized() {
  static const bool found = [] {
    std::ifstream in{tested_binary(), std::ios::binary};
    const std::string all{std::istreambuf_iterator<char>{in}, {}};
    return all.find("libasan.so") != all.npos;
  }();
  return found;
}

} // namespace troupe::test
