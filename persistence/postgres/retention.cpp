// Turns that are older than their workspace keeps them go, a block of positions
// at a time, and with them the rows that say something of them. Contacts keep
// their state: it is a snapshot before the turns it came from are gone.
//
// Workspaces that keep as many days go on together. Those of tests, whose times
// are their own, go on with those that keep the most. Where these pass a whole
// table of turns, its rows stay until the table is dropped.
#include "persistence/retention.hpp"

#include "persistence/codec.hpp"
#include "persistence/postgres/postgres_store.hpp"
#include "persistence/postgres/writer.hpp"

#include <algorithm>
#include <array>

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// A table that will soon be old as a whole is waited for.
constexpr auto wait_for_table = std::chrono::hours{24 * 7};

// Of those that keep $1 days, and with $4 of tests, from $2 to before $3.
constexpr std::string_view forget_turns
  = "DELETE FROM turns WHERE pos >= $2 AND pos < $3 AND workspace IN"
    " (SELECT workspace FROM retention WHERE days=$1"
    " OR ($4 = 1 AND days IS NULL))";

constexpr std::array<std::string_view, 7> forget = {
  "DELETE FROM outbox WHERE pos >= $2 AND pos < $3 AND destination IN"
  " (SELECT d.id FROM destinations d JOIN retention USING (workspace)"
  " WHERE days=$1 OR ($4 = 1 AND days IS NULL))",
  "DELETE FROM delivery_attempts WHERE pos >= $2 AND pos < $3"
  " AND destination IN"
  " (SELECT d.id FROM destinations d JOIN retention USING (workspace)"
  " WHERE days=$1 OR ($4 = 1 AND days IS NULL))",
  "DELETE FROM deliveries WHERE pos >= $2 AND pos < $3 AND destination IN"
  " (SELECT d.id FROM destinations d JOIN retention USING (workspace)"
  " WHERE days=$1 OR ($4 = 1 AND days IS NULL))",
  // Runs that go on stay.
  "DELETE FROM runs WHERE started_turn >= $2 AND started_turn < $3"
  " AND status NOT IN (1, 5) AND sequence IN"
  " (SELECT s.id FROM sequences s JOIN retention USING (workspace)"
  " WHERE days=$1 OR ($4 = 1 AND days IS NULL))",
  "DELETE FROM merges WHERE pos >= $2 AND pos < $3 AND workspace IN"
  " (SELECT workspace FROM retention WHERE days=$1"
  " OR ($4 = 1 AND days IS NULL))",
  "DELETE FROM kept_keys WHERE pos IN (SELECT pos FROM turns"
  " WHERE pos >= $2 AND pos < $3 AND workspace IN"
  " (SELECT workspace FROM retention WHERE days=$1"
  " OR ($4 = 1 AND days IS NULL)))",
  "UPDATE retention SET gone_before=$3 WHERE gone_before < $3 AND $2 < $3"
  " AND (days=$1 OR ($4 = 1 AND days IS NULL))",
};

} // namespace

bool writer::save_retention(const workspace_row& row) {
  statement insert{db_,
                   "INSERT INTO retention VALUES ($1,$2,$3)"
                   " ON CONFLICT (workspace) DO UPDATE SET days=excluded.days"};
  insert.bind(number(row.id));
  if (row.kind == engine::workspace_kind::test)
    insert.bind(nullptr);
  else
    insert.bind(retention_days_of(row.settings));
  return insert.bind(next_).run();
}

bool writer::forget_old(timestamp now) {
  if (!next_forget_.is_due(now) || !ready())
    return false;
  next_forget_.wait(now, retention_pause);
  std::vector<std::int64_t> kept; // days, least first
  {
    statement days{db_, "SELECT DISTINCT days FROM retention"
                        " WHERE days IS NOT NULL ORDER BY days"};
    while (days.step())
      kept.push_back(days.integer(0));
  }
  for (const auto days : kept)
    if (forget_block(days, days == kept.back(),
                     now - std::chrono::hours{24} * days))
      return true;
  if (drop_oldest())
    return true;
  statement blocks{db_, "DELETE FROM event_blocks b USING retention r"
                        " WHERE r.workspace=b.workspace"
                        " AND b.block < r.gone_before / $1"};
  lane_transaction tx{lane_};
  if (tx && blocks.bind(block_length).run())
    tx.commit();
  next_forget_.wait(now, retention_interval);
  return false;
}

// Positions rise with time: what is before the first turn that has a time of
// this world and is old is old.
bool writer::is_old(std::int64_t end, timestamp before) {
  statement first{db_, "SELECT at FROM turns WHERE pos >= $1"
                       " AND workspace IN (SELECT workspace FROM retention"
                       " WHERE days IS NOT NULL) ORDER BY pos LIMIT 1"};
  return first.bind(end - 1).step() && first.integer(0) < micros(before);
}

// @returns true when there may be more to do
bool writer::forget_block(std::int64_t days, bool is_last, timestamp before) {
  const auto length = static_cast<std::int64_t>(block_length);
  const auto table = static_cast<std::int64_t>(partition_length);
  std::int64_t from = 0;
  {
    statement place{db_, "SELECT min(gone_before) FROM retention"
                         " WHERE days=$1"};
    if (!place.bind(days).step())
      return false;
    from = place.integer(0);
  }
  statement next{db_, "SELECT pos FROM turns WHERE pos >= $1"
                      " ORDER BY pos LIMIT 1"};
  if (!next.bind(from).step())
    return false;
  const auto table_end = (from / table + 1) * table;
  const auto to = std::min(table_end, (next.integer(0) / length + 1) * length);
  const auto is_whole = is_last && static_cast<std::uint64_t>(table_end) < next_
                        && is_old(table_end, before);
  if (is_last && !is_whole)
    before -= wait_for_table;
  // The newest turn stays: positions are counted on from it.
  if (static_cast<std::uint64_t>(to) >= next_
      || (!is_whole && !is_old(to, before)))
    return false;
  const auto folded = fold_contacts(from, to);
  if (!folded || *folded == folded_at_once)
    return folded.has_value();
  std::vector<request> all;
  const auto add = [&](std::string_view sql) {
    all.push_back({sql, parameters{days, from, to, is_last ? 1 : 0}});
  };
  for (const auto each : forget)
    add(each);
  if (!is_whole)
    add(forget_turns);
  lane_transaction tx{lane_};
  return tx && db_.ask(all) && tx.commit();
}

// The oldest table, when all that is in it is gone or may go. Readers are not
// waited for long: all others wait behind this.
bool writer::drop_oldest() {
  statement oldest{db_, "SELECT min(substr(c.relname, 7)::bigint)"
                        " FROM pg_inherits i JOIN pg_class c"
                        " ON c.oid=i.inhrelid"
                        " WHERE i.inhparent='turns'::regclass"};
  statement gone{db_, "SELECT coalesce(min(gone_before), 0) FROM retention"};
  if (!oldest.step() || oldest.is_null(0) || !gone.step())
    return false;
  const auto table = static_cast<std::uint64_t>(oldest.integer(0));
  if (static_cast<std::uint64_t>(gone.integer(0))
      < (table + 1) * partition_length)
    return false;
  const auto drop = "SET LOCAL lock_timeout='200ms'; DROP TABLE turns_"
                    + std::to_string(table);
  lane_transaction tx{lane_};
  return tx && db_.execute(drop.c_str()) && tx.commit();
}

// Writes snapshots of those whose state is not known without their turns in
// the range; some at once. @returns how many, nothing on an error
std::optional<std::int64_t> writer::fold_contacts(std::int64_t from,
                                                  std::int64_t to) {
  std::vector<contact_id> contacts;
  {
    statement find{db_, "SELECT DISTINCT t.contact FROM turns t"
                        " JOIN contacts c ON c.contact=t.contact"
                        " WHERE t.pos >= $1 AND t.pos < $2"
                        " AND t.contact_seq > c.snapshot_seq"
                        " AND c.merged_into IS DISTINCT FROM 0" // erased
                        " LIMIT $3"};
    find.bind(from, to, folded_at_once);
    while (find.step())
      contacts.push_back(
        contact_id{static_cast<std::uint64_t>(find.integer(0))});
    if (find.failed())
      return std::nullopt;
  }
  if (contacts.empty())
    return 0;
  const auto reader = open_reader();
  if (!reader)
    return std::nullopt;
  auto states = column::of_bytes();
  auto whose = column::of_integers();
  auto places = column::of_integers();
  for (const auto contact : contacts) {
    const auto loaded = (*reader)->load(contact);
    if (!loaded)
      return std::nullopt;
    states.add(std::string_view{encode_state(loaded->state)});
    whose.add(number(contact));
    places.add(loaded->state.seq);
  }
  lane_transaction tx{lane_};
  if (!tx
      || !db_.ask("UPDATE contacts c SET state=a.state, snapshot_seq=a.seq"
                  " FROM unnest($1, $2, $3) AS a (contact, seq, state)"
                  " WHERE c.contact=a.contact",
                  parameters{whose, places, states})
      || !tx.commit())
    return std::nullopt;
  return static_cast<std::int64_t>(contacts.size());
}

} // namespace troupe::persistence::postgres
