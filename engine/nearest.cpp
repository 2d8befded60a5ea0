#include "engine/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace troupe::engine {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1); // two rows up
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min(
        {above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0U : 1U)});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
        row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view wanted,
                         std::span<const std::string_view> known) {
  std::string_view best;
  auto least = std::size_t{4};
  for (const auto word : known) {
    if (word.size() > 100 || wanted.size() > 100)
      continue;
    const auto far = edit_distance(wanted, word);
    if (far < least && far <= std::max<std::size_t>(1, word.size() / 3)) {
      least = far;
      best = word;
    }
  }
  return best;
}

std::string hint_for(std::string_view unknown,
                     const std::set<std::string>& known) {
  const std::vector<std::string_view> words{known.begin(), known.end()};
  const auto near = nearest(unknown, words);
  return near.empty() ? "; create it first"
                      : "; did you mean `" + std::string{near} + "`?";
}

} // namespace troupe::engine
