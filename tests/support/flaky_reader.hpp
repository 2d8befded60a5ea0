// A reader whose definitions cannot be read when the test says so.
#pragma once

#include "persistence/sqlite/reader.hpp"

#include <memory>
#include <utility>

namespace troupe::tests {

class flaky_reader final : public persistence::sqlite::reader {
public:
  /// @param failures how often reading the workspaces fails from now on
  flaky_reader(persistence::sqlite::connection db,
               std::shared_ptr<int> failures)
    : reader(std::move(db)), failures_(std::move(failures)) {}

  engine::result<std::vector<persistence::workspace_row>>
  workspaces() override {
    if (*failures_ == 0)
      return reader::workspaces();
    --*failures_;
    return engine::error{engine::errc::storage_unavailable,
                         "storage_unavailable",
                         "the test says no",
                         {}};
  }

private:
  std::shared_ptr<int> failures_;
};

} // namespace troupe::tests
