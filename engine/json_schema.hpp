// JSON Schema (2020-12), the part of it that contracts need: compiled once,
// checked often. What it does not know is refused when compiled, never ignored.
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

struct schema_node;

struct schema_violation {
  std::string pointer; // into the value that was checked
  std::string detail;  // what was expected there; never the value itself
};

class json_schema {
public:
  /// Knows type, enum, const, required, properties, additionalProperties,
  /// propertyNames, min/maxProperties, items, min/maxItems, uniqueItems,
  /// min/maxLength, pattern (RE2), minimum, maximum, their exclusive forms,
  /// multipleOf, allOf, anyOf, oneOf, not, `true`, `false`, and `$ref` into
  /// the same document. `format` is a remark, as the standard says.
  /// @param document what `$ref` points into
  /// @param root JSON pointer to the schema in it
  /// @returns `schema_invalid`, `schema_keyword_unsupported` or
  /// `schema_too_large`, with a pointer into the document
  static result<json_schema> compile(const boost::json::value& document,
                                     const std::string& root = {});

  /// At most 20 violations, the first ones found; none: it is valid.
  [[nodiscard]] std::vector<schema_violation>
  check(const boost::json::value& value) const;

private:
  using nodes = std::vector<schema_node>;

  json_schema(std::shared_ptr<const nodes> all, std::size_t root)
    : nodes_{std::move(all)}, root_{root} {}

  std::shared_ptr<const nodes> nodes_;
  std::size_t root_ = 0;
};

} // namespace troupe::engine
