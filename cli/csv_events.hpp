// What the columns of a table are of an event, and the line that a row becomes.
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

/// A cell as a property: `true` and `false`, numbers as JSON writes them with
/// at most 15 digits and no exponent, else text: "007", "+4420", "12E45".
boost::json::value cell_value(std::string_view cell);

class csv_events {
public:
  /// @param type of rows without one; empty: each has its own
  /// @param map columns that are called otherwise than what they are
  /// @returns `columns_invalid`
  static engine::result<csv_events>
  of(const std::vector<std::string>& header, std::string type,
     const std::vector<std::pair<std::string, std::string>>& map);

  /// One line of JSON. @returns `cells_mismatch`, `cell_invalid`
  [[nodiscard]] engine::result<std::string>
  line_of(const std::vector<std::string>& row) const;

private:
  std::string type_;
  std::vector<std::string> fields_; // "type", "contact.email", "properties.x"
};

} // namespace troupe::cli
