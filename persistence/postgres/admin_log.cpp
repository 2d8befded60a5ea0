// What administrators did, newest first.
#include "persistence/postgres/reader.hpp"

namespace troupe::persistence::postgres {

engine::result<std::vector<admin_row>>
reader::admin_rows(const admin_query& query) {
  auto& sql = sql_.admin_log;
  scoped_reset reset{sql};
  const auto by_prefix = query.action.ends_with(".*");
  auto action = std::string_view{query.action};
  if (by_prefix)
    action.remove_suffix(1);
  sql.bind(engine::number(query.workspace),
           query.before == 0 ? INT64_MAX
                             : static_cast<std::int64_t>(query.before),
           query.since ? micros(*query.since) : INT64_MIN,
           query.until ? micros(*query.until) : INT64_MAX, query.request_id,
           by_prefix ? std::string_view{} : action,
           by_prefix ? action : std::string_view{}, query.limit);
  std::vector<admin_row> found;
  while (sql.step()) {
    admin_row row;
    row.id = static_cast<std::uint64_t>(sql.integer(0));
    row.workspace = query.workspace;
    row.at = timestamp{engine::duration{sql.integer(1)}};
    row.action = sql.text(2);
    row.actor = sql.text(3);
    row.request_id = sql.text(4);
    row.subject = sql.text(5);
    row.details = sql.text(6);
    found.push_back(std::move(row));
  }
  if (sql.failed())
    return db_.failure("read the audit log");
  return found;
}

} // namespace troupe::persistence::postgres
