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

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// A statement each is a journey each.
constexpr std::size_t turns_at_once = 50;

engine::error changed_meanwhile() {
  return {engine::errc::conflict, "changed", "the contact has changed", {}};
}

std::string cleaning_of(const std::set<std::int64_t>& turns) {
  std::string out = "VACUUM identities, contacts, inbox, outbox,"
                    " timers, deliveries, delivery_attempts, triggers,"
                    " rejected_events, segment_contacts, runs, merges,"
                    " erasures";
  for (const auto each : turns)
    out += ", turns_" + std::to_string(each);
  return out;
}

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
  auto goes_on = std::optional{false};
  {
    lane_transaction tx{lane_};
    goes_on = tx ? work.find() : std::nullopt;
    if (goes_on && !*goes_on)
      return erasing::nothing;
    has_erased_ = true;
    if (goes_on)
      goes_on = work.slice(turns_at_once);
    if (!goes_on || !tx.commit())
      return db_.failure("erase a contact");
  }
  if (*goes_on)
    return erasing::goes_on;
  const auto clean = clean_tables(cleaning_of(work.touched()));
  if (!clean)
    return clean.failure();
  if (!*clean)
    return erasing::waits;
  lane_transaction tx{lane_};
  if (!tx || !work.finish(now) || !tx.commit())
    return db_.failure("erase a contact");
  return erasing::goes_on; // perhaps another one
}

/// @returns whether it is done
engine::result<bool> writer::clean_tables(const std::string& sql) {
  if (!cleaner_) {
    auto made = connection::open(url_, access::write);
    if (!made)
      return made.failure();
    cleaner_.emplace(std::move(*made));
    if (!cleaner_->execute("SET statement_timeout=0; SET lock_timeout=0")
        || !cleaner_->send(sql.c_str())) {
      auto why = cleaner_->failure("clean the tables");
      cleaner_.reset();
      return why;
    }
    return false;
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
