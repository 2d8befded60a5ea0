// The binary that the black-box tests drive.
#pragma once

#include <string>

namespace troupe::test {

/// That of the environment's TROUPE_BINARY, else the one built along.
const std::string& tested_binary();

/// Whether AddressSanitizer is in it.
bool is_sanitized();

} // namespace troupe::test
