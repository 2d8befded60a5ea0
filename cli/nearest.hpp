// "Did you mean": the known name that is nearest to one that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace troupe::cli {

/// `; did you mean "…"?`, or empty when no known name is near.
std::string did_you_mean(std::string_view given,
                         std::span<const std::string> known);

} // namespace troupe::cli
