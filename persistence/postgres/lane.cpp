#include "persistence/postgres/lane.hpp"

#include <sys/random.h>

namespace troupe::persistence::postgres {

namespace {

constexpr int number_of_lane = 0; // one writer, one lane, as yet
constexpr auto owner_bytes = 16;

engine::error taken() {
  return {engine::errc::storage_unavailable,
          "store_taken",
          "another troupe process has taken the database",
          {}};
}

engine::error in_use() {
  return {engine::errc::storage_unavailable,
          "store_unusable",
          "the database cannot be used: another troupe process is using it",
          {}};
}

} // namespace

// Held by the connection: it ends with it. The two numbers are "trp" and that
// of the lane.
engine::status lane::lock(const char* patience) {
  if (!db_.execute(patience))
    return db_.failure("set up the lane");
  statement take{db_, "SELECT pg_advisory_lock(7631472, $1::bigint::int)"};
  const auto good = take.bind(number_of_lane).run();
  constexpr std::string_view not_available = "55P03";
  if (!good && db_.state() == not_available)
    return in_use();
  if (!good || !db_.execute("SET lock_timeout='5s'"))
    return db_.failure("lock the lane");
  return engine::success();
}

engine::status lane::reserve() {
  // A process that has just ended may be seen for a moment.
  return lock("SET lock_timeout='5s'");
}

engine::status lane::take() {
  owner_.resize(owner_bytes);
  if (getrandom(owner_.data(), owner_.size(), 0) != owner_bytes)
    return engine::error{
      engine::errc::internal, "internal", "no random numbers", {}};
  statement raise{db_, "INSERT INTO lanes VALUES ($1, 1, 0, $2)"
                       " ON CONFLICT (lane) DO UPDATE"
                       " SET generation=lanes.generation + 1,"
                       " owner=excluded.owner"
                       " RETURNING generation, last_group"};
  if (!raise.bind(number_of_lane, owner_).step())
    return db_.failure("take the lane");
  generation_ = raise.integer(0);
  last_group_ = raise.integer(1);
  group_ = last_group_;
  return engine::success();
}

engine::status lane::resume_once() {
  if (!db_.reconnect())
    return db_.failure("connect to the database");
  // Another one's already: there is no use in waiting for its end.
  statement whose{db_, "SELECT 1 FROM lanes WHERE lane=$1 AND owner=$2"};
  const auto ours = whose.bind(number_of_lane, owner_).step();
  is_taken_over_ = !ours && !whose.failed();
  if (is_taken_over_)
    return taken();
  if (auto locked = lock("SET lock_timeout='5s'"); !locked)
    return locked;
  statement raise{db_, "UPDATE lanes SET generation=generation + 1"
                       " WHERE lane=$1 AND owner=$2"
                       " RETURNING generation, last_group"};
  if (!raise.bind(number_of_lane, owner_).step()) {
    if (raise.failed())
      return db_.failure("raise the lane");
    is_taken_over_ = true;
    return taken();
  }
  generation_ = raise.integer(0);
  last_group_ = raise.integer(1);
  ++reconnects_;
  return engine::success();
}

engine::status lane::resume() {
  engine::status resumed = db_.failure("connect to the database");
  backoff_.run([&] {
    resumed = resume_once();
    if (!resumed)
      db_.close(); // without the lane it is none
    return resumed || is_taken_over_;
  });
  return resumed;
}

engine::status lane::ready() {
  if (is_taken_over_)
    return taken();
  if (!db_.is_lost())
    return engine::success();
  return resume();
}

std::vector<request> lane::begin() {
  ++group_;
  std::vector<request> first;
  first.push_back({"BEGIN", {}});
  first.push_back({"UPDATE lanes SET last_group=$1"
                   " WHERE lane=$2 AND generation=$3 RETURNING lane",
                   parameters{group_, number_of_lane, generation_}});
  return first;
}

std::vector<request> lane::begin_unseen() {
  ++group_;
  std::vector<request> first;
  first.push_back({"BEGIN", {}});
  first.push_back({"WITH mine AS (UPDATE lanes SET last_group=$1"
                   " WHERE lane=$2 AND generation=$3 RETURNING 1)"
                   " SELECT 1 / count(*)::int FROM mine",
                   parameters{group_, number_of_lane, generation_}});
  return first;
}

bool lane::is_ours(const answer& rows) {
  is_taken_over_ = rows.rows() != 1;
  return !is_taken_over_;
}

// Harmless where there is nothing to roll back.
void lane::abandon() {
  if (!db_.is_lost())
    db_.execute("ROLLBACK");
}

lane::outcome lane::settle() {
  abandon();
  if (!db_.is_lost())
    return outcome::undone;
  if (!resume())
    return outcome::unknown;
  return last_group_ >= group_ ? outcome::committed : outcome::undone;
}

lane_transaction::lane_transaction(lane& of) : lane_(of) {
  // A connection that has ended is found out by using it.
  for (int tries = 0; tries < 2 && lane_.ready(); ++tries) {
    const auto begun = lane_.db().ask(lane_.begin());
    open_ = begun && lane_.is_ours((*begun)[1]);
    if (open_)
      return;
    lane_.abandon();
    if (!lane_.db().is_lost())
      return;
  }
}

lane_transaction::~lane_transaction() {
  if (open_)
    lane_.abandon();
}

bool lane_transaction::commit() {
  if (!open_)
    return false;
  open_ = false;
  return lane_.db().execute("COMMIT")
         || lane_.settle() == lane::outcome::committed;
}

} // namespace troupe::persistence::postgres
