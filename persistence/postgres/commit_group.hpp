// The units of one commit that hold, as the rows of set-based statements. What
// several turns do to one row is one change of it: the last one's.
#pragma once

#include "persistence/postgres/batch.hpp"
#include "persistence/postgres/commit_facts.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::persistence::postgres {

inline constexpr std::uint64_t block_length = 1024;

/// Types that are noted already for the block of the newest turns.
struct noted_types {
  std::uint64_t block = 0;
  std::set<std::pair<workspace_id, std::string>> types;
};

class commit_group {
public:
  /// @param next position of the next turn
  commit_group(facts known, const test_workspaces& tests, std::uint64_t next,
               noted_types noted);

  /// Takes the unit in if its preconditions hold after the units before it.
  unit_outcome add(const commit_unit& unit);
  void add(const attempt_row& attempt);

  /// In one order of tables and keys.
  [[nodiscard]] std::vector<request> requests() const;

  [[nodiscard]] std::uint64_t next() const {
    return next_;
  }

  [[nodiscard]] noted_types noted() && {
    return std::move(noted_);
  }

  /// Days whose keys are among the rows.
  [[nodiscard]] const std::set<std::int64_t>& days() const {
    return days_;
  }

private:
  struct contact_change {
    workspace_id made_in{}; // 0: it is there already
    bool takes_external_id = false;
    const snapshot_row* snapshot = nullptr;
  };

  struct timer_change {
    bool is_set = false;
    bool is_gone = false;
    sequence_id held_for{};
    workspace_id workspace{};
  };

  struct message_change {
    const inbox_row* sent = nullptr;
    bool is_taken = false; // what was there before
  };

  struct run_change {
    const turn_rows::run_place* place = nullptr;
    contact_id made_for{}; // 0: the run is there already
  };

  struct health_change {
    timestamp last_at{};
    std::uint32_t last_status = 0;
    bool succeeded = false;
    std::uint64_t failures = 0; // after the last success
    std::optional<timestamp> failing_since;
  };

  using run_key = std::tuple<sequence_id, position, std::uint32_t>;

  [[nodiscard]] std::optional<refused>
  check_inputs(const commit_unit& unit) const;
  [[nodiscard]] std::optional<refused>
  check_identities(const commit_unit& unit) const;
  [[nodiscard]] std::optional<refused>
  check_merges(const commit_unit& unit) const;
  [[nodiscard]] bool is_stale(const commit_unit& unit) const;

  void write_head(const commit_unit& unit, position last);
  void write_turn(const commit_unit& unit, const turn_rows& turn, position at,
                  position previous);
  void write_key(const turn_rows& turn, position at);
  void write_identities(const commit_unit& unit, const turn_rows& turn);
  void write_timers(const commit_unit& unit, const turn_rows& turn);
  void write_messages(const commit_unit& unit, const turn_rows& turn);
  void write_message(const inbox_row& row);
  void write_runs(const commit_unit& unit, const turn_rows& turn, position at);
  void write_segments(const commit_unit& unit, const turn_rows& turn);
  void write_outbox(const turn_rows& turn, position at);
  void write_block(const commit_unit& unit, const turn_rows& turn, position at);
  void write_merge(const commit_unit& unit, const turn_rows& turn, position at);
  void write_trigger(const commit_unit& unit, const turn_rows& turn,
                     position at);
  void write_health(const attempt_row& attempt);
  void clear_timer(workspace_id of, contact_id contact,
                   const engine::timer& what);

  void append_contacts(std::vector<request>& all) const;
  void append_identities(std::vector<request>& all) const;
  void append_timers(std::vector<request>& all) const;
  void append_messages(std::vector<request>& all) const;
  void append_runs(std::vector<request>& all) const;
  void append_segments(std::vector<request>& all) const;
  void append_merges(std::vector<request>& all) const;
  void append_deliveries(std::vector<request>& all) const;

  facts known_;
  const test_workspaces& tests_;
  std::uint64_t next_;
  noted_types noted_;
  std::set<std::int64_t> days_;

  // Rows that only come to be.
  batch turns_;
  std::array<batch, 4> keys_; // by slot
  batch kept_keys_, outbox_, blocks_, types_, merges_, triggered_, begun_;
  // Rows that may be changed more than once.
  // As they were before the group.
  std::map<identity_key, contact_id> owners_;
  std::map<contact_id, facts::head> heads_;
  std::set<std::pair<workspace_id, std::string>> new_types_;
  std::set<contact_id> new_heads_, moved_heads_;
  std::map<contact_id, contact_change> contacts_;
  std::map<contact_id, contact_id> absorbed_; // by whom
  std::map<timer_key, timer_change> timers_;
  std::map<message_key, message_change> messages_;
  std::map<run_key, run_change> runs_;
  std::map<run_key, std::pair<contact_id, std::uint32_t>> handed_over_;
  std::map<std::pair<contact_id, segment_id>, bool> segments_; // is in it
  std::map<std::pair<delivery_key, std::uint32_t>, const attempt_row*>
    attempts_;
  std::map<delivery_key, const attempt_row*> deliveries_;
  std::map<destination_id, health_change> health_;
};

/// True when a turn of the unit absorbs the contact.
bool absorbs(const commit_unit& unit, contact_id contact);

/// The statement that writes one message.
batch insert_messages();

/// A row of it, and what its statement takes besides.
template <class... Ts>
void add_message(batch& to, const test_workspaces& tests, const inbox_row& row,
                 const Ts&... more) {
  const auto kind = row.target ? static_cast<int>(row.target->kind) : 0;
  const auto key
    = row.target ? std::string_view{row.target->key} : std::string_view{};
  const auto value
    = row.target ? std::string_view{row.target->value} : std::string_view{};
  to.add(due_of(tests, row.workspace, row.due), row.id.high, row.id.low,
         engine::number(row.workspace), engine::number(row.sender), kind, key,
         value, std::string_view{row.type}, std::string_view{row.properties},
         row.hops, more...);
}

} // namespace troupe::persistence::postgres
