// The actors of one server: spawned in order, ended from the edge inwards.
#pragma once

#include "actors/collector.hpp"
#include "actors/counters.hpp"
#include "actors/definitions.hpp"
#include "actors/gateway.hpp"
#include "actors/persistence.hpp"
#include "actors/scheduler.hpp"
#include "actors/shard.hpp"
#include "messages/catalog.hpp"
#include "messages/outgoing_call.hpp"
#include "persistence/store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::cli {

struct system_options {
  std::shared_ptr<persistence::store> store;
  std::shared_ptr<const messages::call_port> port;
  std::function<engine::status(const std::string&)> check_url;
  std::function<engine::result<std::string>()> make_secret;
  std::chrono::milliseconds request_deadline{10'000};
  std::shared_ptr<actors::decision_guard> guard; // or none
  std::size_t threads = 1;                       // of the scheduler
  std::size_t contacts_max = 100'000;            // awake
};

class troupe_system {
public:
  static engine::result<std::unique_ptr<troupe_system>>
  start(system_options options);
  ~troupe_system();
  troupe_system(const troupe_system&) = delete;
  troupe_system& operator=(const troupe_system&) = delete;

  /// Asks gateway, reader and persistence one after the other; `alive` is
  /// called on an actor's thread once the last has answered, whatever it said.
  void probe(std::function<void()> alive) const;

  /// Ends the actors. Who still holds one's handle may send to it, to no
  /// effect. Does nothing the second time.
  void stop();

  [[nodiscard]] const messages::gateway_actor& gateway() const {
    return gateway_;
  }

  [[nodiscard]] const messages::feed_actor& feed() const {
    return feed_;
  }

  [[nodiscard]] std::shared_ptr<const messages::published_catalog>
  catalog() const {
    return catalog_;
  }

  [[nodiscard]] const actors::actor_counters& counters() const {
    return *counters_;
  }

  [[nodiscard]] std::shared_ptr<const engine::id_text> ids() const {
    return ids_;
  }

private:
  using follower_list
    = messages::published<std::vector<messages::follower_actor>>;

  explicit troupe_system(system_options options);

  template <class Actor>
  Actor essential(Actor actor, const char* name);

  engine::result<actors::catalog_builder> read_catalog();
  engine::status spawn_readers();
  void spawn_all(actors::catalog_builder builder);
  void spawn_shards();
  void spawn_dispatch();
  void spawn_test_clocks();

  system_options options_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<messages::published_catalog> catalog_;
  std::shared_ptr<messages::published<actors::destination_table>> destinations_;
  std::shared_ptr<const engine::id_text> ids_;
  std::shared_ptr<actors::actor_counters> counters_
    = std::make_shared<actors::actor_counters>();
  std::shared_ptr<follower_list> followers_;
  /// DEFINITIONS, for the actors that are made before it.
  std::shared_ptr<messages::published<messages::definitions_actor>>
    late_definitions_;
  std::shared_ptr<std::vector<messages::shard_actor>> shards_;
  std::shared_ptr<const actors::shard_table> shard_table_;
  messages::reader_actor loader_; // cold loads and identities
  messages::reader_actor lister_; // what clients list
  messages::reader_actor worker_; // due work, deliveries, definitions
  std::shared_ptr<persistence::store_reader> counting_;
  messages::statistics_actor statistics_;
  messages::courier_actor courier_;
  messages::persistence_actor persistence_;
  std::shared_ptr<actors::commit_queue> commits_
    = std::make_shared<actors::commit_queue>();
  messages::collector_actor collector_;
  messages::scheduler_actor scheduler_;
  messages::dispatch_actor dispatch_;
  messages::triggers_actor triggers_;
  messages::test_clocks_actor test_clocks_;
  messages::reviewer_actor reviewer_;
  messages::definitions_actor definitions_;
  messages::feed_actor feed_;
  messages::gateway_actor gateway_;
  std::shared_ptr<std::atomic<bool>> is_stopping_
    = std::make_shared<std::atomic<bool>>(false);
};

} // namespace troupe::cli
