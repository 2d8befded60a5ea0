#include "persistence/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace troupe::persistence::postgres {

namespace {

using std::chrono::steady_clock;

// Hints of the server are nobody's here.
void pass_over(void*, const PGresult*) {}

// A client that is gone, or a server that is, is noticed within seconds, so
// that locks of a connection that was lost do not stay. Plans are made once and
// go by indexes, whatever the statistics say on a young or a quiet store.
constexpr auto settings
  = "SET client_encoding='UTF8'; SET bytea_output='hex';"
    "SET default_transaction_isolation='read committed';"
    "SET lock_timeout='5s';"
    "SET idle_in_transaction_session_timeout='30s';"
    "SET client_connection_check_interval='2s';"
    "SET tcp_keepalives_idle=5; SET tcp_keepalives_interval=2;"
    "SET tcp_keepalives_count=3; SET tcp_user_timeout='15s';"
    "SET plan_cache_mode='force_generic_plan'; SET jit=off;"
    "SET enable_seqscan=off; SET enable_hashjoin=off;"
    "SET enable_mergejoin=off;";

// Never lower than this: `remote_apply`, where it is set, waits for more.
constexpr auto write_settings
  = "SET default_transaction_read_only=off; SET statement_timeout='10s';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') NOT IN"
    " ('on', 'remote_apply');";

constexpr auto read_settings
  = "SET default_transaction_read_only=on; SET statement_timeout='20s';";

// A little more than the server gives a statement: short enough that a server
// that hangs is given up before whoever watches the process gives that up.
constexpr auto write_patience = std::chrono::seconds{12};
constexpr auto read_patience = std::chrono::seconds{25};

std::string field(const PGresult* result, int code) {
  const auto* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string{} : text;
}

std::string one_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

} // namespace

void answer::clearer::operator()(pg_result* held) const {
  PQclear(held);
}

int answer::rows() const {
  return PQntuples(held_.get());
}

std::int64_t answer::changes() const {
  return std::atoll(PQcmdTuples(held_.get()));
}

std::int64_t answer::integer(int row, int column) const {
  return integer_in(bytes(row, column)); // NULL reads as 0
}

double answer::real(int row, int column) const {
  return real_in(bytes(row, column));
}

std::string_view answer::bytes(int row, int column) const {
  return {PQgetvalue(held_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(held_.get(), row, column))};
}

bool answer::is_null(int row, int column) const {
  return PQgetisnull(held_.get(), row, column) != 0;
}

void connection::closer::operator()(pg_conn* held) const {
  PQfinish(held);
}

engine::result<connection> connection::open(std::string url, access mode) {
  connection db;
  db.url_ = std::move(url);
  db.mode_ = mode;
  db.patience_ = mode == access::write ? write_patience : read_patience;
  if (!db.connect())
    return db.failure("connect to the database");
  if (!db.set_up())
    return db.failure("set up the connection");
  return db;
}

bool connection::connect() {
  names_.clear();
  state_.clear();
  // What the URL says comes later and counts more.
  const char* const keywords[]
    = {"connect_timeout",           "keepalives_idle",
       "keepalives_interval",       "keepalives_count",
       "tcp_user_timeout",          "dbname",
       "fallback_application_name", nullptr};
  const char* const values[]
    = {"5", "5", "2", "3", "15000", url_.c_str(), "troupe", nullptr};
  held_.reset(PQconnectdbParams(keywords, values, 1));
  if (PQstatus(held_.get()) != CONNECTION_OK) {
    reason_ = one_line(PQerrorMessage(held_.get()));
    state_ = "08001";
    held_.reset();
    return false;
  }
  PQsetNoticeReceiver(held_.get(), pass_over, nullptr);
  if (PQsetnonblocking(held_.get(), 1) != 0) {
    lose();
    return false;
  }
  return true;
}

bool connection::set_up() {
  return execute(settings)
         && execute(mode_ == access::write ? write_settings : read_settings);
}

bool connection::reconnect() {
  return connect() && set_up();
}

bool connection::resume() {
  return backoff_.run([this] {
    return reconnect();
  });
}

bool connection::is_lost() const {
  return held_ == nullptr || PQstatus(held_.get()) != CONNECTION_OK;
}

void connection::lose() {
  held_.reset();
  state_ = "08006";
  reason_ = "the connection was lost";
}

// Sends what is buffered, and takes in what comes meanwhile.
bool connection::flush() {
  for (;;) {
    const auto left = PQflush(held_.get());
    if (left == 0)
      return true;
    pollfd wanted{PQsocket(held_.get()), POLLIN | POLLOUT, 0};
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(
      deadline_ - steady_clock::now());
    if (left < 0 || rest.count() <= 0
        || poll(&wanted, 1, static_cast<int>(rest.count())) <= 0
        || ((wanted.revents & POLLIN) != 0
            && PQconsumeInput(held_.get()) == 0)) {
      lose();
      return false;
    }
  }
}

pg_result* connection::next() {
  while (held_ && PQisBusy(held_.get()) != 0) {
    pollfd wanted{PQsocket(held_.get()), POLLIN, 0};
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(
      deadline_ - steady_clock::now());
    if (rest.count() <= 0
        || poll(&wanted, 1, static_cast<int>(rest.count())) <= 0
        || PQconsumeInput(held_.get()) == 0)
      lose();
  }
  return held_ ? PQgetResult(held_.get()) : nullptr;
}

// Keeps what an error was, without what it says of values.
bool connection::good(const pg_result* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC:
      return true;
    case PGRES_PIPELINE_ABORTED:
      return false;
    default:
      break;
  }
  state_ = field(result, PG_DIAG_SQLSTATE);
  reason_ = "PostgreSQL says " + (state_.empty() ? "08006" : state_);
  const auto constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  if (!constraint.empty())
    reason_ += " (" + constraint + ")";
  if (state_.empty()) // libpq's own: the connection broke
    lose();
  return false;
}

bool connection::execute(const char* sql) {
  deadline_ = steady_clock::now() + patience_;
  if (is_lost() || PQsendQuery(held_.get(), sql) == 0 || !flush()) {
    lose();
    return false;
  }
  auto all_good = true;
  std::string tag;
  while (auto* result = next()) {
    const answer held{result};
    all_good = good(result) && all_good;
    tag = PQcmdStatus(result);
    if (!held_)
      return false;
  }
  // What a failed transaction answers to COMMIT.
  return all_good && held_
         && (std::string_view{sql} != "COMMIT" || tag == "COMMIT");
}

const std::string* connection::prepared(std::string_view sql,
                                        const parameters::wire& with) {
  std::string key{sql};
  if (const auto found = names_.find(key); found != names_.end())
    return &found->second;
  const auto name = "s" + std::to_string(names_.size());
  if (is_lost()
      || PQsendPrepare(held_.get(), name.c_str(), key.c_str(),
                       static_cast<int>(with.types.size()), with.types.data())
           == 0
      || !flush()) {
    lose();
    return nullptr;
  }
  auto all_good = true;
  while (auto* result = next()) {
    const answer held{result};
    all_good = good(result) && all_good;
  }
  if (!all_good || !held_)
    return nullptr;
  return &names_.emplace(std::move(key), name).first->second;
}

std::optional<answer> connection::ask(std::string_view sql,
                                      const parameters& with) {
  deadline_ = steady_clock::now() + patience_;
  const auto wire = with.on_the_wire();
  const auto* name = prepared(sql, wire);
  if (name == nullptr)
    return std::nullopt;
  if (PQsendQueryPrepared(
        held_.get(), name->c_str(), static_cast<int>(wire.values.size()),
        wire.values.data(), wire.lengths.data(), wire.formats.data(), 1)
        == 0
      || !flush()) {
    lose();
    return std::nullopt;
  }
  std::optional<answer> out;
  auto all_good = true;
  while (auto* result = next()) {
    answer held{result};
    all_good = good(result) && all_good;
    out = std::move(held);
  }
  if (!all_good || !held_ || !out)
    return std::nullopt;
  changes_ = out->changes();
  return out;
}

std::optional<std::vector<answer>>
connection::ask(const std::vector<request>& all) {
  deadline_ = steady_clock::now() + patience_;
  std::vector<parameters::wire> wires;
  std::vector<const std::string*> names;
  for (const auto& each : all) {
    wires.push_back(each.with.on_the_wire());
    names.push_back(prepared(each.sql, wires.back()));
    if (names.back() == nullptr)
      return std::nullopt;
  }
  auto sent = PQenterPipelineMode(held_.get()) == 1;
  for (std::size_t i = 0; sent && i < all.size(); ++i)
    sent = PQsendQueryPrepared(held_.get(), names[i]->c_str(),
                               static_cast<int>(wires[i].values.size()),
                               wires[i].values.data(), wires[i].lengths.data(),
                               wires[i].formats.data(), 1)
           == 1;
  if (!sent || PQpipelineSync(held_.get()) != 1 || !flush()) {
    lose();
    return std::nullopt;
  }
  std::vector<answer> out;
  auto all_good = true;
  for (std::size_t i = 0; held_ && i < all.size(); ++i) {
    while (auto* result = next()) {
      answer held{result};
      all_good = good(result) && all_good;
      out.push_back(std::move(held));
      if (!held_)
        return std::nullopt;
    }
  }
  if (held_) {
    const answer sync{next()};
    if (!held_ || PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC
        || PQexitPipelineMode(held_.get()) != 1)
      lose();
  }
  if (!held_ || !all_good || out.size() != all.size())
    return std::nullopt;
  return out;
}

engine::error connection::failure(std::string_view doing) const {
  std::string message = "could not ";
  message += doing;
  message += ": ";
  message += reason_;
  return {engine::errc::storage_unavailable,
          "storage_unavailable",
          std::move(message),
          {}};
}

int connection::server_version() const {
  return PQserverVersion(held_.get());
}

bool statement::step() {
  if (!rows_) {
    rows_ = db_->ask(sql_, with_);
    if (!rows_ && db_->mode() == access::read && db_->is_lost()
        && db_->resume())
      rows_ = db_->ask(sql_, with_);
    failed_ = !rows_;
  }
  return rows_ && ++row_ < rows_->rows();
}

bool statement::run() {
  step();
  const auto good = !failed_;
  reset();
  return good;
}

void statement::reset() {
  with_.clear();
  rows_.reset();
  row_ = -1;
  failed_ = false;
}

bool transaction::commit() {
  if (!open_ || !db_.execute("COMMIT"))
    return false;
  open_ = false;
  return true;
}

} // namespace troupe::persistence::postgres
