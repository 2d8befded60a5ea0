// Look-ups of one contact and of due work.
#include "persistence/postgres/reader.hpp"

#include "persistence/codec.hpp"

#include <algorithm>

namespace troupe::persistence::postgres {

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

reader::statements::statements(connection& db)
  : turn(db, "SELECT t.* FROM turns t WHERE pos=$1"),
    // The contact as a row of position 0, and its turns since the snapshot.
    contact(db, "WITH RECURSIVE tail AS ("
                " SELECT t.* FROM heads h JOIN turns t ON t.pos=h.pos"
                " JOIN contacts c ON c.contact=h.contact"
                " WHERE h.contact=$1 AND t.contact_seq > c.snapshot_seq"
                " AND c.merged_into IS DISTINCT FROM 0" // erased
                " UNION ALL"
                " SELECT t.* FROM tail JOIN turns t ON t.pos=tail.previous"
                " WHERE t.contact_seq >"
                " (SELECT snapshot_seq FROM contacts WHERE contact=$1))"
                " SELECT 0 AS pos, workspace, contact, snapshot_seq,"
                " coalesce(merged_into, 0), 0, 0, 0, state"
                " FROM contacts WHERE contact=$1"
                " AND merged_into IS DISTINCT FROM 0"
                " UNION ALL SELECT t.* FROM tail t"),
    gone(db, "SELECT 1 FROM contacts JOIN retention USING (workspace)"
             " WHERE contact=$1 AND gone_before > $2"),
    merged(db, "SELECT coalesce(merged_into, 0) FROM contacts"
               " WHERE contact=$1"),
    // The limit has each one looked up: a join may go through the workspace.
    identities(db, "SELECT a.place, i.contact, c.has_external"
                   " FROM unnest($1, $2, $3) AS a (place, kind, key)"
                   " CROSS JOIN LATERAL (SELECT contact FROM identities"
                   " WHERE workspace=$4 AND kind=a.kind AND key=a.key"
                   " LIMIT 1) AS i JOIN contacts c ON c.contact=i.contact"
                   " UNION ALL SELECT -1, 0, 0 WHERE EXISTS"
                   " (SELECT 1 FROM tombstones WHERE workspace=$4)"),
    tombstones(db, "SELECT a.place FROM unnest($1, $2) AS a (place, hash)"
                   " JOIN tombstones t ON t.workspace=$3 AND t.hash=a.hash"),
    // Far above the bound: 64 turns at a time where the chain allows it.
    below(db, "WITH RECURSIVE down AS ("
              " SELECT t.pos, t.previous, t.skip FROM heads h"
              " JOIN turns t ON t.pos=h.pos WHERE h.contact=$1"
              " UNION ALL"
              " SELECT t.pos, t.previous, t.skip FROM down JOIN turns t"
              " ON t.pos=CASE WHEN down.skip >= $2 THEN down.skip"
              " ELSE down.previous END WHERE down.pos >= $2)"
              " SELECT pos FROM down WHERE pos < $2"),
    chain(db, "WITH RECURSIVE chain AS ("
              " SELECT t.* FROM turns t WHERE t.pos=$1"
              " UNION ALL"
              " SELECT t.* FROM chain JOIN turns t ON t.pos=chain.previous)"
              " SELECT t.* FROM chain t LIMIT $2"),
    block_turns(db, "SELECT t.* FROM turns t"
                    " WHERE pos >= $1 AND pos < $2 AND workspace=$3"
                    " AND kind IN (1, 3, 6) ORDER BY pos DESC LIMIT $4"),
    blocks(db, "SELECT DISTINCT block FROM event_blocks WHERE workspace=$1"
               " AND type >= $2 AND type <= $3 AND block <= $4"
               " ORDER BY block DESC LIMIT $5"),
    timers(db, "SELECT due, contact, run, visit, workspace FROM timers"
               " WHERE due <= $1 AND (due, contact, run, visit)"
               " > ($2, $3, $4, $5) AND held IS NULL"
               " ORDER BY due, contact, run, visit LIMIT $6"),
    inbox(db, "SELECT due, id_high, id_low, workspace, sender, target_kind,"
              " target_key, target_value, type, properties, hops FROM inbox"
              " WHERE due <= $1 AND (due, id_high, id_low) > ($2, $3, $4)"
              " ORDER BY due, id_high, id_low LIMIT $5"),
    // The number in the conditions is `test_due`: as a parameter it would not
    // let the server take the partial indexes.
    test_timers(db, "SELECT due - 1152921504606846976, contact, run, visit,"
                    " workspace FROM timers WHERE workspace=$1"
                    " AND due >= 1152921504606846976 AND due <= $2"
                    " AND held IS NULL"
                    " ORDER BY due, contact, run, visit LIMIT $3"),
    test_inbox(db, "SELECT due - 1152921504606846976, id_high, id_low,"
                   " workspace, sender, target_kind, target_key, target_value,"
                   " type, properties, hops FROM inbox WHERE workspace=$1"
                   " AND due >= 1152921504606846976 AND due <= $2"
                   " ORDER BY due, id_high, id_low LIMIT $3"),
    outbox(db, "SELECT pos, ordinal FROM outbox WHERE destination=$1"
               " AND (pos, ordinal) > ($2, $3) ORDER BY pos, ordinal LIMIT $4"),
    deliveries_due(db, "SELECT pos, ordinal, attempts, next_attempt_at,"
                       " replayed_after FROM deliveries WHERE destination=$1"
                       " AND next_attempt_at <= $2"
                       " ORDER BY next_attempt_at LIMIT $3"),
    // Both in one statement: a delivery moves from one table to the other.
    deliveries(db, "(SELECT pos, ordinal, status, attempts, next_attempt_at"
                   " FROM deliveries WHERE destination=$1"
                   " AND (pos, ordinal) < ($2, $3)"
                   " ORDER BY pos DESC, ordinal DESC LIMIT $4)"
                   " UNION ALL (SELECT pos, ordinal, 1::smallint, 0::bigint,"
                   " NULL::bigint FROM outbox WHERE destination=$1"
                   " AND (pos, ordinal) < ($2, $3)"
                   " ORDER BY pos DESC, ordinal DESC LIMIT $5)"
                   " ORDER BY 1 DESC, 2 DESC LIMIT $4"),
    attempts(db, "SELECT number, at, status, detail FROM delivery_attempts"
                 " WHERE destination=$1 AND pos=$2 AND ordinal=$3"
                 " ORDER BY number"),
    absorbed(db, "SELECT contact FROM contacts WHERE merged_into=$1"),
    admin_log(db, "SELECT id, at, action, actor, request_id, subject, details"
                  " FROM admin_log WHERE workspace=$1 AND id < $2"
                  " AND at >= $3 AND at < $4 AND ($5='' OR request_id=$5)"
                  " AND ($6='' OR action=$6)"
                  " AND substring(action FROM 1 FOR length($7))=$7"
                  " ORDER BY id DESC LIMIT $8"),
    turn_time(db, "SELECT at FROM turns WHERE pos=$1"),
    // 2 is the kind of test workspaces, each of which has its own time.
    turn_near(db, "SELECT pos, at FROM turns WHERE pos >= $1 AND pos < $2"
                  " AND CASE WHEN $3 IN (SELECT id FROM workspaces"
                  " WHERE kind=2) THEN workspace=$3 ELSE workspace NOT IN"
                  " (SELECT id FROM workspaces WHERE kind=2) END"
                  " ORDER BY pos LIMIT 1"),
    newest_contacts(db, "SELECT contact FROM contacts WHERE workspace=$1"
                        " AND (contact & 72057594037927935, contact) < ($2, $3)"
                        " AND merged_into IS NULL"
                        " ORDER BY contact & 72057594037927935 DESC,"
                        " contact DESC LIMIT $4"),
    prefix(db, "SELECT contact FROM identities WHERE workspace=$1 AND kind=$2"
               " AND key >= $3 AND key < $4 ORDER BY key LIMIT $5"),
    turns_after(db, "SELECT t.* FROM turns t"
                    " WHERE pos > $1 ORDER BY pos LIMIT $2"),
    newest(db, "SELECT coalesce(max(pos), 0) FROM turns") {}

reader::reader(connection db) : db_(std::move(db)), sql_(db_) {}

// As the columns of `turns` are: `t.*` is all of them.
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
  scoped_reset reset{sql_.contact};
  auto& row = sql_.contact;
  row.bind(number(contact));
  loaded_contact loaded;
  auto is_there = false;
  std::vector<engine::turn> tail; // newest first
  while (row.step()) {
    if (row.integer(0) == 0) {
      is_there = true;
      loaded.snapshot_seq = static_cast<std::uint64_t>(row.integer(3));
      loaded.merged_into = id_at<contact_id>(row, 4);
      if (row.is_null(8))
        continue;
      auto snapshot = decode_state(row.text(8));
      if (!snapshot)
        return snapshot.failure();
      loaded.state = std::move(*snapshot);
      continue;
    }
    auto turn = read_turn(row);
    if (!turn)
      return turn.failure();
    tail.push_back(std::move(*turn));
  }
  if (row.failed())
    return db_.failure("load a contact");
  if (!is_there)
    return absent("contact");
  for (auto turn = tail.rbegin(); turn != tail.rend(); ++turn)
    engine::apply(loaded.state, *turn);
  return loaded;
}

result<std::vector<engine::identity_owner>>
reader::resolve(workspace_id workspace,
                std::span<const engine::identity> asked) {
  auto places = column::of_integers();
  auto kinds = column::of_integers();
  auto keys = column::of_bytes();
  std::vector<engine::identity_owner> owners;
  owners.reserve(asked.size());
  for (const auto& who : asked) {
    places.add(std::uint64_t{owners.size()});
    kinds.add(static_cast<int>(who.kind));
    keys.add(std::string_view{who.key});
    owners.push_back({who, {}, false});
  }
  auto& row = sql_.identities;
  scoped_reset reset{row};
  row.bind(places, kinds, keys, number(workspace));
  auto has_erased = false;
  while (row.step()) {
    if (row.integer(0) < 0) {
      has_erased = true;
      continue;
    }
    auto& owner = owners[static_cast<std::size_t>(row.integer(0))];
    owner.contact = id_at<contact_id>(row, 1);
    owner.has_external_id = row.integer(2) != 0;
  }
  if (row.failed())
    return db_.failure("find an identity");
  if (has_erased)
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

} // namespace troupe::persistence::postgres
