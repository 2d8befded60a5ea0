#include "persistence/sqlite/writer.hpp"

#include "persistence/sqlite/migrations.hpp"
#include "persistence/sqlite/reader.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace troupe::persistence::sqlite {

namespace {

// The log is copied in slices of this many pages (4 MiB) between groups: few
// enough not to hold up a commit for long, and enough that a page that is
// written often is copied once for many changes.
constexpr int checkpoint_pages = 1000;
// A page of `runs` that many moves touch is written once for all of them, and
// no fold holds up a commit for longer than a few milliseconds.
constexpr std::uint64_t moves_folded_at_once = 1000;
constexpr auto fold_interval = std::chrono::seconds{1};
constexpr int keys_purged_at_once = 2000;
constexpr int secret_bytes = 32;

engine::error unusable(const std::string& directory, std::string_view why) {
  return {engine::errc::storage_unavailable,
          "store_unusable",
          "the data directory " + directory
            + " cannot be used: " + std::string{why},
          {}};
}

} // namespace

engine::result<directory_lock>
directory_lock::take(const std::string& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return unusable(directory, std::strerror(errno));
  const auto file = open((directory + "/troupe.lock").c_str(),
                         O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0)
    return unusable(directory, std::strerror(errno));
  directory_lock held{file};
  if (flock(file, LOCK_EX | LOCK_NB) != 0)
    return unusable(directory, "another troupe process is using it");
  return held;
}

directory_lock::~directory_lock() {
  if (file_ >= 0)
    close(file_);
}

bool directory_lock::knows_store() const {
  struct stat found {};
  return fstat(file_, &found) == 0 && found.st_size > 0;
}

// Where it cannot be written, nothing is known, as before.
void directory_lock::note_store() const {
  if (!knows_store()) [[maybe_unused]]
    const auto written = ::write(file_, "store\n", 6);
}

writer::statements::statements(sqlite3* db)
  : insert_turn(db, "INSERT INTO turns VALUES (?,?,?,?,?,?,?,?,?)"),
    insert_head(db, "INSERT OR IGNORE INTO heads VALUES (?,?,?)"),
    move_head(db, "UPDATE heads SET pos=?, contact_seq=?"
                  " WHERE contact=? AND pos=? AND contact_seq=?"),
    insert_contact(db, "INSERT INTO contacts VALUES (?,?,0,0,NULL,NULL)"),
    mark_external(db, "UPDATE contacts SET has_external=1 WHERE contact=?"),
    save_snapshot(db, "UPDATE contacts SET state=?, snapshot_seq=?"
                      " WHERE contact=?"),
    find_identity(db, "SELECT contact FROM identities"
                      " WHERE workspace=? AND kind=? AND key=?"),
    insert_identity(db, "INSERT OR IGNORE INTO identities VALUES (?,?,?,?)"),
    delete_identity(db, "DELETE FROM identities WHERE workspace=? AND kind=?"
                        " AND key=? AND contact=?"),
    insert_key(db, "INSERT INTO keys (key_high, key_low, pos, at)"
                   " VALUES (?,?,?,?)"),
    find_kept_key(db, "SELECT pos FROM kept_keys"
                      " WHERE key_high=? AND key_low=?"),
    insert_kept_key(db, "INSERT INTO kept_keys VALUES (?,?,?)"),
    find_timer(db, "SELECT 1 FROM timers"
                   " WHERE due=? AND contact=? AND run=? AND visit=?"),
    insert_timer(db, "INSERT OR REPLACE INTO timers"
                     " VALUES (?,?,?,?,?,NULL)"),
    delete_timer(db, "DELETE FROM timers"
                     " WHERE due=? AND contact=? AND run=? AND visit=?"),
    find_message(db, "SELECT 1 FROM inbox"
                     " WHERE due=? AND id_high=? AND id_low=?"),
    insert_message(db, "INSERT OR IGNORE INTO inbox"
                       " VALUES (?,?,?,?,?,?,?,?,?,?,?)"),
    delete_message(db, "DELETE FROM inbox"
                       " WHERE due=? AND id_high=? AND id_low=?"),
    insert_outbox(db, "INSERT INTO outbox VALUES (?,?,?)"),
    delete_outbox(db, "DELETE FROM outbox"
                      " WHERE destination=? AND pos=? AND ordinal=?"),
    insert_run(db, "INSERT INTO runs VALUES (?,?,?,?,?,?,?,?,?,?)"),
    move_run(db, "INSERT INTO run_moves (sequence, started_turn, ordinal,"
                 " status, node, entered_at, wake_at) VALUES (?,?,?,?,?,?,?)"),
    // SQLite takes the other columns from the row of max().
    fold_moves(db, "UPDATE runs SET status=m.status, node=m.node,"
                   " entered_at=m.entered_at, wake_at=m.wake_at"
                   " FROM (SELECT sequence, started_turn, ordinal, status,"
                   " node, entered_at, wake_at, max(id) FROM run_moves"
                   " GROUP BY sequence, started_turn, ordinal) AS m"
                   " WHERE runs.sequence=m.sequence"
                   " AND runs.started_turn=m.started_turn"
                   " AND runs.ordinal=m.ordinal"),
    forget_moves(db, "DELETE FROM run_moves"),
    // Resumed meanwhile: it is due as it was.
    hold_timer(db, "UPDATE timers SET held=?1 WHERE due=?2 AND contact=?3"
                   " AND run=?4 AND visit=?5 AND EXISTS (SELECT 1"
                   " FROM sequences WHERE id=?1 AND paused <> 0)"),
    insert_block(db, "INSERT OR IGNORE INTO event_blocks VALUES (?,?,?)"),
    discover_type(db, "INSERT OR IGNORE INTO event_types"
                      " (workspace, name, status, created_at)"
                      " VALUES (?,?,6,?)"),
    insert_attempt(db, "INSERT OR REPLACE INTO delivery_attempts"
                       " VALUES (?,?,?,?,?,?,?)"),
    note_health(db, "INSERT INTO endpoint_health VALUES (?,?,?,?,?)"
                    " ON CONFLICT (destination) DO UPDATE SET"
                    " last_at=excluded.last_at,"
                    " last_status=excluded.last_status,"
                    " failures=CASE excluded.failures WHEN 0 THEN 0"
                    " ELSE failures + 1 END,"
                    " failing_since=CASE excluded.failures WHEN 0 THEN NULL"
                    " ELSE coalesce(failing_since, excluded.failing_since)"
                    " END"),
    // A delivery that arrived stays so, whatever a second attempt comes to.
    save_delivery(db, "INSERT INTO deliveries VALUES (?,?,?,?,?,?,?,0)"
                      " ON CONFLICT DO UPDATE SET status=excluded.status,"
                      " attempts=excluded.attempts,"
                      " next_attempt_at=excluded.next_attempt_at"
                      " WHERE status <> 2"),
    // Keys are in order of time, so the oldest are the lowest ids.
    purge_keys(db, "DELETE FROM keys WHERE id IN"
                   " (SELECT id FROM keys ORDER BY id LIMIT ?) AND at < ?"),
    find_head(db, "SELECT 1 FROM heads JOIN contacts USING (contact)"
                  " WHERE contact=? AND pos=? AND contact_seq=?"
                  " AND workspace=?"),
    // No unit's turns follow on number 0 of a contact that has a head.
    close_head(db, "UPDATE heads SET contact_seq=0 WHERE contact=?"),
    absorb_contact(db, "UPDATE contacts SET merged_into=? WHERE contact=?"),
    absorb_absorbed(db, "UPDATE contacts SET merged_into=?"
                        " WHERE merged_into=?"),
    insert_merge(db, "INSERT INTO merges VALUES (?,?,?,?,?,?)"),
    move_identity(db, "UPDATE identities SET contact=? WHERE workspace=?"
                      " AND kind=? AND key=? AND contact=?"),
    hand_over_run(db, "UPDATE runs SET contact=?, number=?"
                      " WHERE sequence=? AND started_turn=? AND ordinal=?"),
    enter_segment(db, "INSERT OR IGNORE INTO segment_contacts"
                      " (contact, segment) VALUES (?,?)"),
    leave_segment(db, "DELETE FROM segment_contacts"
                      " WHERE contact=? AND segment=?"),
    leave_segments(db, "DELETE FROM segment_contacts WHERE contact=?"),
    find_triggered(db, "SELECT 1 FROM trigger_contacts"
                       " WHERE id_high=? AND id_low=? AND contact=?"),
    insert_triggered(db, "INSERT INTO trigger_contacts"
                         " VALUES (?,?,?,?,0,0,'')"),
    begin_trigger(db, "UPDATE triggers SET status=3, turn=?, started_at=?,"
                      " wish='' WHERE id_high=? AND id_low=?") {}

writer::writer(directory_lock lock, connection db, std::string file)
  : lock_(std::move(lock)), db_(std::move(db)), file_(std::move(file)) {}

engine::status writer::start(timestamp now) {
  if (auto migrated = migrate(db_); !migrated)
    return migrated.failure();
  std::uint64_t fresh = 0;
  std::string secret(secret_bytes, '\0');
  if (getrandom(&fresh, sizeof fresh, 0) != sizeof fresh
      || getrandom(secret.data(), secret.size(), 0) != secret_bytes)
    return unusable(file_, "no random numbers");
  statement insert{db_.get(), "INSERT INTO installation VALUES (1,?,?)"
                              " ON CONFLICT DO UPDATE"
                              " SET secret=excluded.secret WHERE secret=x''"};
  if (!insert.bind(fresh, as_blob{secret}).run())
    return db_.failure("set up the store");
  statement select{db_.get(), "SELECT seed, secret FROM installation"};
  if (!select.step())
    return db_.failure("read the store's seed");
  seed_ = static_cast<std::uint64_t>(select.integer(0));
  secret_ = select.text(1);
  lock_.note_store();
  statement newest{db_.get(), "SELECT coalesce(max(pos), 0) FROM turns"};
  if (!newest.step())
    return db_.failure("find the newest turn");
  next_ = static_cast<std::uint64_t>(newest.integer(0)) + 1;
  committed_next_ = next_;
  statement tests{db_.get(), "SELECT id FROM workspaces WHERE kind=?"};
  tests.bind(static_cast<int>(engine::workspace_kind::test));
  while (tests.step())
    tests_.insert(workspace_id{static_cast<std::uint32_t>(tests.integer(0))});
  if (tests.failed())
    return db_.failure("find the test workspaces");
  const auto oldest = now - key_window::length;
  statement keys{db_.get(), "SELECT key_high, key_low, pos, at FROM keys"
                            " WHERE at >= ? ORDER BY id"};
  keys.bind(oldest.time_since_epoch().count());
  while (keys.step())
    keys_.add({static_cast<std::uint64_t>(keys.integer(0)),
               static_cast<std::uint64_t>(keys.integer(1)), 0},
              position{static_cast<std::uint64_t>(keys.integer(2))},
              timestamp{engine::duration{keys.integer(3)}});
  if (keys.failed())
    return db_.failure("read the idempotency keys");
  sql_ = std::make_unique<statements>(db_.get());
  if (!fold_moves())
    return db_.failure("bring the runs up to date");
  return engine::success();
}

bool writer::maintain(timestamp now) {
  keys_.forget(now);
  if (db_.log_pages() >= checkpoint_pages)
    db_.checkpoint();
  if (moves_ >= moves_folded_at_once
      || (moves_ > 0 && next_fold_.is_due(now))) {
    fold_moves(); // or later: readers look at both tables
    next_fold_.wait(now, fold_interval);
  }
  return purge_keys(now);
}

bool writer::purge_keys(timestamp now) {
  if (!next_purge_.is_due(now))
    return false;
  const auto oldest = now - key_window::length - std::chrono::hours{1};
  const auto good
    = sql_->purge_keys
        .bind(keys_purged_at_once, oldest.time_since_epoch().count())
        .run();
  const auto more = good && db_.changes() == keys_purged_at_once;
  if (!more)
    next_purge_.wait(now, std::chrono::minutes{1});
  return more;
}

std::uint64_t writer::seed() const {
  return seed_;
}

std::string writer::secret() const {
  return secret_;
}

engine::result<std::unique_ptr<store_reader>> writer::open_reader() {
  auto db = connection::open(file_, access::read);
  if (!db)
    return db.failure();
  return std::unique_ptr<store_reader>{
    std::make_unique<reader>(std::move(*db))};
}

engine::result<std::unique_ptr<store>> open_store(const std::string& directory,
                                                  timestamp now) {
  auto lock = directory_lock::take(directory);
  if (!lock)
    return lock.failure();
  auto file = directory + "/troupe.db";
  // An empty store in its place would be taken for the restored one.
  if (::access(file.c_str(), F_OK) != 0
      && ::access((directory + "/" + unfinished_store).c_str(), F_OK) == 0)
    return unusable(directory, "a backup was not restored to its end;"
                               " do that again");
  struct stat found {};
  const auto is_there = ::stat(file.c_str(), &found) == 0 && found.st_size > 0;
  if (!is_there && lock->knows_store())
    return unusable(directory, "its store is gone: troupe.db is missing or"
                               " empty; restore a backup, or remove"
                               " troupe.lock too to begin anew");
  auto db = connection::open(file, access::write);
  if (!db)
    return db.failure();
  if (chmod(file.c_str(), 0600) != 0)
    return unusable(directory, std::strerror(errno));
  auto made = std::make_unique<writer>(std::move(*lock), std::move(*db),
                                       std::move(file));
  if (auto started = made->start(now); !started)
    return started.failure();
  return std::unique_ptr<store>{std::move(made)};
}

std::string library_version() {
  return sqlite3_libversion();
}

} // namespace troupe::persistence::sqlite
