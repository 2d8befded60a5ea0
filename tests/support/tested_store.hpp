// The store that the black-box tests give the binary.
#pragma once

#include "tests/support/postgres_cluster.hpp"

#include <memory>
#include <string>

namespace troupe::test {

/// The URL of a server whose databases are to be used: TROUPE_TEST_STORE in the
/// environment, or what is in the file that TROUPE_TEST_STORE_FILE names.
/// Empty: the embedded store.
const std::string& tested_server();

/// A database of one's own in it; null for the embedded store.
std::unique_ptr<postgres_database> make_tested_database();

} // namespace troupe::test
