// Definitions and access rows, read whole at start and after a change.
#include "persistence/postgres/reader.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::result;

namespace {

std::string text_at(const statement& row, int column) {
  return std::string{row.text(column)};
}

std::uint32_t small_at(const statement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column));
}

} // namespace

result<std::vector<workspace_row>> reader::workspaces() {
  return all<workspace_row>(
    "SELECT id, text_id, name, kind, settings, created_at, test_now"
    " FROM workspaces ORDER BY id",
    [](const statement& row) {
      workspace_row found{workspace_id{small_at(row, 0)},
                          text_at(row, 1),
                          text_at(row, 2),
                          static_cast<engine::workspace_kind>(row.integer(3)),
                          text_at(row, 4),
                          time_at(row, 5)};
      if (!row.is_null(6))
        found.test_now = time_at(row, 6);
      return found;
    });
}

result<std::vector<key_row>> reader::keys() {
  return all<key_row>(
    "SELECT id, text_id, workspace, prefix, hash, scopes, revoked, kind, name,"
    " created_at"
    " FROM api_keys ORDER BY id",
    [](const statement& row) {
      key_row key;
      key.id = small_at(row, 0);
      key.text_id = text_at(row, 1);
      key.workspace = workspace_id{small_at(row, 2)};
      key.prefix = text_at(row, 3);
      const auto hash = row.text(4);
      std::copy_n(hash.begin(), std::min(hash.size(), key.hash.size()),
                  key.hash.begin());
      key.scopes = small_at(row, 5);
      key.revoked = row.integer(6) != 0;
      key.kind = static_cast<engine::key_kind>(row.integer(7));
      key.name = text_at(row, 8);
      key.created_at = time_at(row, 9);
      return key;
    });
}

result<std::vector<sequence_row>> reader::sequences() {
  return all<sequence_row>(
    "SELECT s.id, s.text_id, s.workspace, s.key, v.version, v.status,"
    " v.definition, v.created_at, v.published_at, s.paused, s.archived,"
    " s.created_at, s.updated_at FROM sequences s"
    " JOIN sequence_versions v ON v.sequence = s.id ORDER BY s.id, v.version",
    [](const statement& row) {
      return sequence_row{sequence_id{small_at(row, 0)},
                          text_at(row, 1),
                          workspace_id{small_at(row, 2)},
                          text_at(row, 3),
                          small_at(row, 4),
                          static_cast<definition_status>(row.integer(5)),
                          text_at(row, 6),
                          time_at(row, 7),
                          time_at(row, 8),
                          row.integer(9) != 0,
                          row.integer(10) != 0,
                          time_at(row, 11),
                          time_at(row, 12)};
    });
}

result<std::vector<destination_row>> reader::destinations() {
  return all<destination_row>(
    "SELECT id, text_id, workspace, kind, key, status, settings, secret,"
    " previous_secret, previous_until, created_at, failing_since"
    " FROM destinations LEFT JOIN endpoint_health ON destination = id"
    " ORDER BY id",
    [](const statement& row) {
      destination_row found{destination_id{small_at(row, 0)},
                            text_at(row, 1),
                            workspace_id{small_at(row, 2)},
                            static_cast<destination_kind>(row.integer(3)),
                            text_at(row, 4),
                            static_cast<definition_status>(row.integer(5)),
                            text_at(row, 6),
                            text_at(row, 7),
                            text_at(row, 8),
                            time_at(row, 9),
                            time_at(row, 10),
                            {}};
      if (!row.is_null(11))
        found.failing_since = time_at(row, 11);
      return found;
    });
}

result<std::vector<endpoint_health>>
reader::health(std::span<const destination_id> endpoints) {
  statement row{db_, "SELECT last_at, last_status, failures"
                     " FROM endpoint_health WHERE destination=$1"};
  std::vector<endpoint_health> found;
  for (const auto each : endpoints) {
    scoped_reset reset{row};
    if (row.bind(engine::number(each)).step())
      found.push_back({each, time_at(row, 0), small_at(row, 1),
                       static_cast<std::uint64_t>(row.integer(2))});
    if (row.failed())
      return db_.failure("read an endpoint's health");
  }
  return found;
}

} // namespace troupe::persistence::postgres
