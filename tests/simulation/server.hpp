// One life of a Troupe process: the real actors, composed as cli/ does, on
// actor_threads. What it says after its death nobody hears.
#pragma once

#include "actors/definitions.hpp"
#include "actors/gateway.hpp"
#include "actors/shard.hpp"
#include "messages/feed.hpp"
#include "messages/outgoing_call.hpp"
#include "persistence/store.hpp"
#include "tests/simulation/actor_threads.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::simulation {

struct server_options {
  std::shared_ptr<persistence::store> store;
  messages::call_port port;
  std::size_t contacts_max = 400; // awake in one shard actor
};

class server {
public:
  /// @throws std::runtime_error when the store cannot be read
  server(timeline& time, dice& from, const fault_plan& plan,
         server_options options);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  void ingest(std::vector<messages::ingest> request,
              std::function<void(std::vector<messages::ingest_answer>)> done);
  void define(messages::definition_change wish,
              std::function<void(messages::definition_changed)> done);

  /// Follows the events after a position.
  void follow(engine::workspace_id workspace, engine::position after,
              std::function<void(const engine::turn&)> take);

  bool serve_one() {
    return threads_.serve_one();
  }

  [[nodiscard]] std::optional<engine::timestamp> next() {
    return threads_.next();
  }

private:
  actors::catalog_builder read_catalog();
  void spawn_writing();
  void spawn_shards(std::size_t contacts_max);
  void spawn_work(const messages::call_port& port);
  void spawn_front(actors::catalog_builder builder);

  timeline& time_;
  const fault_plan& plan_;
  std::shared_ptr<persistence::store> store_;
  std::shared_ptr<persistence::store_reader> reading_;
  actors::clock_source clock_;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::shared_ptr<messages::published_catalog> catalog_
    = std::make_shared<messages::published_catalog>();
  std::shared_ptr<messages::published<actors::destination_table>> destinations_
    = std::make_shared<messages::published<actors::destination_table>>();
  std::shared_ptr<std::vector<messages::follower_actor>> followers_
    = std::make_shared<std::vector<messages::follower_actor>>();
  std::shared_ptr<std::vector<messages::shard_actor>> shards_
    = std::make_shared<std::vector<messages::shard_actor>>();
  std::shared_ptr<const actors::shard_table> table_;
  std::shared_ptr<actors::commit_queue> commits_
    = std::make_shared<actors::commit_queue>();
  actor_threads threads_;
  messages::reader_actor loader_;
  messages::reader_actor worker_;
  messages::persistence_actor persistence_;
  messages::feed_actor feed_;
  messages::collector_actor collector_;
  messages::dispatch_actor dispatch_;
  messages::gateway_actor gateway_;
};

} // namespace troupe::simulation
