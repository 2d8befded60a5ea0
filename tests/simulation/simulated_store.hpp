// The real SQLite store behind a connection that fails as one to a database
// does: commits fail, or nobody knows whether they were made, or are made after
// all a little later; the store is away for a while; the process dies before or
// after a commit. Planted defects of the store are here too.
#pragma once

#include "persistence/sqlite/reader.hpp"
#include "persistence/store.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/timeline.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::simulation {

/// What stores and readers of one process share with the world.
struct store_link {
  timeline& time;
  dice& from;
  const fault_plan& plan;
  std::function<void()> crash;        // ends the process, soon
  std::function<void()> before_write; // the bytes so far are what is durable
  bool is_dead = false;               // nothing reaches the store any more
  engine::timestamp away_until{};
  std::size_t commits_failed = 0;
  std::size_t commits_unknown = 0;

  [[nodiscard]] bool is_away() const {
    return is_dead || time.now() < away_until;
  }
};

class simulated_store final : public persistence::store {
public:
  /// @param file of the database, for a defect that writes beside the store
  simulated_store(std::unique_ptr<persistence::store> real,
                  std::shared_ptr<store_link> link, std::string file);

  engine::result<std::vector<persistence::unit_outcome>>
  commit(std::span<const persistence::commit_unit> units,
         std::span<const persistence::attempt_row> attempts) override;
  bool maintain(engine::timestamp now) override;
  bool forget_old(engine::timestamp now) override;
  engine::status reach() override;
  bool take_definition_changes() override;
  engine::result<std::vector<persistence::any_row>>
  put_all(std::vector<persistence::any_row> rows,
          std::optional<persistence::admin_row> note) override;
  engine::status make_due(std::span<const persistence::delivery_key> keys,
                          engine::timestamp due,
                          const persistence::admin_row& note) override;
  engine::status add_statistics(const engine::statistics_batch& batch) override;
  engine::status begin_erasure(const persistence::erasure_wish& wish) override;
  engine::result<persistence::erasing>
  erase_more(engine::timestamp now) override;
  [[nodiscard]] std::uint64_t seed() const override;
  [[nodiscard]] std::string secret() const override;
  engine::result<std::unique_ptr<persistence::store_reader>>
  open_reader() override;

  /// A commit whose answer was lost reaches the store at last.
  void land();

private:
  struct group {
    std::vector<persistence::commit_unit> units;
    std::vector<persistence::attempt_row> attempts;
  };

  engine::result<std::vector<persistence::unit_outcome>> make(group what);
  engine::result<std::vector<persistence::unit_outcome>> lose(group what);
  engine::result<std::vector<persistence::unit_outcome>>
  invent(const group& what);
  void force(const group& what,
             std::vector<persistence::unit_outcome>& outcomes);
  void spoil(group& what) const;
  void write_effects(const group& what,
                     std::span<const persistence::unit_outcome> outcomes);

  std::unique_ptr<persistence::store> real_;
  std::shared_ptr<store_link> link_;
  std::string file_;
  std::optional<group> on_its_way_;
};

/// Fails when the store is away, and now and then.
class simulated_reader final : public persistence::sqlite::reader {
public:
  simulated_reader(persistence::sqlite::connection db,
                   std::shared_ptr<store_link> link);

  engine::result<persistence::loaded_contact>
  load(engine::contact_id contact) override;
  engine::result<std::vector<engine::identity_owner>>
  resolve(engine::workspace_id workspace,
          std::span<const engine::identity> asked) override;
  engine::result<engine::turn> turn_at(engine::position turn) override;
  engine::result<std::vector<persistence::due_timer>>
  timers(engine::timestamp until,
         const std::optional<persistence::due_timer>& after,
         std::size_t limit) override;
  engine::result<std::vector<persistence::inbox_row>>
  inbox(engine::timestamp until,
        const std::optional<persistence::inbox_row>& after,
        std::size_t limit) override;
  engine::result<std::vector<persistence::delivery_key>>
  outbox(const persistence::delivery_key& after, std::size_t limit) override;
  engine::result<std::vector<persistence::due_delivery>>
  deliveries_due(engine::destination_id destination, engine::timestamp until,
                 std::size_t limit) override;

private:
  [[nodiscard]] bool fails() const;

  std::shared_ptr<store_link> link_;
};

} // namespace troupe::simulation
