#include "persistence/postgres/writer.hpp"

#include "persistence/postgres/migrations.hpp"
#include "persistence/postgres/postgres_store.hpp"
#include "persistence/postgres/reader.hpp"
#include "persistence/postgres/settings.hpp"

#include <sys/random.h>

#include <algorithm>
#include <utility>

namespace troupe::persistence::postgres {

namespace {

constexpr int secret_bytes = 32;

} // namespace

writer::writer(connection db, std::string url)
  : lane_(std::move(db)), db_(lane_.db()), url_(std::move(url)) {}

engine::status writer::start() {
  if (auto safe = check_settings(db_); !safe)
    return safe;
  // First: nobody changes the schema under a process that writes.
  if (auto reserved = lane_.reserve(); !reserved)
    return reserved;
  if (auto migrated = migrate(db_); !migrated)
    return migrated;
  if (auto taken = lane_.take(); !taken)
    return taken;
  if (auto read = read_installation(); !read)
    return read;
  if (auto loaded = load(); !loaded)
    return loaded;
  is_changed_ = false; // nobody has read any yet
  return make_partitions(next_ + 1);
}

engine::status writer::read_installation() {
  std::uint64_t fresh = 0;
  std::string secret(secret_bytes, '\0');
  if (getrandom(&fresh, sizeof fresh, 0) != sizeof fresh
      || getrandom(secret.data(), secret.size(), 0) != secret_bytes)
    return engine::error{
      engine::errc::internal, "internal", "no random numbers", {}};
  statement insert{db_, "INSERT INTO installation VALUES (1, $1, $2)"
                        " ON CONFLICT DO NOTHING"};
  if (!insert.bind(fresh, secret).run())
    return db_.failure("set up the store");
  statement select{db_, "SELECT seed, secret FROM installation"};
  if (!select.step())
    return db_.failure("read the store's seed");
  seed_ = static_cast<std::uint64_t>(select.integer(0));
  secret_ = select.text(1);
  return engine::success();
}

// Listens before it reads: what is changed after that is heard of. What others
// said while there was no connection was not.
engine::status writer::load() {
  if (loaded_for_ == lane_.reconnects())
    return engine::success();
  if (!db_.execute("LISTEN troupe_definitions"))
    return db_.failure("listen to the database");
  statement newest{db_, "SELECT coalesce(max(pos), 0) FROM turns"};
  statement tests{db_, "SELECT id FROM workspaces WHERE kind=$1"};
  statement days{db_, "SELECT slot, day FROM key_days"};
  // Their names have the number of the range.
  statement tables{db_, "SELECT coalesce(max(substr(c.relname, 7)::bigint) + 1,"
                        " 0) FROM pg_inherits i"
                        " JOIN pg_class c ON c.oid=i.inhrelid"
                        " WHERE i.inhparent='turns'::regclass"};
  if (!newest.step() || !tables.step())
    return db_.failure("find the newest turn");
  tests_.clear();
  tests.bind(static_cast<int>(engine::workspace_kind::test));
  while (tests.step())
    tests_.insert(workspace_id{static_cast<std::uint32_t>(tests.integer(0))});
  while (days.step())
    days_.at(static_cast<std::size_t>(days.integer(0))) = days.integer(1);
  if (tests.failed() || days.failed())
    return db_.failure("read what the store keeps in memory");
  next_ = static_cast<std::uint64_t>(newest.integer(0)) + 1;
  partitioned_until_
    = static_cast<std::uint64_t>(tables.integer(0)) * partition_length;
  noted_ = {};
  is_changed_ = true;
  loaded_for_ = lane_.reconnects();
  return engine::success();
}

engine::status writer::ready() {
  constexpr int tries_max = 3; // connections that end while they are new
  for (int tries = 1;; ++tries) {
    if (auto there = lane_.ready(); !there)
      return there;
    auto loaded = load();
    if (loaded || !db_.is_lost() || tries == tries_max)
      return loaded;
  }
}

// Attached, not made as a partition: that would lock out readers.
engine::status writer::make_partitions(std::uint64_t end) {
  while (partitioned_until_ < end) {
    const auto name
      = "turns_" + std::to_string(partitioned_until_ / partition_length);
    const auto from = std::to_string(partitioned_until_);
    const auto to = std::to_string(partitioned_until_ + partition_length);
    const auto sql = "CREATE TABLE " + name
                     + " (LIKE turns INCLUDING ALL); ALTER TABLE " + name
                     + " ALTER COLUMN payload SET STATISTICS 0;"
                       " ALTER TABLE turns"
                       " ATTACH PARTITION "
                     + name + " FOR VALUES FROM (" + from + ") TO (" + to + ")";
    lane_transaction tx{lane_};
    if (!tx || !db_.execute(sql.c_str()) || !tx.commit())
      return db_.failure("make room for turns");
    partitioned_until_ += partition_length;
  }
  return engine::success();
}

std::vector<request> writer::empty_days(const std::set<std::int64_t>& days,
                                        key_days& held) {
  std::vector<request> all;
  for (const auto day : days)
    if (auto& there = held[slot_of(day)]; there != day) {
      if (there >= 0)
        empty_day(all, slot_of(day), day);
      else
        all.push_back({"UPDATE key_days SET day=$1 WHERE slot=$2",
                       parameters{day, std::uint64_t{slot_of(day)}}});
      there = day;
    }
  return all;
}

void writer::empty_day(std::vector<request>& all, std::size_t slot,
                       std::int64_t day) {
  constexpr std::array<std::string_view, 4> truncate = {
    "TRUNCATE keys_0", "TRUNCATE keys_1", "TRUNCATE keys_2", "TRUNCATE keys_3"};
  all.push_back({truncate.at(slot), {}});
  all.push_back({"UPDATE key_days SET day=$1 WHERE slot=$2",
                 parameters{day, std::uint64_t{slot}}});
}

// One table at a time. @returns true when another one can be emptied at once
bool writer::purge_keys(timestamp now) {
  const auto is_old
    = [oldest = day_of(now - engine::idempotency_window
                       - std::chrono::hours{1})](std::int64_t day) {
        return day >= 0 && day < oldest;
      };
  const auto found = std::find_if(days_.begin(), days_.end(), is_old);
  if (found == days_.end())
    return false;
  // A dump that reads the table is not waited for: commits wait behind this.
  constexpr std::array<std::string_view, 4> lock
    = {"LOCK TABLE keys_0 IN ACCESS EXCLUSIVE MODE NOWAIT",
       "LOCK TABLE keys_1 IN ACCESS EXCLUSIVE MODE NOWAIT",
       "LOCK TABLE keys_2 IN ACCESS EXCLUSIVE MODE NOWAIT",
       "LOCK TABLE keys_3 IN ACCESS EXCLUSIVE MODE NOWAIT"};
  const auto slot = static_cast<std::size_t>(found - days_.begin());
  std::vector<request> all{{lock.at(slot), {}}};
  empty_day(all, slot, -1);
  lane_transaction tx{lane_};
  if (!tx || !db_.ask(all) || !tx.commit())
    return false;
  *found = -1;
  return std::any_of(days_.begin(), days_.end(), is_old);
}

bool writer::maintain(timestamp now) {
  if (!next_purge_.is_due(now) || !ready())
    return false;
  // Ahead of its need, so that no commit waits for it.
  if (!make_partitions(next_ + partition_length / 2))
    return false;
  if (purge_keys(now))
    return true;
  next_purge_.wait(now, std::chrono::minutes{1});
  return false;
}

// A connection that has ended is found out by using it.
engine::status writer::reach() {
  if (!db_.is_lost() && !db_.execute("SELECT 1") && !db_.is_lost())
    return db_.failure("ask the database");
  if (db_.was_told())
    loaded_for_.reset();
  return ready();
}

bool writer::take_definition_changes() {
  return std::exchange(is_changed_, false);
}

std::uint64_t writer::seed() const {
  return seed_;
}

std::string writer::secret() const {
  return secret_;
}

engine::result<std::unique_ptr<store_reader>> writer::open_reader() {
  auto db = connection::open(url_, access::read);
  if (!db)
    return db.failure();
  return std::unique_ptr<store_reader>{
    std::make_unique<reader>(std::move(*db))};
}

engine::result<std::unique_ptr<store>> open_store(const std::string& url,
                                                  timestamp) {
  auto db = connection::open(url, access::write);
  if (!db)
    return db.failure();
  auto made = std::make_unique<writer>(std::move(*db), url);
  if (auto started = made->start(); !started)
    return started.failure();
  return std::unique_ptr<store>{std::move(made)};
}

engine::result<server_facts> describe_server(const std::string& url) {
  auto db = connection::open(url, access::write);
  if (!db)
    return db.failure();
  if (auto safe = check_settings(*db); !safe)
    return safe.failure();
  auto warnings = warnings_of(*db);
  if (!warnings)
    return warnings.failure();
  const auto version = db->server_version();
  return server_facts{std::to_string(version / 10000) + "."
                        + std::to_string(version % 10000),
                      std::move(*warnings)};
}

} // namespace troupe::persistence::postgres
