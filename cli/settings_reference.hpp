// What can be set, as documents made of the table.
#pragma once

#include <string>

namespace troupe::cli {

/// A file that sets nothing: each key as a comment, with its default.
std::string reference_as_toml();

/// Tables for docs/configuration.md.
std::string reference_as_markdown();

} // namespace troupe::cli
