// The fence of the one writer. Every transaction that writes begins by raising
// the lane's `last_group` under the generation this process has; so after an
// answer was lost on the way, raising the generation waits for a transaction
// that is open, refuses one that has not begun, and tells whether the last one
// was committed (design.md 4).
#pragma once

#include "persistence/postgres/backoff.hpp"
#include "persistence/postgres/connection.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace troupe::persistence::postgres {

class lane {
public:
  explicit lane(connection db) : db_(std::move(db)) {}

  /// Keeps other processes away. Fails when one is there already.
  engine::status reserve();

  /// Takes the lane, whose table is there by now. @pre reserve()
  engine::status take();

  /// To be called before each transaction: connects again where that is needed
  /// and learns what became of the last group.
  engine::status ready();

  /// The beginning of the next group: two statements that go first.
  std::vector<request> begin();

  /// The same where nobody looks at an answer before the group is committed:
  /// division_by_zero when another process has taken the lane.
  std::vector<request> begin_unseen();

  /// @param rows the answer to the second of those
  /// @returns false when another process has taken the lane
  bool is_ours(const answer& rows);

  enum class outcome { committed, undone, unknown };

  /// Rolls back what is open, if anything can be.
  void abandon();

  /// What became of the group whose transaction ended with an error, or whose
  /// answer was lost. Nothing of it is under way afterwards.
  outcome settle();

  connection& db() {
    return db_;
  }

  /// Rises with every connection made again: what was read before may be old.
  [[nodiscard]] std::uint64_t reconnects() const {
    return reconnects_;
  }

private:
  /// Makes the connection again, as backoff says.
  engine::status resume();
  engine::status resume_once();
  engine::status lock(const char* patience);

  connection db_;
  std::string owner_;
  std::int64_t generation_ = 0;
  std::int64_t group_ = 0;      // begun last
  std::int64_t last_group_ = 0; // committed, as the lane says
  std::uint64_t reconnects_ = 0;
  bool is_taken_over_ = false;
  // Longer than a server usually takes to start again.
  backoff backoff_{std::chrono::seconds{5}, std::chrono::seconds{1}};
};

/// A transaction of the lane: rolls back unless committed.
class lane_transaction {
public:
  explicit lane_transaction(lane& of);
  lane_transaction(const lane_transaction&) = delete;
  lane_transaction& operator=(const lane_transaction&) = delete;
  ~lane_transaction();

  explicit operator bool() const {
    return open_;
  }

  /// @returns true when it is durable, also where the answer was lost
  bool commit();

private:
  lane& lane_;
  bool open_ = false;
};

} // namespace troupe::persistence::postgres
