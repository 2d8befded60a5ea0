// Events that were not taken: the newest of each workspace.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::rejected_events_max;

bool writer::save(rejected_row& row) {
  statement insert{db_,
                   "INSERT INTO rejected_events"
                   " SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5,"
                   " $6, $7, $8, $9"
                   " FROM rejected_events WHERE workspace=$1 RETURNING number"};
  {
    scoped_reset guard{insert};
    insert.bind(number(row.workspace), micros(row.at),
                static_cast<int>(row.from), row.code, row.message, row.pointer,
                row.type, row.request_id, row.body);
    if (!insert.step())
      return false;
    row.number = static_cast<std::uint64_t>(insert.integer(0));
  }
  if (row.number <= rejected_events_max)
    return true;
  statement drop{db_, "DELETE FROM rejected_events"
                      " WHERE workspace=$1 AND number<=$2"};
  return drop.bind(number(row.workspace), row.number - rejected_events_max)
    .run();
}

engine::result<std::vector<rejected_row>>
reader::rejected_events(const rejected_query& query) {
  statement find{db_, "SELECT number, at, door, code, message, pointer,"
                      " type, request_id, body FROM rejected_events"
                      " WHERE workspace=$1 AND number<$2"
                      " AND ($3='' OR code=$3)"
                      " ORDER BY number DESC LIMIT $4"};
  find.bind(number(query.workspace),
            query.before == 0 ? INT64_MAX
                              : static_cast<std::int64_t>(query.before),
            query.code, query.limit);
  std::vector<rejected_row> found;
  while (find.step()) {
    rejected_row row;
    row.workspace = query.workspace;
    row.number = static_cast<std::uint64_t>(find.integer(0));
    row.at = time_at(find, 1);
    row.from = static_cast<engine::door>(find.integer(2));
    row.code = find.text(3);
    row.message = find.text(4);
    row.pointer = find.text(5);
    row.type = find.text(6);
    row.request_id = find.text(7);
    row.body = find.text(8);
    found.push_back(std::move(row));
  }
  if (find.failed())
    return db_.failure("read the rejected events");
  return found;
}

} // namespace troupe::persistence::postgres
