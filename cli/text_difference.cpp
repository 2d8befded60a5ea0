#include "cli/text_difference.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace troupe::cli {

namespace {

constexpr std::size_t around = 3; // lines

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct line {
  char mark = ' ';
  std::string_view text;
};

// By the longest common subsequence: lengths[i][j] is that of what is left from
// line i and line j on.
std::vector<line> compare(const std::vector<std::string_view>& a,
                          const std::vector<std::string_view>& b) {
  std::vector<std::vector<std::uint32_t>> lengths(
    a.size() + 1, std::vector<std::uint32_t>(b.size() + 1));
  for (auto i = a.size(); i-- > 0;)
    for (auto j = b.size(); j-- > 0;)
      lengths[i][j] = a[i] == b[j]
                        ? lengths[i + 1][j + 1] + 1
                        : std::max(lengths[i + 1][j], lengths[i][j + 1]);
  std::vector<line> out;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size())
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      out.push_back({' ', a[i]});
      ++i;
      ++j;
    } else if (j == b.size()
               || (i < a.size() && lengths[i + 1][j] >= lengths[i][j + 1])) {
      out.push_back({'-', a[i++]});
    } else {
      out.push_back({'+', b[j++]});
    }
  return out;
}

} // namespace

std::string difference(std::string_view first, std::string_view second) {
  if (first == second)
    return {};
  const auto all = compare(lines_of(first), lines_of(second));
  std::vector<bool> shown(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].mark != ' ')
      for (auto near = i - std::min(i, around);
           near < std::min(all.size(), i + around + 1); ++near)
        shown[near] = true;
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (shown[i])
      (out += all[i].mark).append(" ").append(all[i].text).append("\n");
    else if (i == 0 || shown[i - 1])
      out += "  …\n";
  return out;
}

} // namespace troupe::cli
