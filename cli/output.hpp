// How subcommands show what the API answers: as a table, as JSON, or as one
// JSON object a line.
#pragma once

#include "cli/command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// `--output table|json|ndjson`
option output_option();

/// Whether people read it: `table`, which is also what is usual.
bool is_table(const arguments& given);

/// A column of a table: its title, and where its value is (a JSON pointer).
struct column {
  std::string title;
  std::string pointer;
};

void print_list(const arguments& given, const boost::json::array& rows,
                std::span<const column> columns);

/// As a table: a line for each member, and what is nested below its name.
void print_object(const arguments& given, const boost::json::value& value);

/// With two blanks a level and a line for each member.
std::string pretty(const boost::json::value& value);

/// One line for a terminal: control characters of what others sent could steer
/// it, and are shown as such.
std::string plain(std::string_view text);
std::string plain(const boost::json::value& value);

} // namespace troupe::cli
