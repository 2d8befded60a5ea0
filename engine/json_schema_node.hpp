// A compiled schema: its nodes refer to each other by index.
#pragma once

#include <boost/json/value.hpp>

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::engine {

/// Bits of `schema_node::types`.
enum schema_type : std::uint8_t {
  null_type = 1,
  boolean_type = 2,
  integer_type = 4,
  number_type = 8,
  string_type = 16,
  array_type = 32,
  object_type = 64,
};

struct schema_bounds {
  std::optional<double> least;
  std::optional<double> most;
};

struct schema_node {
  using index = std::size_t;

  bool never = false; // the schema `false`
  std::uint8_t types = 0xFF;
  std::optional<std::vector<std::string>> allowed; // enum, const: canonical
  std::string allowed_text;                        // for a person

  std::vector<std::string> required;
  std::vector<std::pair<std::string, index>> properties;
  std::optional<index> additional_properties;
  std::optional<index> property_names;
  std::optional<index> items;
  bool unique_items = false;

  schema_bounds properties_count;
  schema_bounds items_count;
  schema_bounds length; // in characters
  schema_bounds value;
  schema_bounds value_exclusive;
  std::optional<double> multiple_of;
  std::shared_ptr<const re2::RE2> pattern;

  std::vector<index> all_of; // `$ref` too
  std::vector<index> any_of;
  std::vector<index> one_of;
  std::optional<index> none_of;
};

} // namespace troupe::engine
