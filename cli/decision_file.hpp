// The file that says which inputs were being decided when the process ended.
#pragma once

#include "actors/decision_guard.hpp"

#include <memory>
#include <string>

namespace troupe::cli {

/// @returns nothing where there can be no such file: the server then serves
/// without; a warning is logged
std::shared_ptr<actors::decision_guard>
open_decision_file(const std::string& directory);

} // namespace troupe::cli
