// Definitions and access rows, read whole at start and after a change.
#include "persistence/sqlite/reader.hpp"

#include <algorithm>

namespace troupe::persistence::sqlite {

using engine::result;

namespace {

std::string text_at(const statement& row, int column) {
  return std::string{row.text(column)};
}

std::uint32_t small_at(const statement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column));
}

} // namespace

template <class Row, class Fill>
result<std::vector<Row>> reader::all(const char* sql, Fill fill) {
  statement row{db_.get(), sql};
  std::vector<Row> found;
  while (row.step())
    found.push_back(fill(row));
  if (row.failed())
    return db_.failure("read the definitions");
  return found;
}

result<std::vector<workspace_row>> reader::workspaces() {
  return all<workspace_row>(
    "SELECT id, text_id, name, kind, settings, created_at"
    " FROM workspaces ORDER BY id",
    [](const statement& row) {
      return workspace_row{workspace_id{small_at(row, 0)},
                           text_at(row, 1),
                           text_at(row, 2),
                           static_cast<engine::workspace_kind>(row.integer(3)),
                           text_at(row, 4),
                           timestamp{engine::duration{row.integer(5)}}};
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
      key.created_at = timestamp{engine::duration{row.integer(9)}};
      return key;
    });
}

result<std::vector<sequence_row>> reader::sequences() {
  return all<sequence_row>(
    "SELECT s.id, s.text_id, s.workspace, s.key, v.version, v.status,"
    " v.definition FROM sequences s"
    " JOIN sequence_versions v ON v.sequence = s.id ORDER BY s.id, v.version",
    [](const statement& row) {
      return sequence_row{sequence_id{small_at(row, 0)},
                          text_at(row, 1),
                          workspace_id{small_at(row, 2)},
                          text_at(row, 3),
                          small_at(row, 4),
                          static_cast<definition_status>(row.integer(5)),
                          text_at(row, 6)};
    });
}

result<std::vector<destination_row>> reader::destinations() {
  return all<destination_row>(
    "SELECT id, text_id, workspace, kind, key, status, settings, secret"
    " FROM destinations ORDER BY id",
    [](const statement& row) {
      return destination_row{destination_id{small_at(row, 0)},
                             text_at(row, 1),
                             workspace_id{small_at(row, 2)},
                             static_cast<destination_kind>(row.integer(3)),
                             text_at(row, 4),
                             static_cast<definition_status>(row.integer(5)),
                             text_at(row, 6),
                             text_at(row, 7)};
    });
}

} // namespace troupe::persistence::sqlite
