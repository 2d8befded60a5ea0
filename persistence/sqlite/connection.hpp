// A thin RAII layer over the SQLite C API. Errors are values; a failed sync
// ends the process, because what the disk kept is then unknown.
#pragma once

#include "engine/error.hpp"
#include "engine/time.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace troupe::persistence::sqlite {

/// Binds bytes as a BLOB.
struct as_blob {
  std::string_view bytes;
};

/// A prepared statement. Bind in order, step, read columns; `reset` when done
/// (a `scoped_reset` does it on every path).
class statement {
public:
  statement() = default;
  statement(sqlite3* db, std::string_view sql);

  /// Binds the next parameters. Texts and blobs must live until the reset.
  template <class... Ts>
  statement& bind(const Ts&... values) {
    (bind_next(values), ...);
    return *this;
  }

  /// @returns true on a row, false when done; see `failed`
  bool step();

  /// Runs a statement that gives no rows. @returns false on an error
  bool run();

  void reset();

  [[nodiscard]] bool failed() const {
    return failed_;
  }

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const; // also blobs
  [[nodiscard]] bool is_null(int column) const;

private:
  void bind_next(std::int64_t value);
  void bind_next(std::uint64_t value);
  void bind_next(std::uint32_t value);
  void bind_next(int value);
  void bind_next(double value);
  void bind_next(std::string_view value);
  void bind_next(const std::string& value);
  void bind_next(std::nullptr_t);

  struct finalizer {
    void operator()(sqlite3_stmt* held) const;
  };

  void bind_next(const as_blob& value);

  std::unique_ptr<sqlite3_stmt, finalizer> held_;
  int next_ = 1;
  bool failed_ = false;
};

class scoped_reset {
public:
  explicit scoped_reset(statement& held) : held_(held) {}

  scoped_reset(const scoped_reset&) = delete;
  scoped_reset& operator=(const scoped_reset&) = delete;

  ~scoped_reset() {
    held_.reset();
  }

private:
  statement& held_;
};

/// still: a file that nobody writes to, read without a log or a lock.
enum class access { write, read, still };

class connection {
public:
  /// Opens `file` in WAL mode with the settings of reliability.md 1.7.
  static engine::result<connection> open(const std::string& file, access mode);

  [[nodiscard]] sqlite3* get() const {
    return held_.get();
  }

  bool execute(const char* sql);
  [[nodiscard]] std::int64_t changes() const;

  /// What went wrong last, as the error a caller can act on.
  [[nodiscard]] engine::error failure(std::string_view doing) const;

  /// Pages waiting in the write-ahead log.
  [[nodiscard]] int log_pages() const {
    return *log_pages_;
  }

  /// Copies what it can from the log into the database file.
  void checkpoint();

  /// Copies all of it and leaves the log empty. @returns false while others
  /// read from it
  engine::result<bool> empty_log();

private:
  struct closer {
    void operator()(sqlite3* held) const;
  };

  std::unique_ptr<sqlite3, closer> held_;
  std::unique_ptr<int> log_pages_ = std::make_unique<int>(0);
};

/// Rolls back unless committed.
class transaction {
public:
  explicit transaction(connection& db);
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction();

  explicit operator bool() const {
    return open_;
  }

  bool commit();

private:
  connection& db_;
  bool open_;
};

/// What is read while it lives is of one moment.
class read_transaction {
public:
  explicit read_transaction(connection& db)
    : db_(db), open_(db.execute("BEGIN")) {}
  read_transaction(const read_transaction&) = delete;
  read_transaction& operator=(const read_transaction&) = delete;

  ~read_transaction() {
    if (open_)
      db_.execute("COMMIT");
  }

  explicit operator bool() const {
    return open_;
  }

private:
  connection& db_;
  bool open_;
};

/// Added to when rows of test workspaces are due (014_test_clocks.sql).
inline constexpr std::int64_t test_due = std::int64_t{1} << 60;

/// A point in time as a column holds it: microseconds since 1970.
inline std::int64_t micros(engine::timestamp at) {
  return at.time_since_epoch().count();
}

inline engine::timestamp time_at(const statement& row, int column) {
  return engine::timestamp{engine::duration{row.integer(column)}};
}

} // namespace troupe::persistence::sqlite
