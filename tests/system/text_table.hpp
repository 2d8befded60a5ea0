// The tables of tests/system/tables: lines of `name | verdict | text`, between
// comments that begin with "#".
#pragma once

#include <catch2/catch.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace troupe::test {

struct table_row {
  std::string name;
  std::string verdict;
  std::string text; // with its escapes
};

inline std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

inline std::vector<table_row> read_table(const std::string& name) {
  std::ifstream file{TROUPE_SOURCE_DIRECTORY "/tests/system/tables/" + name};
  std::vector<table_row> rows;
  for (std::string whole; std::getline(file, whole);) {
    if (whole.empty() || whole.front() == '#')
      continue;
    INFO(whole);
    const auto first = whole.find('|');
    const auto second = whole.find("| ", first + 1);
    REQUIRE(second != whole.npos);
    rows.push_back({trimmed(whole.substr(0, first)),
                    trimmed(whole.substr(first + 1, second - first - 1)),
                    whole.substr(second + 2)});
  }
  REQUIRE(rows.size() > 100);
  return rows;
}

/// Writes out `{open}text*count{close}` wherever it stands.
inline std::string with_repeats(std::string text, const std::string& open,
                                char close) {
  auto at = text.find(open);
  while (at != text.npos) {
    const auto end = text.find(close, at);
    const auto star = end == text.npos ? end : text.rfind('*', end);
    const auto start = at + open.size();
    const auto digits = star == text.npos || star < start
                          ? std::string{}
                          : text.substr(star + 1, end - star - 1);
    auto go_on = at + 1;
    if (!digits.empty()
        && digits.find_first_not_of("0123456789") == digits.npos) {
      const auto once = text.substr(start, star - start);
      std::string all;
      for (auto left = std::stoul(digits); left > 0; --left)
        all += once;
      text.replace(at, end + 1 - at, all);
      go_on = at + all.size();
    }
    at = text.find(open, go_on);
  }
  return text;
}

} // namespace troupe::test
