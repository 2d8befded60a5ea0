// Internal to condition_*.cpp: the compiled form. Nodes lie in one vector and
// name each other by index; operands of a node are neighbours in `operands`.
#pragma once

#include "engine/tally_rule.hpp"
#include "engine/value_path.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

enum class operation : std::uint8_t {
  literal,      // at: into literals
  array,        // an array with operations in it
  var,          // at: into paths; an operand is the default
  var_computed, // the path is the first operand
  missing,
  missing_known, // at: into paths, one for each operand
  missing_some,
  choose, // if, ?:
  either, // or
  both,   // and
  maximum,
  minimum,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  map,
  filter,
  reduce,
  merge,
  concatenate,
  substring,
  log,
  tally, // at: into questions
  // From here on they say yes or no.
  equal,
  strict_equal,
  not_equal,
  strict_not_equal,
  negate,
  truth,
  greater,
  greater_equal,
  less,
  less_equal,
  all,
  none,
  some,
  contained, // in
  has_tag,
  in_segment, // at: into segments
};

constexpr bool says_yes_or_no(operation kind) {
  return kind >= operation::equal;
}

struct condition_node {
  operation kind = operation::literal;
  std::uint32_t at = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// What a condition reads, by its path.
struct condition_read {
  std::string text;
  value_path path;
};

struct condition_tree {
  std::vector<condition_node> nodes;
  std::vector<std::uint32_t> operands;
  std::vector<boost::json::value> literals;
  std::vector<value_path> paths;
  std::vector<tally_question> questions;
  std::vector<std::string> segments; // keys
  bool reads_contact = false;
  std::uint32_t root = 0;
  std::uint32_t steps_max = 0;
  boost::json::value source;         // the rule as it was written
  std::vector<condition_read> reads; // outside of bodies, each once
};

struct operator_rule {
  std::string_view name;
  operation kind = operation::literal;
  std::uint8_t operands_min = 0;
  std::uint8_t operands_max = 0; // 255: any number
};

/// @returns nothing when no operator has that name.
const operator_rule* find_operator(std::string_view name);

/// @returns the operator that was probably meant, or "".
std::string_view nearest_operator(std::string_view name);

} // namespace troupe::engine
