// Sequences as their documents and lists show them: a version's text, and where
// runs are: as `runs` says, or the newest of `run_moves` that is not yet in it.
#include "persistence/sqlite/reader.hpp"

namespace troupe::persistence::sqlite {

using engine::number;
using engine::result;

namespace {

std::uint32_t small_at(const statement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column));
}

run_row run_at(const statement& row, sequence_id sequence) {
  run_row run;
  run.sequence = sequence;
  run.started_turn = position{static_cast<std::uint64_t>(row.integer(0))};
  run.ordinal = small_at(row, 1);
  run.contact = contact_id{static_cast<std::uint64_t>(row.integer(2))};
  run.version = small_at(row, 3);
  run.status = static_cast<engine::run_status>(row.integer(4));
  run.node = row.text(5);
  run.entered_at = time_at(row, 6);
  if (!row.is_null(7))
    run.wake_at = time_at(row, 7);
  return run;
}

} // namespace

result<std::string> reader::definition(sequence_id sequence,
                                       std::uint32_t version) {
  statement row{db_.get(), "SELECT definition FROM sequence_versions"
                           " WHERE sequence=? AND version=?"};
  if (row.bind(number(sequence), version).step())
    return std::string{row.text(0)};
  if (row.failed())
    return db_.failure("read a definition");
  return engine::error{engine::errc::not_found,
                       "version_not_found",
                       "there is no such version",
                       {}};
}

result<std::vector<node_count>> reader::live_runs(sequence_id sequence) {
  // The planner prefers the primary key, which holds the runs that ended too.
  statement row{db_.get(),
                "SELECT version, coalesce(m.node, runs.node) AS place, count(*)"
                " FROM runs INDEXED BY runs_live LEFT JOIN"
                " (SELECT started_turn, ordinal, status, node, max(id)"
                " FROM run_moves WHERE sequence=?1"
                " GROUP BY started_turn, ordinal) AS m"
                " USING (started_turn, ordinal)"
                " WHERE sequence=?1 AND runs.status IN (1, 5)"
                " AND coalesce(m.status, 1) IN (1, 5)"
                " GROUP BY version, place"};
  row.bind(number(sequence));
  std::vector<node_count> found;
  while (row.step())
    found.push_back({small_at(row, 0), std::string{row.text(1)},
                     static_cast<std::uint64_t>(row.integer(2))});
  if (row.failed())
    return db_.failure("count the runs");
  return found;
}

// Rows of other states are passed over here and not by SQLite, so that a page
// looks at a bounded number of them.
result<run_page> reader::runs(const run_query& query) {
  statement row{db_.get(),
                "SELECT started_turn, ordinal, contact, version,"
                " coalesce(m.status, runs.status),"
                " coalesce(m.node, runs.node),"
                " coalesce(m.entered_at, runs.entered_at),"
                " iif(m.status IS NULL, runs.wake_at, m.wake_at)"
                " FROM runs LEFT JOIN"
                " (SELECT started_turn, ordinal, status, node, entered_at,"
                " wake_at, max(id) FROM run_moves WHERE sequence=?1"
                " GROUP BY started_turn, ordinal) AS m"
                " USING (started_turn, ordinal)"
                " WHERE sequence=?1 AND (started_turn, ordinal) < (?2,?3)"
                " ORDER BY started_turn DESC, ordinal DESC LIMIT ?4"};
  const auto newest = query.before == position{};
  if (newest)
    row.bind(number(query.sequence), INT64_MAX, 0, query.scanned_max);
  else
    row.bind(number(query.sequence), number(query.before), query.before_ordinal,
             query.scanned_max);
  run_page page;
  std::size_t scanned = 0;
  while (row.step()) {
    const auto wanted
      = !query.status
        || *query.status == static_cast<engine::run_status>(row.integer(4));
    if (wanted && page.runs.size() == query.limit) {
      page.has_more = true;
      break;
    }
    if (wanted)
      page.runs.push_back(run_at(row, query.sequence));
    page.next = position{static_cast<std::uint64_t>(row.integer(0))};
    page.next_ordinal = small_at(row, 1);
    ++scanned;
  }
  if (row.failed())
    return db_.failure("list the runs");
  page.has_more = page.has_more || scanned == query.scanned_max;
  return page;
}

} // namespace troupe::persistence::sqlite
