#include "persistence/sqlite/connection.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace troupe::persistence::sqlite {

namespace {

constexpr int busy_timeout_ms = 5000;

// A sync that failed once may have lost pages that a second sync reports as
// written: the only safe answer is to stop and recover from the log.
void stop_on_failed_sync(sqlite3* db) {
  const auto code = sqlite3_extended_errcode(db);
  if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
    std::fputs("troupe: the disk failed to sync; stopping\n", stderr);
    std::_Exit(74);
  }
}

int count_log_pages(void* counter, sqlite3*, const char*, int pages) {
  *static_cast<int*>(counter) = pages;
  return SQLITE_OK;
}

// What a URI gives a meaning to is escaped.
std::string still_uri(const std::string& file) {
  constexpr std::string_view digits{"0123456789ABCDEF"};
  std::string out{"file:"};
  for (const char c : file)
    if (const auto byte = static_cast<unsigned char>(c);
        c == '?' || c == '#' || c == '%')
      (out += '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    else
      out += c;
  return out + "?immutable=1";
}

} // namespace

void statement::finalizer::operator()(sqlite3_stmt* held) const {
  sqlite3_finalize(held);
}

statement::statement(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const auto code
    = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  held_.reset(made);
  failed_ = code != SQLITE_OK;
}

void statement::bind_next(std::int64_t value) {
  sqlite3_bind_int64(held_.get(), next_++, value);
}

void statement::bind_next(std::uint64_t value) {
  bind_next(static_cast<std::int64_t>(value));
}

void statement::bind_next(std::uint32_t value) {
  bind_next(std::int64_t{value});
}

void statement::bind_next(int value) {
  bind_next(std::int64_t{value});
}

void statement::bind_next(double value) {
  sqlite3_bind_double(held_.get(), next_++, value);
}

void statement::bind_next(std::string_view value) {
  sqlite3_bind_text(held_.get(), next_++, value.empty() ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
}

void statement::bind_next(const std::string& value) {
  bind_next(std::string_view{value});
}

void statement::bind_next(std::nullptr_t) {
  sqlite3_bind_null(held_.get(), next_++);
}

void statement::bind_next(const as_blob& value) {
  sqlite3_bind_blob(held_.get(), next_++,
                    value.bytes.empty() ? "" : value.bytes.data(),
                    static_cast<int>(value.bytes.size()), SQLITE_STATIC);
}

bool statement::step() {
  if (!held_) {
    failed_ = true;
    return false;
  }
  const auto code = sqlite3_step(held_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    failed_ = true;
    stop_on_failed_sync(sqlite3_db_handle(held_.get()));
  }
  return code == SQLITE_ROW;
}

bool statement::run() {
  step();
  const auto good = !failed_;
  reset();
  return good;
}

void statement::reset() {
  sqlite3_reset(held_.get());
  next_ = 1;
  failed_ = held_ == nullptr;
}

std::int64_t statement::integer(int column) const {
  return sqlite3_column_int64(held_.get(), column);
}

double statement::real(int column) const {
  return sqlite3_column_double(held_.get(), column);
}

std::string_view statement::text(int column) const {
  const auto* bytes
    = static_cast<const char*>(sqlite3_column_blob(held_.get(), column));
  const auto size = sqlite3_column_bytes(held_.get(), column);
  return bytes == nullptr
           ? std::string_view{}
           : std::string_view{bytes, static_cast<std::size_t>(size)};
}

bool statement::is_null(int column) const {
  return sqlite3_column_type(held_.get(), column) == SQLITE_NULL;
}

void connection::closer::operator()(sqlite3* held) const {
  sqlite3_close_v2(held);
}

engine::result<connection> connection::open(const std::string& file,
                                            access mode) {
  connection db;
  sqlite3* made = nullptr;
  // No mutex: a connection belongs to one actor.
  const auto flags
    = SQLITE_OPEN_NOMUTEX
      | (mode == access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                               : SQLITE_OPEN_READONLY)
      | (mode == access::still ? SQLITE_OPEN_URI : 0);
  const auto name = mode == access::still ? still_uri(file) : file;
  const auto code = sqlite3_open_v2(name.c_str(), &made, flags, nullptr);
  db.held_.reset(made);
  if (code != SQLITE_OK)
    return db.failure("open the database");
  sqlite3_extended_result_codes(made, 1);
  sqlite3_busy_timeout(made, busy_timeout_ms);
  if (mode != access::write)
    sqlite3_db_config(made, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  const auto settings
    = mode == access::write
        ? "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
          "PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=ON;"
          "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
          "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-131072;"
          "PRAGMA journal_size_limit=67108864; PRAGMA secure_delete=ON;"
        : "PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON;"
          "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
          "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384;";
  if (!db.execute(settings))
    return db.failure("set up the database");
  if (mode == access::write) {
    // SQLite keeps another mode without an error where it cannot have this.
    statement journal{made, "PRAGMA journal_mode"};
    if (!journal.step() || journal.text(0) != "wal")
      return engine::error{engine::errc::storage_unavailable,
                           "store_unusable",
                           "the file system cannot hold a write-ahead log",
                           {}};
  }
  sqlite3_wal_hook(made, count_log_pages, db.log_pages_.get());
  return db;
}

bool connection::execute(const char* sql) {
  const auto good
    = sqlite3_exec(held_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!good)
    stop_on_failed_sync(held_.get());
  return good;
}

std::int64_t connection::changes() const {
  return sqlite3_changes64(held_.get());
}

engine::error connection::failure(std::string_view doing) const {
  std::string message = "could not ";
  message += doing;
  message += ": ";
  message += sqlite3_errmsg(held_.get());
  return {engine::errc::storage_unavailable,
          "storage_unavailable",
          std::move(message),
          {}};
}

void connection::checkpoint() {
  int log = 0;
  int copied = 0;
  const auto code = sqlite3_wal_checkpoint_v2(
    held_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &log, &copied);
  if (code == SQLITE_OK)
    *log_pages_ = log - copied;
  else // what is in the log stays there until it can be copied
    stop_on_failed_sync(held_.get());
}

engine::result<bool> connection::empty_log() {
  constexpr auto patience_ms = 50; // whoever writes waits as long
  sqlite3_busy_timeout(held_.get(), patience_ms);
  const auto code = sqlite3_wal_checkpoint_v2(
    held_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(held_.get(), busy_timeout_ms);
  if (code == SQLITE_BUSY)
    return false;
  if (code != SQLITE_OK) {
    stop_on_failed_sync(held_.get());
    return failure("empty the log");
  }
  *log_pages_ = 0;
  return true;
}

transaction::transaction(connection& db)
  : db_(db), open_(db.execute("BEGIN IMMEDIATE")) {}

transaction::~transaction() {
  if (open_)
    db_.execute("ROLLBACK");
}

bool transaction::commit() {
  if (!open_ || !db_.execute("COMMIT"))
    return false;
  open_ = false;
  return true;
}

} // namespace troupe::persistence::sqlite
