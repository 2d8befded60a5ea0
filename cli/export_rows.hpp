// How events and contacts are written into tables.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// A column of a table: its title and where its value is (JSON pointers, the
/// first one that leads to something).
struct export_column {
  std::string_view title;
  std::vector<const char*> pointers;
};

/// `troupe import` reads the columns of events by their names.
const std::vector<export_column>& event_columns();
const std::vector<export_column>& contact_columns();

/// With its line break.
std::string csv_header(const std::vector<export_column>& columns);
std::string csv_row(const std::vector<export_column>& columns,
                    const boost::json::value& of);

} // namespace troupe::cli
