#include "engine/condition_tree.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace troupe::engine {

namespace {

constexpr std::uint8_t any = 255;

constexpr operator_rule operators[] = {
  {"var", operation::var, 0, 2},
  {"missing", operation::missing, 0, any},
  {"missing_some", operation::missing_some, 2, 2},
  {"if", operation::choose, 0, any},
  {"?:", operation::choose, 0, any},
  {"==", operation::equal, 2, 2},
  {"===", operation::strict_equal, 2, 2},
  {"!=", operation::not_equal, 2, 2},
  {"!==", operation::strict_not_equal, 2, 2},
  {"!", operation::negate, 1, 1},
  {"!!", operation::truth, 1, 1},
  {"or", operation::either, 1, any},
  {"and", operation::both, 1, any},
  {">", operation::greater, 2, 2},
  {">=", operation::greater_equal, 2, 2},
  {"<", operation::less, 2, 3},
  {"<=", operation::less_equal, 2, 3},
  {"max", operation::maximum, 0, any},
  {"min", operation::minimum, 0, any},
  {"+", operation::add, 0, any},
  {"-", operation::subtract, 1, 2},
  {"*", operation::multiply, 1, any},
  {"/", operation::divide, 2, 2},
  {"%", operation::remainder, 2, 2},
  {"map", operation::map, 2, 2},
  {"filter", operation::filter, 2, 2},
  {"reduce", operation::reduce, 2, 3},
  {"all", operation::all, 2, 2},
  {"none", operation::none, 2, 2},
  {"some", operation::some, 2, 2},
  {"merge", operation::merge, 0, any},
  {"in", operation::contained, 2, 2},
  {"cat", operation::concatenate, 0, any},
  {"substr", operation::substring, 2, 3},
  {"log", operation::log, 1, 1},
  {"has_tag", operation::has_tag, 1, 1},
  {"in_segment", operation::in_segment, 1, 1},
  {"event_count", operation::tally, 1, 1},
  {"event_sum", operation::tally, 1, 1},
  {"event_last", operation::tally, 1, 1},
};

/// Names other languages use, too far off for the edit distance.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
  {"=", "=="},
  {"eq", "=="},
  {"equals", "=="},
  {"ne", "!="},
  {"neq", "!="},
  {"<>", "!="},
  {"not", "!"},
  {"gt", ">"},
  {"gte", ">="},
  {"=>", ">="},
  {"lt", "<"},
  {"lte", "<="},
  {"=<", "<="},
  {"contains", "in"},
  {"includes", "in"},
  {"concat", "cat"},
  {"&&", "and"},
  {"||", "or"},
  {"every", "all"},
  {"any", "some"},
  {"sum", "+"},
  {"get", "var"},
  {"tag", "has_tag"},
  {"count", "event_count"},
  {"segment", "in_segment"},
};

/// @pre the name is short
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

} // namespace

const operator_rule* find_operator(std::string_view name) {
  const auto* found = std::find_if(std::begin(operators), std::end(operators),
                                   [name](const operator_rule& rule) {
                                     return rule.name == name;
                                   });
  return found == std::end(operators) ? nullptr : found;
}

std::string_view nearest_operator(std::string_view name) {
  constexpr std::size_t name_bytes_max = 32;
  constexpr std::size_t distance_max = 2;
  if (name.empty() || name.size() > name_bytes_max)
    return {};
  for (const auto& [other, ours] : other_names)
    if (other == name)
      return ours;
  std::string_view nearest;
  auto best = std::min(distance_max + 1, name.size());
  for (const auto& rule : operators) {
    const auto distance = edit_distance(name, rule.name);
    if (distance < best) {
      best = distance;
      nearest = rule.name;
    }
  }
  return nearest;
}

} // namespace troupe::engine
