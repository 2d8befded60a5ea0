// Query strings as named parameters. `contact[external_id]` and
// `contact.external_id` are one name, spelled with dots here.
#pragma once

#include "engine/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

struct query_limits {
  std::size_t parameters = 64;
  std::size_t name_bytes = 128; // decoded
  std::size_t value_bytes = 2048;
};

class query_parameters {
public:
  [[nodiscard]] std::optional<std::string_view>
  find(std::string_view name) const;

  /// In the order sent; names are unique.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>&
  all() const {
    return all_;
  }

private:
  friend engine::result<query_parameters>
  parse_query(std::string_view raw, const query_limits& limits);

  std::vector<std::pair<std::string, std::string>> all_;
};

/// @param raw as sent, without "?"
/// @returns invalid_request `query_too_many_parameters`,
/// `query_parameter_too_long`, `query_parameter_invalid` or
/// `query_parameter_duplicate`; `pointer` names the parameter.
engine::result<query_parameters> parse_query(std::string_view raw,
                                             const query_limits& limits = {});

/// How an error points at a parameter: as if the query were an object.
std::string parameter_pointer(std::string_view name);

} // namespace troupe::http
