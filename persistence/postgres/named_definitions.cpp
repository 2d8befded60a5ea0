// Small definitions known by a key: one row each, the newest only.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

result<std::vector<named_row>> reader::named_definitions() {
  return all<named_row>(
    "SELECT id, text_id, workspace, kind, key, body, created_at, updated_at"
    " FROM named_definitions ORDER BY id",
    [](const statement& row) {
      named_row found;
      found.id = static_cast<std::uint64_t>(row.integer(0));
      found.text_id = row.text(1);
      found.workspace
        = workspace_id{static_cast<std::uint32_t>(row.integer(2))};
      found.kind = static_cast<named_kind>(row.integer(3));
      found.key = row.text(4);
      found.body = row.text(5);
      found.created_at = time_at(row, 6);
      found.updated_at = time_at(row, 7);
      return found;
    });
}

bool writer::save(named_row& row) {
  if (row.removed) {
    statement remove{db_, "DELETE FROM named_definitions"
                          " WHERE workspace=$1 AND kind=$2 AND key=$3"};
    return remove
      .bind(number(row.workspace), static_cast<int>(row.kind), row.key)
      .run();
  }
  statement insert{
    db_, "INSERT INTO named_definitions (id, text_id, workspace, kind,"
         " key, body, created_at, updated_at)"
         " VALUES ((SELECT coalesce(max(id), 0) + 1"
         " FROM named_definitions), $1,$2,$3,$4,$5,$6,$7)"
         " ON CONFLICT (workspace, kind, key)"
         " DO UPDATE SET body=excluded.body,"
         " updated_at=excluded.updated_at RETURNING id, text_id"};
  scoped_reset guard{insert};
  insert.bind(row.text_id, number(row.workspace), static_cast<int>(row.kind),
              row.key, row.body, micros(row.created_at),
              micros(row.updated_at));
  if (!insert.step())
    return false;
  row.id = static_cast<std::uint64_t>(insert.integer(0));
  row.text_id = insert.text(1);
  return true;
}

} // namespace troupe::persistence::postgres
