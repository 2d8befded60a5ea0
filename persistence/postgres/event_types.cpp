// The catalog of event types: written by people, and by the first event of a
// name.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

event_type_row row_at(const statement& row) {
  event_type_row found;
  found.id = static_cast<std::uint64_t>(row.integer(0));
  found.workspace = workspace_id{static_cast<std::uint32_t>(row.integer(1))};
  found.name = row.text(2);
  found.status = static_cast<definition_status>(row.integer(3));
  found.description = row.text(4);
  found.schema = row.text(5);
  found.created_at = time_at(row, 6);
  found.updated_at = time_at(row, 7);
  found.alias_of = row.text(8);
  return found;
}

constexpr std::string_view columns
  = "SELECT id, workspace, name, status, description, schema, created_at,"
    " updated_at, alias_of FROM event_types WHERE ";

} // namespace

result<std::vector<event_type_row>> reader::described_event_types() {
  return all<event_type_row>(
    std::string{columns}.append("updated_at <> 0 ORDER BY id").c_str(), row_at);
}

result<std::vector<event_type_row>>
reader::event_types(const event_type_query& query) {
  const auto by_name = !query.name.empty();
  statement row{db_, std::string{columns}.append(
                       by_name ? "workspace=$1 AND name=$2"
                               : "workspace=$1 AND id > $2 AND alias_of=''"
                                 " AND ($3 = 0 OR status = $3) ORDER BY id"
                                 " LIMIT $4")};
  if (by_name)
    row.bind(number(query.workspace), query.name);
  else
    row.bind(number(query.workspace), query.after,
             query.status ? static_cast<int>(*query.status) : 0, query.limit);
  std::vector<event_type_row> found;
  while (row.step())
    found.push_back(row_at(row));
  if (row.failed())
    return db_.failure("list the event types");
  return found;
}

bool writer::save(event_type_row& row) {
  statement insert{db_,
                   "INSERT INTO event_types (id, workspace, name, status,"
                   " description, schema, created_at, updated_at, alias_of)"
                   " VALUES ((SELECT coalesce(max(id), 0) + 1"
                   " FROM event_types), $1,$2,$3,$4,$5,$6,$7,$8)"
                   " ON CONFLICT (workspace, name)"
                   " DO UPDATE SET status=excluded.status,"
                   " description=excluded.description, schema=excluded.schema,"
                   " updated_at=excluded.updated_at,"
                   " alias_of=excluded.alias_of RETURNING id"};
  scoped_reset guard{insert};
  insert.bind(number(row.workspace), row.name, static_cast<int>(row.status),
              row.description, row.schema, micros(row.created_at),
              micros(row.updated_at), row.alias_of);
  row.id = insert.step() ? static_cast<std::uint64_t>(insert.integer(0)) : 0;
  return row.id != 0;
}

} // namespace troupe::persistence::postgres
