// A whole Troupe without sockets and threads: real store in a temporary
// directory, all shards, PERSISTENCE, SCHEDULER, DISPATCH; calls going out are
// recorded.
#pragma once

#include "actors/definitions.hpp"
#include "actors/scheduler.hpp"
#include "messages/outgoing_call.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/flaky_store.hpp"
#include "tests/support/held_pages.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::tests {

/// An active one, to be stored.
persistence::destination_row channel(engine::workspace_id workspace,
                                     persistence::destination_kind kind,
                                     const std::string& key);

struct recorded_call {
  messages::outgoing_call call;
  std::function<void(messages::call_outcome)> done;
};

class actor_world {
public:
  explicit actor_world(std::size_t contacts_per_shard = 400,
                       engine::workspace_kind kind
                       = engine::workspace_kind::live,
                       std::size_t calls_at_once = 64);
  ~actor_world();
  actor_world(const actor_world&) = delete;
  actor_world& operator=(const actor_world&) = delete;

  /// An event of a contact with this external_id.
  [[nodiscard]] messages::ingest event(const std::string& type,
                                       const std::string& external_id,
                                       const std::string& key = {}) const;

  asked<messages::ingest_answer> send(messages::ingest command);

  /// Adds a definition and runs until it is published.
  /// @param target text id of what is changed
  messages::definition_changed define(messages::definition_change::kind what,
                                      const std::string& json,
                                      const std::string& target = {});

  /// Lets go of the pages that are held, and holds no more.
  void let_go();

  /// The state as the store has it.
  [[nodiscard]] engine::contact_state
  stored(const std::string& external_id) const;

  /// All events of the workspace but those that Troupe makes, oldest first.
  [[nodiscard]] std::vector<engine::turn> events() const;

  deterministic_system time;
  std::shared_ptr<flaky_store> store;
  std::vector<recorded_call> calls;
  /// Told of each call when it begins.
  std::function<void(const messages::outgoing_call&)> called = [](auto&) {};
  /// Of deliveries.
  std::shared_ptr<held_pages> pages = std::make_shared<held_pages>();
  std::shared_ptr<actors::actor_counters> counters
    = std::make_shared<actors::actor_counters>(); // of deliveries
  persistence::workspace_row workspace;
  /// How often the definitions cannot be read from now on.
  std::shared_ptr<int> definitions_unread = std::make_shared<int>(0);
  std::shared_ptr<std::vector<messages::shard_actor>> shards
    = std::make_shared<std::vector<messages::shard_actor>>();
  messages::persistence_actor writer;
  messages::reader_actor reader;
  messages::test_clocks_actor test_clocks;

private:
  void spawn_shards(std::size_t contacts_per_shard);
  void spawn_work(std::size_t calls_at_once);
  void spawn_test_clocks(const messages::dispatch_actor& dispatch,
                         const messages::triggers_actor& triggers);

  std::string directory_;
  std::unique_ptr<persistence::store_reader> look_;
  std::shared_ptr<messages::published_catalog> catalog_
    = std::make_shared<messages::published_catalog>();
  std::shared_ptr<messages::published<actors::destination_table>> destinations_
    = std::make_shared<messages::published<actors::destination_table>>();
  std::shared_ptr<const actors::shard_table> table_;
  std::shared_ptr<std::vector<messages::follower_actor>> followers_
    = std::make_shared<std::vector<messages::follower_actor>>();
  messages::definitions_actor definitions_;
  caf::actor keeper_; // of pages
};

} // namespace troupe::tests
