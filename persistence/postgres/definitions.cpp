// Writes of definitions and access rows: rare, all of one change in one
// transaction.
#include "persistence/postgres/writer.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// 0: the statement takes the next id. They are few, and without gaps.
template <class Id>
statement& bind_id(statement& insert, Id id) {
  if (number(id) == 0)
    return insert.bind(nullptr);
  return insert.bind(number(id));
}

std::int64_t new_id(statement& insert) {
  scoped_reset guard{insert};
  return insert.step() ? insert.integer(0) : 0;
}

template <class... Rows>
bool is_one_of(const any_row& row) {
  return (std::holds_alternative<Rows>(row) || ...);
}

/// What every process that serves the store has in memory.
bool is_definition(const any_row& row) {
  return is_one_of<workspace_row, key_row, sequence_row, sequence_state_row,
                   event_type_row, destination_row, template_row, segment_row,
                   named_row>(row);
}

} // namespace

// Who else listens is told with the commit.
engine::result<std::vector<any_row>>
writer::put_all(std::vector<any_row> rows, std::optional<admin_row> note) {
  if (auto prepared = prepare(rows.size()); !prepared)
    return prepared.failure();
  const auto before = next_;
  lane_transaction tx{lane_};
  auto good = static_cast<bool>(tx);
  workspace_id newest{};
  std::string first;
  const auto save_one = [&](auto& row) {
    if constexpr (std::is_same_v<std::decay_t<decltype(row)>, workspace_row>) {
      good = good && save(row);
      newest = row.id;
    } else {
      if (row.workspace == workspace_id{})
        row.workspace = newest;
      good = good && save(row);
    }
    if constexpr (std::is_same_v<std::decay_t<decltype(row)>, event_type_row>)
      first = row.name;
    else if constexpr (requires { row.text_id; })
      first = first.empty() ? row.text_id : first;
  };
  for (auto& row : rows)
    std::visit(save_one, row);
  if (note) {
    if (note->subject.empty())
      note->subject = first;
    good = good && save(*note);
  }
  if (std::any_of(rows.begin(), rows.end(), is_definition))
    good = good && db_.execute("NOTIFY troupe_definitions");
  if (!good || !tx.commit()) {
    next_ = before;
    return db_.failure("save the change");
  }
  for (const auto& row : rows)
    if (const auto* made = std::get_if<workspace_row>(&row);
        made != nullptr && made->kind == engine::workspace_kind::test)
      tests_.insert(made->id);
  return rows;
}

// In no block of an event type: no contact had an event.
bool writer::save(const notice_row& row) {
  const auto at = next_++;
  statement turn{db_, "INSERT INTO turns VALUES ($1, $2, 0, 0, 0, 0, $3, $4,"
                      " $5)"};
  auto good = turn
                .bind(at, number(row.workspace),
                      static_cast<int>(engine::turn_kind::notice),
                      micros(row.at), row.payload)
                .run();
  statement outbox{db_, "INSERT INTO outbox VALUES ($1, $2, 0)"};
  for (const auto destination : row.matched)
    good = good && outbox.bind(number(destination), at).run();
  return good;
}

bool writer::write_message(const inbox_row& row) {
  auto rows = insert_messages();
  add_message(rows, tests_, row);
  std::vector<request> all;
  rows.append_to(all);
  return db_.ask(all).has_value();
}

bool writer::save(workspace_row& row) {
  statement insert{db_, "INSERT INTO workspaces VALUES (coalesce($1,"
                        " (SELECT coalesce(max(id), 0) + 1 FROM workspaces)),"
                        " $2,$3,$4,$5,$6,$7)"
                        " ON CONFLICT (id) DO UPDATE SET name=excluded.name,"
                        " settings=excluded.settings"
                        " RETURNING id"};
  bind_id(insert, row.id)
    .bind(row.text_id, row.name, static_cast<int>(row.kind), row.settings,
          micros(row.created_at));
  if (row.test_now)
    insert.bind(micros(*row.test_now));
  else
    insert.bind(nullptr);
  const auto id = new_id(insert);
  row.id = workspace_id{static_cast<std::uint32_t>(id)};
  return id != 0 && save_retention(row);
}

bool writer::save(const test_clock_row& row) {
  statement update{db_, "UPDATE workspaces SET test_now=$1 WHERE id=$2"};
  return update.bind(micros(row.now), number(row.workspace)).run();
}

bool writer::save(key_row& row) {
  statement insert{db_,
                   "INSERT INTO api_keys VALUES (coalesce($1,"
                   " (SELECT coalesce(max(id), 0) + 1 FROM api_keys)),"
                   " $2,$3,$4,$5,$6,$7,$8,$9,$10)"
                   " ON CONFLICT (id) DO UPDATE SET revoked=excluded.revoked"
                   " RETURNING id"};
  if (row.id == 0)
    insert.bind(nullptr);
  else
    insert.bind(row.id);
  const std::string_view hash{reinterpret_cast<const char*>(row.hash.data()),
                              row.hash.size()};
  const auto id = new_id(
    insert.bind(row.text_id, number(row.workspace), row.prefix, hash,
                row.scopes, row.revoked ? 1 : 0, static_cast<int>(row.kind),
                row.name, micros(row.created_at)));
  row.id = static_cast<std::uint32_t>(id);
  return id != 0;
}

bool writer::save(sequence_row& row) {
  statement insert{db_, "INSERT INTO sequences (id, text_id, workspace, key,"
                        " created_at, updated_at) VALUES (coalesce($1,"
                        " (SELECT coalesce(max(id), 0) + 1 FROM sequences)),"
                        " $2,$3,$4,$5,$6)"
                        " ON CONFLICT (workspace, key)"
                        " DO UPDATE SET updated_at=excluded.updated_at"
                        " RETURNING id, text_id"};
  bind_id(insert, row.id)
    .bind(row.text_id, number(row.workspace), row.key,
          micros(row.first_created_at), micros(row.updated_at));
  if (!insert.step())
    return false;
  row.id = sequence_id{static_cast<std::uint32_t>(insert.integer(0))};
  row.text_id = insert.text(1);
  insert.reset();
  if (row.version == 0) {
    statement newest{db_, "SELECT coalesce(max(version), 0) + 1"
                          " FROM sequence_versions WHERE sequence=$1"};
    if (!newest.bind(number(row.id)).step())
      return false;
    row.version = static_cast<std::uint32_t>(newest.integer(0));
  }
  statement version{db_,
                    "INSERT INTO sequence_versions VALUES ($1,$2,$3,$4,$5,$6)"
                    " ON CONFLICT (sequence, version)"
                    " DO UPDATE SET status=excluded.status,"
                    " published_at=excluded.published_at"};
  return version
    .bind(number(row.id), row.version, static_cast<int>(row.status),
          row.definition, micros(row.created_at), micros(row.published_at))
    .run();
}

bool writer::save(sequence_state_row& row) {
  statement update{db_, "UPDATE sequences SET paused=$1, archived=$2,"
                        " updated_at=$3 WHERE id=$4"};
  if (!update
         .bind(row.paused ? 1 : 0, row.archived ? 1 : 0, micros(row.updated_at),
               number(row.id))
         .run())
    return false;
  if (row.paused)
    return true;
  statement release{db_, "UPDATE timers SET held=NULL WHERE held=$1"};
  return release.bind(number(row.id)).run();
}

bool writer::save(destination_row& row) {
  statement insert{db_, "INSERT INTO destinations"
                        " VALUES (coalesce($1,"
                        " (SELECT coalesce(max(id), 0) + 1 FROM destinations)),"
                        " $2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"
                        " ON CONFLICT (id) DO UPDATE SET"
                        " status=excluded.status, settings=excluded.settings,"
                        " secret=excluded.secret,"
                        " previous_secret=excluded.previous_secret,"
                        " previous_until=excluded.previous_until"
                        " RETURNING id"};
  const auto id = new_id(
    bind_id(insert, row.id)
      .bind(row.text_id, number(row.workspace), static_cast<int>(row.kind),
            row.key, static_cast<int>(row.status), row.settings, row.secret,
            row.previous_secret, micros(row.previous_until),
            micros(row.created_at)));
  row.id = destination_id{static_cast<std::uint32_t>(id)};
  if (id == 0 || !row.forgets_failures)
    return id != 0;
  statement forget{db_, "UPDATE endpoint_health SET failures=0,"
                        " failing_since=NULL WHERE destination=$1"};
  return forget.bind(id).run();
}

bool writer::save(const admin_row& note) {
  statement insert{db_, "INSERT INTO admin_log VALUES ("
                        "(SELECT coalesce(max(id), 0) + 1 FROM admin_log),"
                        " $1,$2,$3,$4,$5,$6,$7)"};
  return insert
    .bind(number(note.workspace), micros(note.at), note.action, note.actor,
          note.request_id, note.subject, note.details)
    .run();
}

} // namespace troupe::persistence::postgres
