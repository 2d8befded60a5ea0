// Writes of definitions and access rows: rare, each its own transaction.
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

engine::result<workspace_row> writer::put(workspace_row row) {
  statement insert{db_.get(),
                   "INSERT INTO workspaces VALUES (?,?,?)"
                   " ON CONFLICT (id) DO UPDATE SET name=excluded.name"
                   " RETURNING id"};
  const auto id = new_id(bind_id(insert, row.id).bind(row.text_id, row.name));
  if (id == 0)
    return db_.failure("save the workspace");
  row.id = workspace_id{static_cast<std::uint32_t>(id)};
  return row;
}

engine::result<key_row> writer::put(key_row row) {
  statement insert{db_.get(),
                   "INSERT INTO api_keys VALUES (?,?,?,?,?,?,?)"
                   " ON CONFLICT (id) DO UPDATE SET revoked=excluded.revoked"
                   " RETURNING id"};
  if (row.id == 0)
    insert.bind(nullptr);
  else
    insert.bind(row.id);
  const std::string_view hash{reinterpret_cast<const char*>(row.hash.data()),
                              row.hash.size()};
  const auto id
    = new_id(insert.bind(row.text_id, number(row.workspace), row.prefix,
                         as_blob{hash}, row.scopes, row.revoked ? 1 : 0));
  if (id == 0)
    return db_.failure("save the key");
  row.id = static_cast<std::uint32_t>(id);
  return row;
}

engine::result<sequence_row> writer::put(sequence_row row) {
  transaction tx{db_};
  if (!tx)
    return db_.failure("save the sequence");
  statement insert{db_.get(),
                   "INSERT INTO sequences VALUES (?,?,?,?)"
                   " ON CONFLICT (workspace, key) DO UPDATE SET key=key"
                   " RETURNING id, text_id"};
  bind_id(insert, row.id).bind(row.text_id, number(row.workspace), row.key);
  if (!insert.step())
    return db_.failure("save the sequence");
  row.id = sequence_id{static_cast<std::uint32_t>(insert.integer(0))};
  row.text_id = insert.text(1);
  insert.reset();
  if (row.version == 0) {
    statement newest{db_.get(), "SELECT coalesce(max(version), 0) + 1"
                                " FROM sequence_versions WHERE sequence=?"};
    if (!newest.bind(number(row.id)).step())
      return db_.failure("number the version");
    row.version = static_cast<std::uint32_t>(newest.integer(0));
  }
  statement version{db_.get(), "INSERT INTO sequence_versions VALUES (?,?,?,?)"
                               " ON CONFLICT (sequence, version)"
                               " DO UPDATE SET status=excluded.status"};
  if (!version
         .bind(number(row.id), row.version, static_cast<int>(row.status),
               row.definition)
         .run()
      || !tx.commit())
    return db_.failure("save the version");
  return row;
}

engine::result<destination_row> writer::put(destination_row row) {
  statement insert{db_.get(),
                   "INSERT INTO destinations"
                   " VALUES (?,?,?,?,?,?,?,?)"
                   " ON CONFLICT (id) DO UPDATE SET"
                   " status=excluded.status, settings=excluded.settings,"
                   " secret=excluded.secret"
                   " RETURNING id"};
  const auto id = new_id(
    bind_id(insert, row.id)
      .bind(row.text_id, number(row.workspace), static_cast<int>(row.kind),
            row.key, static_cast<int>(row.status), row.settings, row.secret));
  if (id == 0)
    return db_.failure("save the destination");
  row.id = destination_id{static_cast<std::uint32_t>(id)};
  return row;
}

} // namespace troupe::persistence::sqlite
