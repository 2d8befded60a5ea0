// Programs that come with PostgreSQL (pg_dump, pg_restore), run for one
// database. How it is reached goes to them in their environment: no list of
// processes shows it.
#pragma once

#include "engine/error.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::persistence::postgres {

/// Gets what the program writes to its standard output.
using output_sink = std::function<void(std::string_view)>;

class client_program {
public:
  /// @param url of the database; empty: it needs none
  client_program(std::string name, std::string url);

  /// Its major version. @returns `backup_tool_missing`
  engine::result<int> version() const;

  /// Runs it to its end; it ends with this process.
  /// @returns `backup_tool_failed` with the first line of what it says
  engine::status run(std::vector<std::string> words,
                     const output_sink& output = {}) const;

private:
  std::string name_;
  std::vector<std::string> environment_;
  std::string connection_; // what has no variable
};

} // namespace troupe::persistence::postgres
