// Look-ups of one contact and of due work.
#include "persistence/sqlite/reader.hpp"

#include "persistence/codec.hpp"

#include <algorithm>

namespace troupe::persistence::sqlite {

using engine::error;
using engine::number;
using engine::result;

namespace {

template <class Id>
Id id_at(const statement& row, int column) {
  return Id{static_cast<std::underlying_type_t<Id>>(row.integer(column))};
}

std::uint32_t small_at(const statement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column));
}

// What is due in real time at the latest then.
std::int64_t live_until(timestamp until) {
  return std::min(micros(until), test_due - 1);
}

std::int64_t test_until(timestamp until) {
  return test_due + live_until(until);
}

due_timer timer_in(const statement& row) {
  return {id_at<workspace_id>(row, 4),
          id_at<contact_id>(row, 1),
          {time_at(row, 0), small_at(row, 2), small_at(row, 3)}};
}

inbox_row message_in(const statement& row) {
  inbox_row message;
  message.due = time_at(row, 0);
  message.id = {static_cast<std::uint64_t>(row.integer(1)),
                static_cast<std::uint64_t>(row.integer(2))};
  message.workspace = id_at<workspace_id>(row, 3);
  message.sender = id_at<contact_id>(row, 4);
  if (row.integer(5) != 0)
    message.target
      = engine::identity{static_cast<engine::identity_kind>(row.integer(5)),
                         std::string{row.text(6)}, std::string{row.text(7)}};
  message.type = row.text(8);
  message.properties = row.text(9);
  message.hops = small_at(row, 10);
  return message;
}

error absent(std::string what) {
  return {engine::errc::not_found,
          what + "_not_found",
          "there is no such " + what,
          {}};
}

} // namespace

reader::statements::statements(sqlite3* db)
  : turn(db, "SELECT pos, workspace, contact, contact_seq, previous, skip,"
             " kind, at, payload FROM turns WHERE pos=?"),
    head(db, "SELECT pos FROM heads WHERE contact=?"),
    gone(db, "SELECT 1 FROM contacts JOIN retention USING (workspace)"
             " WHERE contact=? AND gone_before > ?"),
    state(db, "SELECT snapshot_seq, state, merged_into FROM contacts"
              " WHERE contact=?"),
    identity(db, "SELECT i.contact, c.has_external FROM identities i"
                 " JOIN contacts c ON c.contact = i.contact"
                 " WHERE i.workspace=? AND i.kind=? AND i.key=?"),
    block_turns(db, "SELECT pos, workspace, contact, contact_seq, previous,"
                    " skip, kind, at, payload FROM turns"
                    " WHERE pos >= ? AND pos < ? AND workspace=?"
                    " AND kind IN (1, 3, 6) ORDER BY pos DESC"),
    blocks(db, "SELECT DISTINCT block FROM event_blocks WHERE workspace=?"
               " AND type >= ? AND type <= ? AND block <= ?"
               " ORDER BY block DESC LIMIT ?"),
    timers(db, "SELECT due, contact, run, visit, workspace FROM timers"
               " WHERE due <= ? AND (due, contact, run, visit) > (?,?,?,?)"
               " AND held IS NULL"
               " ORDER BY due, contact, run, visit LIMIT ?"),
    inbox(db, "SELECT due, id_high, id_low, workspace, sender, target_kind,"
              " target_key, target_value, type, properties, hops FROM inbox"
              " WHERE due <= ? AND (due, id_high, id_low) > (?,?,?)"
              " ORDER BY due, id_high, id_low LIMIT ?"),
    // The number in the conditions is `test_due`: as a parameter it would not
    // let SQLite take the partial indexes.
    test_timers(db, "SELECT due - 1152921504606846976, contact, run, visit,"
                    " workspace FROM timers WHERE workspace=?"
                    " AND due >= 1152921504606846976 AND due <= ?"
                    " AND held IS NULL"
                    " ORDER BY due, contact, run, visit LIMIT ?"),
    test_inbox(db, "SELECT due - 1152921504606846976, id_high, id_low,"
                   " workspace, sender, target_kind, target_key, target_value,"
                   " type, properties, hops FROM inbox WHERE workspace=?"
                   " AND due >= 1152921504606846976 AND due <= ?"
                   " ORDER BY due, id_high, id_low LIMIT ?"),
    outbox(db, "SELECT pos, ordinal FROM outbox WHERE destination=?"
               " AND (pos, ordinal) > (?,?) ORDER BY pos, ordinal LIMIT ?"),
    deliveries_due(db, "SELECT pos, ordinal, attempts, next_attempt_at,"
                       " replayed_after FROM deliveries WHERE destination=?"
                       " AND next_attempt_at <= ?"
                       " ORDER BY next_attempt_at LIMIT ?"),
    deliveries(db, "SELECT pos, ordinal, status, attempts, next_attempt_at"
                   " FROM deliveries WHERE destination=?"
                   " AND (pos, ordinal) < (?,?)"
                   " ORDER BY pos DESC, ordinal DESC"),
    unattempted(db, "SELECT pos, ordinal FROM outbox WHERE destination=?"
                    " AND (pos, ordinal) < (?,?)"
                    " ORDER BY pos DESC, ordinal DESC"),
    attempts(db, "SELECT number, at, status, detail FROM delivery_attempts"
                 " WHERE destination=? AND pos=? AND ordinal=?"
                 " ORDER BY number"),
    absorbed(db, "SELECT contact FROM contacts WHERE merged_into=?"),
    admin_log(db, "SELECT id, at, action, actor, request_id, subject, details"
                  " FROM admin_log WHERE workspace=? AND id < ?"
                  " ORDER BY id DESC"),
    turn_time(db, "SELECT at FROM turns WHERE pos=?"),
    // 2 is the kind of test workspaces, each of which has its own time.
    turn_near(db, "SELECT pos, at FROM turns WHERE pos >= ?1 AND pos < ?2"
                  " AND CASE WHEN ?3 IN (SELECT id FROM workspaces"
                  " WHERE kind=2) THEN workspace=?3 ELSE workspace NOT IN"
                  " (SELECT id FROM workspaces WHERE kind=2) END"
                  " ORDER BY pos LIMIT 1"),
    newest_contacts(db, "SELECT contact FROM contacts WHERE workspace=?"
                        " AND (age, contact) < (?,?)"
                        " AND merged_into IS NULL"
                        " ORDER BY age DESC, contact DESC LIMIT ?"),
    prefix(db, "SELECT contact FROM identities WHERE workspace=? AND kind=?"
               " AND key >= ? AND key < ? ORDER BY key LIMIT ?"),
    turns_after(db, "SELECT pos, workspace, contact, contact_seq, previous,"
                    " skip, kind, at, payload FROM turns"
                    " WHERE pos > ? ORDER BY pos LIMIT ?"),
    newest(db, "SELECT coalesce(max(pos), 0) FROM turns"),
    secret(db, "SELECT secret FROM installation"
               " WHERE EXISTS (SELECT 1 FROM tombstones)"),
    tombstone(db, "SELECT 1 FROM tombstones WHERE workspace=? AND hash=?") {}

reader::reader(connection db) : db_(std::move(db)), sql_(db_.get()) {}

engine::turn reader::columns_of(statement& row) {
  engine::turn columns;
  columns.stamp.turn = id_at<position>(row, 0);
  columns.workspace = id_at<workspace_id>(row, 1);
  columns.contact = id_at<contact_id>(row, 2);
  columns.stamp.seq = static_cast<std::uint64_t>(row.integer(3));
  columns.kind = static_cast<engine::turn_kind>(row.integer(6));
  columns.stamp.at = time_at(row, 7);
  return columns;
}

result<engine::turn> reader::read_turn(statement& row) {
  return decode_turn(columns_of(row), row.text(8));
}

result<engine::turn> reader::read_event(statement& row) {
  return decode_event(columns_of(row), row.text(8));
}

result<loaded_contact> reader::load(contact_id contact) {
  const read_transaction moment{db_}; // of the snapshot and its tail
  if (!moment)
    return db_.failure("load a contact");
  engine::contact_state state;
  std::int64_t snapshot_seq = 0;
  contact_id merged_into{};
  {
    scoped_reset reset{sql_.state};
    if (!sql_.state.bind(number(contact)).step())
      return sql_.state.failed() ? db_.failure("load a contact")
                                 : absent("contact");
    snapshot_seq = sql_.state.integer(0);
    merged_into = id_at<contact_id>(sql_.state, 2); // 0 when it is NULL
    if (!sql_.state.is_null(2) && merged_into == contact_id{})
      return absent("contact"); // erased
    if (!sql_.state.is_null(1)) {
      auto snapshot = decode_state(sql_.state.text(1));
      if (!snapshot)
        return snapshot.failure();
      state = std::move(*snapshot);
    }
  }
  std::int64_t at = 0;
  {
    scoped_reset reset{sql_.head};
    if (sql_.head.bind(number(contact)).step())
      at = sql_.head.integer(0);
  }
  std::vector<engine::turn> tail; // newest first
  while (at != 0) {
    scoped_reset reset{sql_.turn};
    if (!sql_.turn.bind(at).step()) {
      if (is_gone(contact, at))
        break; // the snapshot is newer
      return db_.failure("read a contact's turn");
    }
    if (sql_.turn.integer(3) <= snapshot_seq)
      break;
    auto turn = read_turn(sql_.turn);
    if (!turn)
      return turn.failure();
    at = sql_.turn.integer(4);
    tail.push_back(std::move(*turn));
  }
  for (auto turn = tail.rbegin(); turn != tail.rend(); ++turn)
    engine::apply(state, *turn);
  return loaded_contact{std::move(state),
                        static_cast<std::uint64_t>(snapshot_seq), merged_into};
}

result<std::vector<engine::identity_owner>>
reader::resolve(workspace_id workspace,
                std::span<const engine::identity> asked) {
  std::vector<engine::identity_owner> owners;
  owners.reserve(asked.size());
  for (const auto& who : asked) {
    auto& find = sql_.identity;
    scoped_reset reset{find};
    engine::identity_owner owner{who, {}, false};
    if (find.bind(number(workspace), static_cast<int>(who.kind), who.key)
          .step()) {
      owner.contact = id_at<contact_id>(find, 0);
      owner.has_external_id = find.integer(1) != 0;
    }
    if (find.failed())
      return db_.failure("find an identity");
    owners.push_back(std::move(owner));
  }
  if (auto noted = note_erased(workspace, owners); !noted)
    return noted.failure();
  return owners;
}

result<engine::turn> reader::turn_at(position turn) {
  scoped_reset reset{sql_.turn};
  if (!sql_.turn.bind(number(turn)).step())
    return sql_.turn.failed() ? db_.failure("read a turn") : absent("event");
  return read_turn(sql_.turn);
}

result<std::vector<due_timer>>
reader::timers(timestamp until, const std::optional<due_timer>& after,
               std::size_t limit) {
  const auto from = after.value_or(
    due_timer{{}, {}, {timestamp{engine::duration{INT64_MIN}}, 0, 0}});
  std::vector<due_timer> found;
  auto& row = sql_.timers;
  scoped_reset reset{row};
  row.bind(live_until(until), micros(from.what.due), number(from.contact),
           from.what.run, from.what.visit, limit);
  while (row.step())
    found.push_back(timer_in(row));
  if (row.failed())
    return db_.failure("read the timers");
  return found;
}

result<std::vector<inbox_row>>
reader::inbox(timestamp until, const std::optional<inbox_row>& after,
              std::size_t limit) {
  std::vector<inbox_row> found;
  auto& row = sql_.inbox;
  scoped_reset reset{row};
  row.bind(live_until(until), after ? micros(after->due) : INT64_MIN,
           after ? after->id.high : 0, after ? after->id.low : 0, limit);
  while (row.step())
    found.push_back(message_in(row));
  if (row.failed())
    return db_.failure("read the inbox");
  return found;
}

result<std::vector<due_timer>> reader::test_timers(workspace_id workspace,
                                                   timestamp until,
                                                   std::size_t limit) {
  std::vector<due_timer> found;
  auto& row = sql_.test_timers;
  scoped_reset reset{row};
  row.bind(number(workspace), test_until(until), limit);
  while (row.step())
    found.push_back(timer_in(row));
  if (row.failed())
    return db_.failure("read the timers");
  return found;
}

result<std::vector<inbox_row>>
reader::test_inbox(workspace_id workspace, timestamp until, std::size_t limit) {
  std::vector<inbox_row> found;
  auto& row = sql_.test_inbox;
  scoped_reset reset{row};
  row.bind(number(workspace), test_until(until), limit);
  while (row.step())
    found.push_back(message_in(row));
  if (row.failed())
    return db_.failure("read the inbox");
  return found;
}

} // namespace troupe::persistence::sqlite
