// Erasing contacts, and what is kept of those that were. Rows that were
// rewritten leave their old versions in the tables until those are cleaned: on
// a connection of its own, so that nobody waits for it.
#include "persistence/contact_closer.hpp"
#include "persistence/erasing.hpp"
#include "persistence/erasures_found.hpp"
#include "persistence/postgres/erasing_database.hpp"
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/writer.hpp"

#include <algorithm>
#include <utility>

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// A statement each is a journey each.
constexpr std::size_t turns_at_once = 50;

engine::error changed_meanwhile() {
  return {engine::errc::conflict, "changed", "the contact has changed", {}};
}

// Which transactions may still see what was there before the asking one.
constexpr auto older_snapshots
  = "SELECT 1 FROM (SELECT backend_xmin AS oldest FROM pg_stat_activity"
    " UNION ALL SELECT xmin FROM pg_replication_slots"
    " UNION ALL SELECT transaction FROM pg_prepared_xacts) AS held"
    " WHERE oldest IS NOT NULL AND age(oldest) > "
    "age($1::bigint::text::xid8::xid)"
    " LIMIT 1";

} // namespace

engine::status writer::begin_erasure(const erasure_wish& wish) {
  if (auto there = ready(); !there)
    return there;
  lane_transaction tx{lane_};
  contact_closer work{erasing_database{db_}, secret_};
  using outcome = decltype(work)::outcome;
  const auto begun = tx ? work.begin(wish) : outcome::failed;
  if (begun == outcome::changed)
    return changed_meanwhile();
  if (begun == outcome::failed || !save(wish.note) || !tx.commit())
    return db_.failure("erase a contact");
  has_erased_ = true;
  return engine::success();
}

engine::result<erasing> writer::erase_more(timestamp now) {
  if (auto there = ready(); !there)
    return there.failure();
  eraser work{erasing_database{db_}};
  {
    lane_transaction tx{lane_};
    const auto found = tx ? work.find() : std::nullopt;
    if (!found)
      return db_.failure("erase a contact");
    if (*found) {
      has_erased_ = true;
      if (!work.slice(turns_at_once) || !tx.commit())
        return db_.failure("erase a contact");
      return erasing::goes_on;
    }
  }
  if (cleaning_.last == 0) {
    auto emptied = work.find_emptied();
    if (!emptied)
      return db_.failure("erase a contact");
    if (emptied->last == 0)
      return erasing::nothing;
    has_erased_ = true;
    cleaning_ = std::move(*emptied);
    cleaning_since_ = 0;
  }
  const auto is_clean = clean_tables();
  if (is_clean && !*is_clean)
    return erasing::waits;
  const auto last = std::exchange(cleaning_, {}).last;
  if (!is_clean)
    return is_clean.failure();
  lane_transaction tx{lane_};
  if (!tx || !work.finish(last, now) || !tx.commit())
    return db_.failure("erase a contact");
  return erasing::goes_on; // perhaps others
}

/// Those of the contacts that are being erased: old versions of rows go when
/// nobody can see them any more. @returns whether it is done
engine::result<bool> writer::clean_tables() {
  if (!cleaner_) {
    const auto seen = is_seen();
    if (!seen)
      return seen.failure();
    return *seen ? engine::result<bool>{false} : begin_cleaning();
  }
  const auto answered = cleaner_->answered();
  if (!answered)
    return false;
  auto why = cleaner_->failure("clean the tables");
  cleaner_.reset();
  if (!*answered)
    return why;
  return true;
}

/// Whether a transaction may still read what was erased: a backup, perhaps.
engine::result<bool> writer::is_seen() {
  if (cleaning_since_ == 0) {
    statement now{db_, "SELECT pg_snapshot_xmax(pg_current_snapshot())"
                       "::text::bigint"};
    if (!now.step())
      return db_.failure("erase a contact");
    cleaning_since_ = now.integer(0);
  }
  statement older{db_, older_snapshots};
  const auto found = older.bind(cleaning_since_).step();
  if (older.failed())
    return db_.failure("erase a contact");
  return found;
}

/// @returns false: it goes on
engine::result<bool> writer::begin_cleaning() {
  std::string sql = "VACUUM identities, contacts, inbox, outbox, timers,"
                    " deliveries, delivery_attempts, triggers,"
                    " rejected_events, segment_contacts, runs, merges,"
                    " erasures";
  // Of those that were dropped meanwhile nothing is left.
  statement there{db_, "SELECT c.relname FROM pg_inherits i"
                       " JOIN pg_class c ON c.oid=i.inhrelid"
                       " WHERE i.inhparent='turns'::regclass"};
  std::set<std::string> tables;
  while (there.step())
    tables.emplace(there.text(0));
  if (there.failed())
    return db_.failure("erase a contact");
  for (const auto range : cleaning_.touched)
    if (const auto name = "turns_" + std::to_string(range);
        tables.contains(name))
      sql += ", " + name;
  auto made = connection::open(url_, access::write);
  if (!made)
    return made.failure();
  cleaner_.emplace(std::move(*made));
  if (cleaner_->execute("SET statement_timeout=0; SET lock_timeout=0")
      && cleaner_->send(sql.c_str()))
    return false;
  auto why = cleaner_->failure("clean the tables");
  cleaner_.reset();
  return why;
}

// What comes of a call that was under way when its contact was erased.
std::optional<std::vector<attempt_row>>
writer::without_erased(std::span<const attempt_row> attempts) {
  auto turns = column::of_integers();
  for (const auto& each : attempts)
    turns.add(number(each.key.turn));
  statement find{db_, "SELECT t.pos FROM unnest($1) AS a (pos)"
                      " JOIN turns t ON t.pos=a.pos WHERE t.kind=8"};
  find.bind(turns);
  std::set<std::uint64_t> erased;
  while (find.step())
    erased.insert(static_cast<std::uint64_t>(find.integer(0)));
  if (find.failed())
    return std::nullopt;
  std::vector<attempt_row> left;
  for (const auto& each : attempts)
    if (!erased.contains(number(each.key.turn)))
      left.push_back(each);
  return left;
}

engine::result<std::vector<erasure_row>>
reader::erasures(const erasure_query& query) {
  auto found = erasures_found(erasing_database{db_}, query);
  if (!found)
    return db_.failure("read the erasures");
  return std::move(*found);
}

engine::status
reader::note_erased(workspace_id workspace,
                    std::vector<engine::identity_owner>& owners) {
  if (secret_.empty()) {
    statement secret{db_, "SELECT secret FROM installation"};
    if (!secret.step())
      return db_.failure("find an identity");
    secret_ = secret.text(0);
  }
  auto places = column::of_integers();
  auto hashes = column::of_bytes();
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i].contact != contact_id{})
      continue;
    const auto hash = engine::tombstone_of(secret_, workspace, owners[i].who);
    places.add(std::uint64_t{i});
    hashes.add(std::string_view{hash});
  }
  auto& row = sql_.tombstones;
  scoped_reset reset{row};
  row.bind(places, hashes, number(workspace));
  while (row.step())
    owners[static_cast<std::size_t>(row.integer(0))].erased = true;
  return row.failed() ? db_.failure("find an identity") : engine::success();
}

} // namespace troupe::persistence::postgres
