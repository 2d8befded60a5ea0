// Sequences as files: checked here, compared with the server, published.
#pragma once

#include "cli/command.hpp"

namespace troupe::cli {

/// Each returns the exit code; `diff` fails when something differs.
int validate_sequences(const arguments& given);
int diff_sequences(const arguments& given);
int apply_sequences(const arguments& given);

} // namespace troupe::cli
