// What administrators did, newest first. Few rows: filters are looked at row
// by row.
#include "persistence/sqlite/reader.hpp"

namespace troupe::persistence::sqlite {

namespace {

bool matches(const admin_query& query, const admin_row& row) {
  const auto is_action = [&] {
    if (!query.action.ends_with(".*"))
      return query.action.empty() || row.action == query.action;
    return std::string_view{row.action}.starts_with(
      std::string_view{query.action}.substr(0, query.action.size() - 1));
  };
  return (!query.since || row.at >= *query.since)
         && (!query.until || row.at < *query.until)
         && (query.request_id.empty() || row.request_id == query.request_id)
         && is_action();
}

} // namespace

engine::result<std::vector<admin_row>>
reader::admin_rows(const admin_query& query) {
  auto& sql = sql_.admin_log;
  scoped_reset reset{sql};
  sql.bind(engine::number(query.workspace),
           query.before == 0 ? INT64_MAX
                             : static_cast<std::int64_t>(query.before));
  std::vector<admin_row> found;
  while (found.size() < query.limit && sql.step()) {
    admin_row row;
    row.id = static_cast<std::uint64_t>(sql.integer(0));
    row.workspace = query.workspace;
    row.at = timestamp{engine::duration{sql.integer(1)}};
    row.action = sql.text(2);
    row.actor = sql.text(3);
    row.request_id = sql.text(4);
    row.subject = sql.text(5);
    row.details = sql.text(6);
    if (matches(query, row))
      found.push_back(std::move(row));
  }
  if (sql.failed())
    return db_.failure("read the audit log");
  return found;
}

} // namespace troupe::persistence::sqlite
