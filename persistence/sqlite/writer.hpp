// The one writing connection of the embedded store.
#pragma once

#include "persistence/key_window.hpp"
#include "persistence/sqlite/connection.hpp"
#include "persistence/store.hpp"
#include "persistence/upkeep_time.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::persistence::sqlite {

/// An exclusive lock on the data directory, held while the process lives.
class directory_lock {
public:
  static engine::result<directory_lock> take(const std::string& directory);
  directory_lock(directory_lock&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}
  directory_lock& operator=(directory_lock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~directory_lock();

  /// Whether a store was opened here before, by what the lock's file says.
  [[nodiscard]] bool knows_store() const;
  void note_store() const;

private:
  explicit directory_lock(int file) : file_(file) {}

  int file_;
};

/// What the database is called while it is restored: a directory that has this
/// alone is served by nobody.
inline constexpr auto unfinished_store = "troupe.db.unfinished";

class writer final : public store {
public:
  writer(directory_lock lock, connection db, std::string file);

  /// Prepares the statements and reads what lives in memory.
  engine::status start(timestamp now);

  engine::result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit> units,
         std::span<const attempt_row> attempts) override;
  bool maintain(timestamp now) override;
  bool forget_old(timestamp now) override;
  engine::status reach() override {
    return engine::success(); // the files are this process's own
  }
  bool take_definition_changes() override {
    return false;
  }

  engine::result<std::vector<any_row>>
  put_all(std::vector<any_row> rows, std::optional<admin_row> note) override;
  engine::status make_due(std::span<const delivery_key> keys, timestamp due,
                          const admin_row& note) override;
  engine::status add_statistics(const engine::statistics_batch& batch) override;
  engine::status begin_erasure(const erasure_wish& wish) override;
  engine::result<erasing> erase_more(timestamp now) override;
  [[nodiscard]] std::uint64_t seed() const override;
  [[nodiscard]] std::string secret() const override;
  engine::result<std::unique_ptr<store_reader>> open_reader() override;

private:
  struct statements {
    explicit statements(sqlite3* db);
    statement insert_turn, insert_head, move_head;
    statement insert_contact, mark_external, save_snapshot;
    statement find_identity, insert_identity, delete_identity;
    statement insert_key, find_kept_key, insert_kept_key, find_timer,
      insert_timer, delete_timer;
    statement find_message, insert_message, delete_message;
    statement insert_outbox, delete_outbox, insert_run;
    statement move_run, fold_moves, forget_moves, hold_timer;
    statement insert_block, discover_type, insert_attempt, note_health,
      save_delivery, purge_keys;
    statement find_head, close_head, absorb_contact, absorb_absorbed;
    statement insert_merge, move_identity, hand_over_run;
    statement enter_segment, leave_segment, leave_segments;
    statement find_triggered, insert_triggered, begin_trigger;
  };

  unit_outcome commit_unit_rows(const commit_unit& unit);
  std::optional<unit_outcome> check_inputs(const commit_unit& unit);
  std::optional<unit_outcome> check_identities(const commit_unit& unit);
  std::optional<unit_outcome> check_merges(const commit_unit& unit);
  engine::result<position> holder_of(const engine::idempotency& key,
                                     timestamp now);
  engine::result<contact_id> owner_of(workspace_id workspace,
                                      const engine::identity& who);
  std::optional<unit_outcome> write_head(const commit_unit& unit,
                                         position last);
  bool write_turn(const commit_unit& unit, const turn_rows& turn, position at,
                  position previous);
  bool write_identities(const commit_unit& unit, const turn_rows& turn);
  bool write_timers(const commit_unit& unit, const turn_rows& turn);
  bool write_messages(const commit_unit& unit, const turn_rows& turn);
  bool write_message(const inbox_row& row);
  bool write_runs(const commit_unit& unit, const turn_rows& turn, position at);
  bool write_segments(const commit_unit& unit, const turn_rows& turn);
  bool write_outbox(const turn_rows& turn, position at);
  bool write_block(const commit_unit& unit, const turn_rows& turn, position at);
  bool write_merge(const commit_unit& unit, const turn_rows& turn, position at);
  bool is_recorded(const attempt_row& attempt);
  bool write_attempt(const attempt_row& attempt);
  std::optional<bool> is_erased(const attempt_row& attempt);
  bool write_health(const attempt_row& attempt);
  // Each inside a transaction; false when the row cannot be written.
  bool save(workspace_row& row);
  bool save(key_row& row);
  bool save(sequence_row& row);
  bool save(sequence_state_row& row);
  bool save(event_type_row& row);
  bool save(destination_row& row);
  bool save(template_row& row);
  bool save(segment_row& row);
  bool save(job_row& row);
  bool save(named_row& row);
  bool save(const test_clock_row& row);
  bool save(rejected_row& row);
  bool save(trigger_row& row);
  bool save(const trigger_contact_row& row);
  bool save(const notice_row& row);
  bool save(const admin_row& note);
  bool add_trigger(trigger_row& row);
  bool write_trigger(const commit_unit& unit, const turn_rows& turn,
                     position at);
  /// The column `due` of a row of the workspace.
  [[nodiscard]] std::int64_t due_of(workspace_id of, timestamp due) const {
    return micros(due) + (tests_.contains(of) ? test_due : 0);
  }
  // Upkeep; true when there is more to do soon.
  bool purge_keys(timestamp now);
  bool is_old(std::int64_t end, timestamp before);
  bool forget_block(std::int64_t days, bool with_tests, timestamp before);
  std::optional<std::int64_t> fold_contacts(std::int64_t from, std::int64_t to);
  bool save_retention(const workspace_row& row);
  void forget_uncommitted();
  bool fold_moves();

  directory_lock lock_;
  connection db_;
  std::string file_;
  std::unique_ptr<statements> sql_;
  key_window keys_;
  std::uint64_t seed_ = 0;
  std::string secret_;
  std::set<workspace_id> tests_;
  bool has_erased_ = false; // since it was opened
  std::uint64_t next_ = 1;  // position of the next turn
  std::uint64_t committed_next_ = 1;
  std::vector<engine::idempotency> keys_added_; // by the group under way
  upkeep_time next_purge_;
  upkeep_time next_forget_;
  std::uint64_t moves_ = 0; // in run_moves, or a few more
  upkeep_time next_fold_;
  // Types already noted for the block of the newest turns.
  std::uint64_t block_ = 0;
  std::set<std::pair<std::uint32_t, std::string>, std::less<>> block_types_;
};

inline constexpr std::uint64_t block_length = 1024;

/// True when a turn of the unit absorbs the contact.
bool absorbs(const commit_unit& unit, contact_id contact);

} // namespace troupe::persistence::sqlite
