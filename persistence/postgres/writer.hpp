// The one writing connection of the store in PostgreSQL.
#pragma once

#include "persistence/postgres/commit_group.hpp"
#include "persistence/postgres/lane.hpp"
#include "persistence/store.hpp"
#include "persistence/upkeep_time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::persistence::postgres {

/// Positions in one table of turns. A gigabyte or two each: few tables, and
/// small enough to be dropped one by one as they get old.
inline constexpr std::uint64_t partition_length = std::uint64_t{1} << 22;

class writer final : public store {
public:
  writer(connection db, std::string url);

  /// Checks the server, brings the schema up to date and takes the lane.
  engine::status start();

  engine::result<std::vector<unit_outcome>>
  commit(std::span<const commit_unit> units,
         std::span<const attempt_row> attempts) override;
  bool maintain(timestamp now) override;
  bool forget_old(timestamp now) override;
  engine::status reach() override;
  bool take_definition_changes() override;
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
  engine::status read_installation();
  /// What lives in memory, read again when the connection is another one.
  engine::status load();
  engine::status ready();
  /// @param turns at most how many will be written
  engine::status prepare(std::size_t turns);
  engine::result<std::vector<unit_outcome>>
  commit_once(std::span<const commit_unit> units,
              std::span<const attempt_row> attempts, expectation how);
  /// Begins the transaction.
  engine::result<facts> learn(const facts_reader& reader);

  /// Tables for all turns below a position.
  engine::status make_partitions(std::uint64_t end);
  /// Empties the tables of keys that these days need, and notes it in `held`.
  static std::vector<request> empty_days(const std::set<std::int64_t>& days,
                                         key_days& held);
  static void empty_day(std::vector<request>& all, std::size_t slot,
                        std::int64_t day);
  bool purge_keys(timestamp now);
  bool is_old(std::int64_t end, timestamp before);
  bool forget_block(std::int64_t days, bool is_last, timestamp before);
  bool drop_oldest();
  std::optional<std::int64_t> fold_contacts(std::int64_t from, std::int64_t to);
  bool save_retention(const workspace_row& row);

  /// Without those of erased contacts; nothing on a failure.
  std::optional<std::vector<attempt_row>>
  without_erased(std::span<const attempt_row> attempts);
  engine::result<bool> clean_tables();
  engine::result<bool> is_seen();
  engine::result<bool> begin_cleaning();

  bool write_message(const inbox_row& row);
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

  lane lane_;
  connection& db_; // the lane's
  std::string url_;
  std::uint64_t seed_ = 0;
  std::string secret_;
  // lane::reconnects; nothing: what was loaded is no longer so
  std::optional<std::uint64_t> loaded_for_;
  bool is_changed_ = false; // definitions, by somebody else
  // As committed.
  test_workspaces tests_;
  key_days days_{};
  noted_types noted_;
  std::uint64_t next_ = 1;              // position of the next turn
  std::uint64_t partitioned_until_ = 0; // the first position without a table
  bool was_undone_ = false;             // the last commit, with its connection
  unsigned groups_to_ask_ = 0;          // before one is trusted again
  upkeep_time next_purge_;
  upkeep_time next_forget_;
  bool has_erased_ = false; // since it was opened
  // Of erasures whose tables are cleaned, or wait for it.
  emptied_erasures cleaning_;
  std::int64_t cleaning_since_ = 0;   // a transaction; 0: not asked yet
  std::optional<connection> cleaner_; // while it cleans
};

} // namespace troupe::persistence::postgres
