#include "tests/support/tested_store.hpp"

#include <cstdlib>
#include <fstream>

namespace troupe::test {

const std::string& tested_server() {
  static const std::string url = [] {
    std::string found;
    if (const auto* file = std::getenv("TROUPE_TEST_STORE_FILE"))
      std::getline(std::ifstream{file}, found);
    else if (const auto* given = std::getenv("TROUPE_TEST_STORE"))
      found = given;
    return found;
  }();
  return url;
}

std::unique_ptr<postgres_database> make_tested_database() {
  return tested_server().empty()
           ? nullptr
           : std::make_unique<postgres_database>(tested_server());
}

} // namespace troupe::test
