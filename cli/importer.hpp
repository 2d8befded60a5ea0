// Sends the events of a file, some hundred at a time, and keeps how far it has
// come. One request is under way at a time: events of a person stay in order.
#pragma once

#include "cli/client.hpp"
#include "cli/csv_events.hpp"
#include "cli/import_progress.hpp"
#include "cli/import_state.hpp"
#include "cli/record_reader.hpp"
#include "cli/rejects_file.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

struct import_plan {
  std::string path; // with its query but for the lines' numbers
  std::size_t batch = 500;
  std::chrono::seconds patience{300}; // with a server that does not answer
  std::string state_file;             // empty: none is kept
};

class importer {
public:
  /// @param columns of a table; absent: records are lines of JSON
  /// @param state where it goes on
  importer(import_plan plan, client server, record_reader records,
           std::optional<csv_events> columns, rejects_file rejects,
           import_state state);

  /// Up to the end of the file.
  engine::status run();

  [[nodiscard]] const import_counts& counts() const {
    return state_.counts;
  }

  [[nodiscard]] double seconds() const {
    return progress_.seconds();
  }

private:
  struct held_line {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;
    std::string input;
    std::optional<engine::error> failure; // found here
  };

  engine::status take_all();
  engine::status take(const file_record& record);
  engine::status flush();
  engine::result<boost::json::value> send();
  engine::status note(const boost::json::value& report);

  import_plan plan_;
  client server_;
  record_reader records_;
  std::optional<csv_events> columns_;
  rejects_file rejects_;
  import_state state_;
  import_progress progress_;
  bool was_there_ = false; // the server

  // The request that gathers.
  std::string body_;
  std::vector<held_line> lines_;
  std::size_t held_bytes_ = 0;
  std::uint64_t events_ = 0; // among the lines
  std::uint64_t end_ = 0;    // of the last one, in the file
};

} // namespace troupe::cli
