// A thin RAII layer over libpq: prepared statements, binary both ways, several
// statements in one round trip. Errors are values; what a statement was given
// is in none of them.
#pragma once

#include "engine/error.hpp"
#include "engine/time.hpp"
#include "persistence/postgres/backoff.hpp"
#include "persistence/postgres/parameters.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

struct pg_conn;
struct pg_result;

namespace troupe::persistence::postgres {

enum class access { write, read };

/// The rows of one statement.
class answer {
public:
  answer() = default;
  explicit answer(pg_result* held) : held_(held) {}

  [[nodiscard]] int rows() const;
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t integer(int row, int column) const;
  [[nodiscard]] double real(int row, int column) const;
  [[nodiscard]] std::string_view bytes(int row, int column) const;
  [[nodiscard]] bool is_null(int row, int column) const;

  [[nodiscard]] const pg_result* get() const {
    return held_.get();
  }

private:
  struct clearer {
    void operator()(pg_result* held) const;
  };

  std::unique_ptr<pg_result, clearer> held_;
};

/// One of the statements that go together in a round trip.
struct request {
  std::string_view sql; // lives as long as the program
  parameters with;
};

class connection {
public:
  /// @param url what libpq takes: a URL, or "key=value …"
  static engine::result<connection> open(std::string url, access mode);

  /// Replaces a connection that is lost, once; what was prepared is again when
  /// it is used. Its transaction, if there was one, is nobody's.
  bool reconnect();

  /// The same as often as backoff says, for a moment.
  bool resume();

  [[nodiscard]] bool is_lost() const;

  /// Ends the connection: it is lost from then on.
  void close() {
    held_.reset();
  }

  /// How long an answer may take; a server that takes longer is lost.
  /// @returns how long it was
  std::chrono::seconds be_patient(std::chrono::seconds limit) {
    return std::exchange(patience_, limit);
  }

  [[nodiscard]] access mode() const {
    return mode_;
  }

  /// Statements without parameters, separated by semicolons.
  bool execute(const char* sql);

  /// The same without waiting: until it is answered nothing else is asked.
  bool send(const char* sql);
  /// Whether what was sent went well; nothing: it is not answered yet.
  std::optional<bool> answered();

  /// Whether another connection has told one of the channels that this one
  /// listens to, since this was asked last.
  bool was_told();

  /// @returns nothing on an error
  std::optional<answer> ask(std::string_view sql, const parameters& with);

  /// In one round trip, answered in order; after one that fails the rest is
  /// not run. @returns nothing when one of them failed
  std::optional<std::vector<answer>> ask(const std::vector<request>& all);

  /// Rows that the last statement wrote.
  [[nodiscard]] std::int64_t changes() const {
    return changes_;
  }

  /// SQLSTATE of the last failure.
  [[nodiscard]] std::string_view state() const {
    return state_;
  }

  /// What went wrong last, as the error a caller can act on.
  [[nodiscard]] engine::error failure(std::string_view doing) const;

  /// The server's, as libpq counts: 150018.
  [[nodiscard]] int server_version() const;

private:
  struct closer {
    void operator()(pg_conn* held) const;
  };

  bool connect();
  bool set_up();
  /// The name of the prepared statement, or nothing on an error.
  const std::string* prepared(std::string_view sql,
                              const parameters::wire& with);
  bool flush();
  /// The next result of what was sent, null at the end of a statement.
  pg_result* next();
  bool good(const pg_result* result);
  void lose();

  std::string url_;
  access mode_ = access::read;
  std::chrono::seconds patience_{};
  std::unique_ptr<pg_conn, closer> held_;
  std::unordered_map<std::string, std::string> names_;
  std::chrono::steady_clock::time_point deadline_;
  std::int64_t changes_ = 0;
  std::string state_;
  std::string reason_;
  // Shorter than a caller waits.
  backoff backoff_{std::chrono::seconds{2}, std::chrono::milliseconds{250}};
};

/// A statement as stores use it one by one. Bind in order, step, read columns;
/// `reset` when done (a `scoped_reset` does it on every path). One that reads
/// is run again when its connection was lost.
class statement {
public:
  statement(connection& db, std::string_view sql) : db_(&db), sql_(sql) {}

  /// Binds the next parameters. Texts must live until the reset.
  template <class... Ts>
  statement& bind(const Ts&... values) {
    (with_.add(values), ...);
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

  [[nodiscard]] std::int64_t integer(int column) const {
    return rows_->integer(row_, column);
  }

  [[nodiscard]] double real(int column) const {
    return rows_->real(row_, column);
  }

  [[nodiscard]] std::string_view text(int column) const {
    return rows_->bytes(row_, column);
  }

  [[nodiscard]] bool is_null(int column) const {
    return rows_->is_null(row_, column);
  }

private:
  connection* db_;
  std::string sql_;
  parameters with_;
  std::optional<answer> rows_;
  int row_ = -1;
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

/// Rolls back unless committed.
class transaction {
public:
  explicit transaction(connection& db) : db_(db), open_(db.execute("BEGIN")) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  ~transaction() {
    if (open_)
      db_.execute("ROLLBACK");
  }

  explicit operator bool() const {
    return open_;
  }

  bool commit();

private:
  connection& db_;
  bool open_;
};

/// Added to when rows of test workspaces are due.
inline constexpr std::int64_t test_due = std::int64_t{1} << 60;

/// A point in time as a column holds it: microseconds since 1970.
inline std::int64_t micros(engine::timestamp at) {
  return at.time_since_epoch().count();
}

inline engine::timestamp time_at(const statement& row, int column) {
  return engine::timestamp{engine::duration{row.integer(column)}};
}

} // namespace troupe::persistence::postgres
