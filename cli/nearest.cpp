#include "cli/nearest.hpp"

#include "engine/nearest.hpp"

#include <algorithm>

namespace troupe::cli {

namespace {

// What is longer is no slip of the hand.
constexpr std::size_t length_max = 100;

/// Two names that end in the same word after a dot or line.
bool has_same_end(std::string_view given, std::string_view known) {
  const auto start = given.find_last_of("._");
  const auto word = start == given.npos ? given : given.substr(start + 1);
  return word.size() > 3 && known.size() > word.size() && known.ends_with(word)
         && (known[known.size() - word.size() - 1] == '.'
             || known[known.size() - word.size() - 1] == '_');
}

} // namespace

std::string did_you_mean(std::string_view given,
                         std::span<const std::string> known) {
  if (given.size() > length_max)
    return {};
  const std::string* best = nullptr;
  auto least = std::max<std::size_t>(2, given.size() / 4) + 1;
  for (const auto& each : known)
    if (const auto far = engine::edit_distance(given, each); far < least) {
      least = far;
      best = &each;
    }
  for (const auto& each : known)
    if (best == nullptr && has_same_end(given, each))
      best = &each;
  return best == nullptr ? std::string{} : "; did you mean \"" + *best + "\"?";
}

} // namespace troupe::cli
