// Sequences as their documents and lists show them: a version's text, and where
// runs are.
#include "persistence/postgres/reader.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

constexpr std::size_t rows_read_at_once = 256;

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
  statement row{db_, "SELECT definition FROM sequence_versions"
                     " WHERE sequence=$1 AND version=$2"};
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
  statement row{db_, "SELECT version, node, count(*) FROM runs"
                     " WHERE sequence=$1 AND status IN (1, 5)"
                     " GROUP BY version, node"};
  row.bind(number(sequence));
  std::vector<node_count> found;
  while (row.step())
    found.push_back({small_at(row, 0), std::string{row.text(1)},
                     static_cast<std::uint64_t>(row.integer(2))});
  if (row.failed())
    return db_.failure("count the runs");
  return found;
}

// Rows of other states are passed over, so that a page looks at a bounded
// number of them.
result<run_page> reader::runs(const run_query& query) {
  statement row{db_, "SELECT started_turn, ordinal, contact, version, status,"
                     " node, entered_at, wake_at FROM runs"
                     " WHERE sequence=$1 AND (started_turn, ordinal) < ($2, $3)"
                     " ORDER BY started_turn DESC, ordinal DESC LIMIT $4"};
  run_page page;
  page.next = query.before == position{} ? position{INT64_MAX} : query.before;
  page.next_ordinal = query.before_ordinal;
  for (std::size_t scanned = 0; scanned < query.scanned_max;) {
    const auto asked = std::min(query.scanned_max - scanned, rows_read_at_once);
    std::size_t read = 0;
    scoped_reset reset{row};
    row.bind(number(query.sequence), number(page.next), page.next_ordinal,
             asked);
    for (; row.step(); ++read) {
      const auto wanted
        = !query.status
          || *query.status == static_cast<engine::run_status>(row.integer(4));
      if (wanted && page.runs.size() == query.limit) {
        page.has_more = true;
        return page;
      }
      if (wanted)
        page.runs.push_back(run_at(row, query.sequence));
      page.next = position{static_cast<std::uint64_t>(row.integer(0))};
      page.next_ordinal = small_at(row, 1);
    }
    if (row.failed())
      return db_.failure("list the runs");
    if (read < asked)
      return page;
    scanned += read;
  }
  page.has_more = true;
  return page;
}

} // namespace troupe::persistence::postgres
