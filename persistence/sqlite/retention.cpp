// Turns that are older than their workspace keeps them go, a block of positions
// at a time, and with them the rows that say something of them. Contacts keep
// their state: it is a snapshot before the turns it came from are gone.
//
// Workspaces that keep as many days go on together. Those of tests, whose times
// are their own, go on with those that keep the most.
#include "persistence/retention.hpp"

#include "persistence/codec.hpp"
#include "persistence/sqlite/writer.hpp"

#include <algorithm>
#include <array>

namespace troupe::persistence::sqlite {

using engine::number;

namespace {

// Of those that keep ?1 days, and with ?4 of tests, from ?2 to before ?3.
constexpr std::array forget = {
  "DELETE FROM outbox WHERE pos >= ?2 AND pos < ?3 AND destination IN"
  " (SELECT d.id FROM destinations d JOIN retention USING (workspace)"
  " WHERE days=?1 OR (?4 AND days IS NULL))",
  "DELETE FROM delivery_attempts WHERE pos >= ?2 AND pos < ?3"
  " AND destination IN"
  " (SELECT d.id FROM destinations d JOIN retention USING (workspace)"
  " WHERE days=?1 OR (?4 AND days IS NULL))",
  "DELETE FROM deliveries WHERE pos >= ?2 AND pos < ?3 AND destination IN"
  " (SELECT d.id FROM destinations d JOIN retention USING (workspace)"
  " WHERE days=?1 OR (?4 AND days IS NULL))",
  // Runs that go on stay.
  "DELETE FROM runs WHERE started_turn >= ?2 AND started_turn < ?3"
  " AND status NOT IN (1, 5) AND sequence IN"
  " (SELECT s.id FROM sequences s JOIN retention USING (workspace)"
  " WHERE days=?1 OR (?4 AND days IS NULL))",
  "DELETE FROM merges WHERE pos >= ?2 AND pos < ?3 AND workspace IN"
  " (SELECT workspace FROM retention WHERE days=?1 OR (?4 AND days IS NULL))",
  "DELETE FROM kept_keys WHERE pos IN (SELECT pos FROM turns"
  " WHERE pos >= ?2 AND pos < ?3 AND workspace IN"
  " (SELECT workspace FROM retention WHERE days=?1 OR (?4 AND days IS NULL)))",
  "DELETE FROM turns WHERE pos >= ?2 AND pos < ?3 AND workspace IN"
  " (SELECT workspace FROM retention WHERE days=?1 OR (?4 AND days IS NULL))",
  "UPDATE retention SET gone_before=?3 WHERE gone_before < ?3"
  " AND (days=?1 OR (?4 AND days IS NULL))",
};

} // namespace

bool writer::save_retention(const workspace_row& row) {
  statement insert{db_.get(),
                   "INSERT INTO retention VALUES (?,?,?)"
                   " ON CONFLICT (workspace) DO UPDATE SET days=excluded.days"};
  insert.bind(number(row.id));
  if (row.kind == engine::workspace_kind::test)
    insert.bind(nullptr);
  else
    insert.bind(retention_days_of(row.settings));
  return insert.bind(next_).run();
}

bool writer::forget_old(timestamp now) {
  if (!next_forget_.is_due(now))
    return false;
  std::vector<std::int64_t> kept; // days, least first
  {
    statement days{db_.get(), "SELECT DISTINCT days FROM retention"
                              " WHERE days IS NOT NULL ORDER BY days"};
    while (days.step())
      kept.push_back(days.integer(0));
  }
  for (const auto days : kept)
    if (forget_block(days, days == kept.back(),
                     now - std::chrono::hours{24} * days)) {
      next_forget_.wait(now, retention_pause);
      return true;
    }
  statement blocks{db_.get(),
                   "DELETE FROM event_blocks WHERE block < (SELECT gone_before"
                   " FROM retention r WHERE r.workspace=event_blocks.workspace)"
                   " / ?"};
  blocks.bind(block_length).run();
  next_forget_.wait(now, retention_interval);
  return false;
}

// Positions rise with time: what is before the first turn that has a time of
// this world and is old is old.
bool writer::is_old(std::int64_t end, timestamp before) {
  statement first{db_.get(), "SELECT at FROM turns WHERE pos >= ?"
                             " AND workspace IN (SELECT workspace"
                             " FROM retention WHERE days IS NOT NULL)"
                             " ORDER BY pos LIMIT 1"};
  return first.bind(end - 1).step() && first.integer(0) < micros(before);
}

// @returns true when there may be more to do
bool writer::forget_block(std::int64_t days, bool with_tests,
                          timestamp before) {
  const auto length = static_cast<std::int64_t>(block_length);
  std::int64_t from = 0;
  {
    statement place{db_.get(),
                    "SELECT min(gone_before) FROM retention WHERE days=?"};
    if (!place.bind(days).step())
      return false;
    from = place.integer(0);
  }
  statement next{db_.get(), "SELECT coalesce(min(pos), 0) FROM turns"
                            " WHERE pos >= ?"};
  if (!next.bind(from).step())
    return false;
  const auto to = (std::max(from, next.integer(0)) / length + 1) * length;
  next.reset();
  // The newest turn stays: positions are counted on from it.
  if (static_cast<std::uint64_t>(to) >= next_ || !is_old(to, before))
    return false;
  const auto folded = fold_contacts(from, to);
  if (!folded || *folded == folded_at_once)
    return folded.has_value();
  transaction tx{db_};
  auto good = static_cast<bool>(tx);
  for (const auto* each : forget) {
    statement rows{db_.get(), each};
    good = good && rows.bind(days, from, to, with_tests ? 1 : 0).run();
  }
  return good && tx.commit();
}

// Writes snapshots of those whose state is not known without their turns in
// the range; some at once. @returns how many, nothing on an error
std::optional<std::int64_t> writer::fold_contacts(std::int64_t from,
                                                  std::int64_t to) {
  std::vector<contact_id> contacts;
  {
    statement find{db_.get(), "SELECT DISTINCT t.contact FROM turns t"
                              " JOIN contacts c ON c.contact=t.contact"
                              " WHERE t.pos >= ? AND t.pos < ?"
                              " AND t.contact_seq > c.snapshot_seq"
                              " AND c.merged_into IS NOT 0" // erased
                              " LIMIT ?"};
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
  transaction tx{db_};
  if (!reader || !tx)
    return std::nullopt;
  for (const auto contact : contacts) {
    const auto loaded = (*reader)->load(contact);
    if (!loaded
        || !sql_->save_snapshot
              .bind(as_blob{encode_state(loaded->state)}, loaded->state.seq,
                    number(contact))
              .run())
      return std::nullopt;
  }
  if (!tx.commit())
    return std::nullopt;
  return static_cast<std::int64_t>(contacts.size());
}

} // namespace troupe::persistence::sqlite
