// A few hundred contacts in random sequences on a real store: events, timers,
// messages and parked inputs, decided and committed as the actors do.
#pragma once

#include "persistence/store.hpp"
#include "tests/support/driven_contact.hpp"
#include "tests/support/random_sequence.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>

namespace troupe::test {

struct world_counts {
  std::size_t events = 0;
  std::size_t timers = 0;
  std::size_t messages = 0;
  std::size_t parked = 0;
  std::size_t histories = 0;
  std::size_t refused = 0;
  std::size_t runs = 0;
  std::size_t merges = 0;
  std::size_t sessions = 0;   // that ended
  std::size_t checklists = 0; // completed
};

class world {
public:
  /// @param open opens the store, the same each time
  world(std::uint64_t seed,
        std::function<std::unique_ptr<persistence::store>()> open);

  /// Time goes on a little; what is due happens, and some events.
  void step(std::size_t events);

  /// The process ends and starts again.
  void restart();

  [[nodiscard]] const std::map<engine::contact_id, driven_contact>&
  contacts() const {
    return contacts_;
  }

  /// True for a contact that another one absorbed.
  [[nodiscard]] bool is_gone(engine::contact_id id) const {
    return gone_.contains(id);
  }

  persistence::store_reader& reader() {
    return *reader_;
  }

  [[nodiscard]] const world_counts& counts() const {
    return counts_;
  }

private:
  driven_contact& contact_of(const engine::identity& who);
  void decide(driven_contact& one, const engine::turn_input& input,
              engine::timestamp consumed_due = {});
  void arrive(driven_contact& one, engine::event_input input);
  void fire_due();
  void deliver_due();
  void send_event();
  void merge_some();
  void thin_out(driven_contact& one);
  void commit();

  dice from_;
  std::function<std::unique_ptr<persistence::store>()> open_;
  std::unique_ptr<persistence::store> store_;
  std::unique_ptr<persistence::store_reader> reader_;
  engine::definitions with_{1};
  std::map<engine::contact_id, driven_contact> contacts_;
  std::map<std::string, engine::contact_id> by_identity_;
  std::map<engine::contact_id, engine::contact_id> gone_; // into whom
  engine::timestamp clock_ = noon;
  std::uint64_t next_contact_ = 1;
  std::uint64_t next_key_ = 1;
  world_counts counts_;
};

} // namespace troupe::test
