// What the preconditions of a group are looked up in: read in one round trip,
// whatever the size of the group, then changed by each unit that holds, so that
// a unit sees what those before it do.
#pragma once

#include "engine/idempotency_window.hpp"
#include "persistence/postgres/connection.hpp"
#include "persistence/rows.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace troupe::persistence::postgres {

/// Rows as their keys name them; texts are those of the units.
using timer_key
  = std::tuple<std::int64_t, contact_id, std::uint32_t, std::uint32_t>;
using message_key = std::tuple<std::int64_t, std::uint64_t, std::uint64_t>;
using identity_key
  = std::tuple<workspace_id, engine::identity_kind, std::string_view>;
using key_hash = std::pair<std::uint64_t, std::uint64_t>;

inline identity_key key_of(workspace_id of, const engine::identity& who) {
  return {of, who.kind, who.key};
}

/// Days of `keys`: which one each of its tables holds; -1: none.
using key_days = std::array<std::int64_t, 4>;

inline std::int64_t day_of(timestamp at) {
  return std::chrono::floor<std::chrono::days>(at.time_since_epoch()).count();
}

inline std::size_t slot_of(std::int64_t day) {
  return static_cast<std::size_t>(day & 3);
}

/// Test workspaces; their rows are due behind all others.
using test_workspaces = std::set<workspace_id>;

inline std::int64_t due_of(const test_workspaces& tests, workspace_id of,
                           timestamp due) {
  return micros(due) + (tests.contains(of) ? test_due : 0);
}

struct facts {
  struct head {
    position last{};
    std::uint64_t seq = 0;
  };

  struct use {
    position holder{};
    timestamp at{};
  };

  std::multimap<key_hash, use> keys;
  std::map<key_hash, position> kept_keys;
  std::map<contact_id, head> heads;
  std::map<contact_id, workspace_id> workspaces; // of those absorbed
  std::set<timer_key> timers;
  std::set<message_key> messages;
  std::set<std::tuple<std::uint64_t, std::uint64_t, contact_id>> triggered;
  std::map<identity_key, contact_id> owners; // 0: nobody's

  /// The turn that used the key; 0: none.
  [[nodiscard]] position holder_of(const engine::idempotency& key,
                                   timestamp now) const;

  /// 0: nobody. @pre the identity is one of the group's
  [[nodiscard]] contact_id owner_of(workspace_id of,
                                    const engine::identity& who) const;
};

/// Whether what a group expects is asked for, or taken to be so where its own
/// statements fail otherwise: heads are where its units say, keys of the day
/// are new, and identities are nobody's. That is so but for retries and races.
enum class expectation { asked, trusted };

/// Asks for the facts of a group, behind the statements that begin it.
class facts_reader {
public:
  facts_reader(std::span<const commit_unit> units, const test_workspaces& tests,
               const key_days& days, expectation how);

  /// Whether there is nothing to ask: append_to() would add nothing.
  [[nodiscard]] bool is_answered() const;

  void append_to(std::vector<request>& all) const;

  /// @param answers to what append_to() added
  [[nodiscard]] facts read(std::span<const answer> answers) const;

private:
  void ask(const commit_unit& unit, const turn_rows& turn,
           const test_workspaces& tests);
  void ask_key(const turn_rows& turn);
  void expect_head(const commit_unit& unit);

  key_days days_;
  bool is_trusting_;

  // In one order, so that groups of several writers cannot wait for each other.
  std::array<std::set<key_hash>, 4> keys_; // by slot
  std::set<key_hash> kept_keys_;
  std::set<contact_id> heads_;
  std::set<contact_id> absorbed_;
  std::set<timer_key> timers_;
  std::set<message_key> messages_;
  std::set<std::tuple<std::uint64_t, std::uint64_t, contact_id>> triggered_;
  std::set<identity_key> identities_;
  std::set<contact_id> met_;
  facts expected_;
};

} // namespace troupe::persistence::postgres
