// Destinations of all workspaces, published by DEFINITIONS.
#pragma once

#include "messages/published.hpp"
#include "messages/test_clock.hpp"
#include "persistence/definition_rows.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace troupe::actors {

struct destination_table {
  struct entry {
    persistence::destination_row row;
    std::string tenant; // text id of its workspace
    /// Of a test workspace, whose deliveries are kept; else null.
    std::shared_ptr<const messages::test_clock> clock = nullptr;

    [[nodiscard]] bool is_active() const {
      return row.status == persistence::definition_status::active;
    }
  };
  std::vector<entry> entries; // by rising id

  /// Null when there is none.
  [[nodiscard]] const entry* find(engine::destination_id id) const {
    const auto found = std::lower_bound(entries.begin(), entries.end(), id,
                                        [](const entry& each, auto wanted) {
                                          return each.row.id < wanted;
                                        });
    return found == entries.end() || found->row.id != id ? nullptr : &*found;
  }
};

using published_destinations = messages::published<destination_table>;

} // namespace troupe::actors
