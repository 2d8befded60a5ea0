#include "cli/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace troupe::cli {

namespace {

// What is longer is no slip of the hand.
constexpr std::size_t length_max = 100;

/// Letters to add, leave out, change or swap with the next one.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> two_above;
  std::vector<std::size_t> above(right.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::vector<std::size_t> row(right.size() + 1);
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const auto differs = left[i - 1] == right[j - 1] ? 0u : 1u;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + differs});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2]
          && left[i - 2] == right[j - 1])
        row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
    two_above = std::exchange(above, std::move(row));
  }
  return above.back();
}

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
    if (const auto far = distance(given, each); far < least) {
      least = far;
      best = &each;
    }
  for (const auto& each : known)
    if (best == nullptr && has_same_end(given, each))
      best = &each;
  return best == nullptr ? std::string{} : "; did you mean \"" + *best + "\"?";
}

} // namespace troupe::cli
