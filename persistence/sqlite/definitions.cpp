// Writes of definitions and access rows: rare, all of one change in one
// transaction.
#include "persistence/sqlite/writer.hpp"

namespace troupe::persistence::sqlite {

using engine::number;

namespace {

// 0 lets SQLite choose the next id.
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

} // namespace

engine::result<std::vector<any_row>>
writer::put_all(std::vector<any_row> rows, std::optional<admin_row> note) {
  transaction tx{db_};
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
  if (!good || !tx.commit()) {
    next_ = committed_next_;
    return db_.failure("save the change");
  }
  committed_next_ = next_;
  for (const auto& row : rows)
    if (const auto* made = std::get_if<workspace_row>(&row);
        made != nullptr && made->kind == engine::workspace_kind::test)
      tests_.insert(made->id);
  return rows;
}

// In no block of an event type: no contact had an event.
bool writer::save(const notice_row& row) {
  const auto at = next_++;
  auto good = sql_->insert_turn
                .bind(at, number(row.workspace), 0, 0, 0, 0,
                      static_cast<int>(engine::turn_kind::notice),
                      micros(row.at), as_blob{row.payload})
                .run();
  for (const auto destination : row.matched)
    good = good && sql_->insert_outbox.bind(number(destination), at, 0).run();
  return good;
}

bool writer::save(workspace_row& row) {
  statement insert{db_.get(),
                   "INSERT INTO workspaces VALUES (?,?,?,?,?,?,?)"
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
  statement update{db_.get(), "UPDATE workspaces SET test_now=? WHERE id=?"};
  return update.bind(micros(row.now), number(row.workspace)).run();
}

bool writer::save(key_row& row) {
  statement insert{db_.get(),
                   "INSERT INTO api_keys VALUES (?,?,?,?,?,?,?,?,?,?)"
                   " ON CONFLICT (id) DO UPDATE SET revoked=excluded.revoked"
                   " RETURNING id"};
  if (row.id == 0)
    insert.bind(nullptr);
  else
    insert.bind(row.id);
  const std::string_view hash{reinterpret_cast<const char*>(row.hash.data()),
                              row.hash.size()};
  const auto id = new_id(
    insert.bind(row.text_id, number(row.workspace), row.prefix, as_blob{hash},
                row.scopes, row.revoked ? 1 : 0, static_cast<int>(row.kind),
                row.name, micros(row.created_at)));
  row.id = static_cast<std::uint32_t>(id);
  return id != 0;
}

bool writer::save(sequence_row& row) {
  statement insert{db_.get(),
                   "INSERT INTO sequences (id, text_id, workspace, key,"
                   " created_at, updated_at) VALUES (?,?,?,?,?,?)"
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
    statement newest{db_.get(), "SELECT coalesce(max(version), 0) + 1"
                                " FROM sequence_versions WHERE sequence=?"};
    if (!newest.bind(number(row.id)).step())
      return false;
    row.version = static_cast<std::uint32_t>(newest.integer(0));
  }
  statement version{db_.get(),
                    "INSERT INTO sequence_versions VALUES (?,?,?,?,?,?)"
                    " ON CONFLICT (sequence, version)"
                    " DO UPDATE SET status=excluded.status,"
                    " published_at=excluded.published_at"};
  return version
    .bind(number(row.id), row.version, static_cast<int>(row.status),
          row.definition, micros(row.created_at), micros(row.published_at))
    .run();
}

bool writer::save(sequence_state_row& row) {
  statement update{db_.get(), "UPDATE sequences SET paused=?, archived=?,"
                              " updated_at=? WHERE id=?"};
  if (!update
         .bind(row.paused ? 1 : 0, row.archived ? 1 : 0, micros(row.updated_at),
               number(row.id))
         .run())
    return false;
  if (row.paused)
    return true;
  statement release{db_.get(), "UPDATE timers SET held=NULL WHERE held=?"};
  return release.bind(number(row.id)).run();
}

bool writer::save(destination_row& row) {
  statement insert{db_.get(),
                   "INSERT INTO destinations"
                   " VALUES (?,?,?,?,?,?,?,?,?,?,?)"
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
  statement forget{db_.get(), "UPDATE endpoint_health SET failures=0,"
                              " failing_since=NULL WHERE destination=?"};
  return forget.bind(id).run();
}

bool writer::save(const admin_row& note) {
  statement insert{db_.get(),
                   "INSERT INTO admin_log VALUES (NULL,?,?,?,?,?,?,?)"};
  return insert
    .bind(number(note.workspace), micros(note.at), note.action, note.actor,
          note.request_id, note.subject, note.details)
    .run();
}

} // namespace troupe::persistence::sqlite
