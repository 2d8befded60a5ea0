// Segments, who is in them, and the jobs that look at everyone again.
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

namespace troupe::persistence::postgres {

using engine::number;
using engine::result;

namespace {

constexpr auto job_columns
  = "SELECT id, text_id, workspace, kind, subject, next, done, total,"
    " created_at, finished_at FROM jobs ";

job_row job_at(const statement& row) {
  job_row out;
  out.id = static_cast<std::uint64_t>(row.integer(0));
  out.text_id = row.text(1);
  out.workspace = workspace_id{static_cast<std::uint32_t>(row.integer(2))};
  out.kind = row.text(3);
  out.subject = row.text(4);
  out.next = contact_id{static_cast<std::uint64_t>(row.integer(5))};
  out.done = static_cast<std::uint64_t>(row.integer(6));
  out.total = static_cast<std::uint64_t>(row.integer(7));
  out.created_at = time_at(row, 8);
  if (!row.is_null(9))
    out.finished_at = time_at(row, 9);
  return out;
}

} // namespace

result<std::vector<segment_row>> reader::segments() {
  return all<segment_row>(
    "SELECT id, text_id, workspace, key, name, description, condition,"
    " version, archived, created_at, updated_at FROM segments ORDER BY id",
    [](const statement& row) {
      segment_row out;
      out.id = segment_id{static_cast<std::uint32_t>(row.integer(0))};
      out.text_id = row.text(1);
      out.workspace = workspace_id{static_cast<std::uint32_t>(row.integer(2))};
      out.key = row.text(3);
      out.name = row.text(4);
      out.description = row.text(5);
      out.condition = row.text(6);
      out.version = static_cast<std::uint32_t>(row.integer(7));
      out.archived = row.integer(8) != 0;
      out.created_at = time_at(row, 9);
      out.updated_at = time_at(row, 10);
      return out;
    });
}

result<std::vector<contact_id>> reader::segment_contacts(segment_id segment,
                                                         contact_id before,
                                                         std::size_t limit) {
  statement row{db_, "SELECT contact FROM segment_contacts"
                     " WHERE segment=$1 AND (contact & 72057594037927935,"
                     " contact) < ($2,$3)"
                     " ORDER BY contact & 72057594037927935 DESC,"
                     " contact DESC LIMIT $4"};
  row.bind(number(segment),
           before == contact_id{} ? INT64_MAX
                                  : static_cast<std::int64_t>(
                                    number(before) & engine::contact_age_mask),
           static_cast<std::int64_t>(number(before)), limit);
  std::vector<contact_id> found;
  while (row.step())
    found.push_back(contact_id{static_cast<std::uint64_t>(row.integer(0))});
  if (row.failed())
    return db_.failure("list a segment");
  return found;
}

result<std::uint64_t> reader::segment_size(segment_id segment) {
  statement row{db_, "SELECT count(*) FROM segment_contacts WHERE segment=$1"};
  if (!row.bind(number(segment)).step())
    return db_.failure("count a segment");
  return static_cast<std::uint64_t>(row.integer(0));
}

result<std::uint64_t> reader::contact_count(workspace_id workspace) {
  statement row{db_, "SELECT count(*) FROM contacts"
                     " WHERE workspace=$1 AND merged_into IS NULL"};
  if (!row.bind(number(workspace)).step())
    return db_.failure("count the contacts");
  return static_cast<std::uint64_t>(row.integer(0));
}

result<std::optional<job_row>> reader::unfinished_job() {
  const auto sql = std::string{job_columns}
                   + "WHERE finished_at IS NULL ORDER BY id LIMIT 1";
  statement row{db_, sql.c_str()};
  std::optional<job_row> found;
  if (row.step())
    found = job_at(row);
  if (row.failed())
    return db_.failure("find a job");
  return found;
}

result<std::uint64_t> reader::newest_job() {
  statement row{db_, "SELECT coalesce(max(id), 0) FROM jobs"};
  if (!row.step())
    return db_.failure("find a job");
  return static_cast<std::uint64_t>(row.integer(0));
}

result<job_row> reader::job(workspace_id workspace, std::string_view text_id) {
  const auto sql
    = std::string{job_columns} + "WHERE text_id=$1 AND workspace=$2";
  statement row{db_, sql.c_str()};
  if (row.bind(text_id, number(workspace)).step())
    return job_at(row);
  if (row.failed())
    return db_.failure("find a job");
  return engine::error{
    engine::errc::not_found, "job_not_found", "there is no such job", {}};
}

bool writer::save(segment_row& row) {
  statement insert{
    db_, "INSERT INTO segments (id, text_id, workspace, key, name, description,"
         " condition, version, archived, created_at, updated_at)"
         " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM segments),"
         " $1,$2,$3,$4,$5,$6,$7,$8,$9,$10) ON CONFLICT (workspace, key)"
         " DO UPDATE SET name=excluded.name, description=excluded.description,"
         " condition=excluded.condition, version=excluded.version,"
         " archived=excluded.archived, updated_at=excluded.updated_at"
         " RETURNING id, text_id"};
  scoped_reset guard{insert};
  insert.bind(row.text_id, number(row.workspace), row.key, row.name,
              row.description, row.condition, row.version, row.archived ? 1 : 0,
              micros(row.created_at), micros(row.updated_at));
  if (!insert.step())
    return false;
  row.id = segment_id{static_cast<std::uint32_t>(insert.integer(0))};
  row.text_id = insert.text(1);
  return true;
}

bool writer::save(job_row& row) {
  statement insert{
    db_, "INSERT INTO jobs (id, text_id, workspace, kind, subject, next,"
         " done, total, created_at, finished_at)"
         " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM jobs),"
         " $1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (text_id)"
         " DO UPDATE SET next=excluded.next, done=excluded.done,"
         " total=excluded.total, finished_at=excluded.finished_at"
         " RETURNING id"};
  scoped_reset guard{insert};
  insert.bind(row.text_id, number(row.workspace), row.kind, row.subject,
              static_cast<std::int64_t>(number(row.next)), row.done, row.total,
              micros(row.created_at));
  if (row.finished_at)
    insert.bind(micros(*row.finished_at));
  else
    insert.bind(nullptr);
  if (!insert.step())
    return false;
  row.id = static_cast<std::uint64_t>(insert.integer(0));
  return true;
}

} // namespace troupe::persistence::postgres
