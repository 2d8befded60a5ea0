// SHARD: owns the directory entries and the contacts awake of one shard, or of
// some beside each other: as many actors as keep all cores busy are enough, and
// what comes together wakes fewer of them. It never looks at what an event
// says.
//
// Invariants:
// (1) A contact has at most one actor: a new one is spawned only after the old
//     one's DOWN has arrived.
// (2) The number of contacts awake is bounded; the one unused longest sleeps.
#pragma once

#include "actors/answer_event.hpp"
#include "actors/contact.hpp"
#include "actors/counters.hpp"
#include "actors/directory.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

namespace troupe::actors {

/// Finds the actor of a shard, a number below engine::shard_count.
using shard_table = std::function<messages::shard_actor(unsigned)>;

struct shard_options {
  unsigned first = 0; // of its shards
  unsigned count = 1;
  std::uint64_t seed = 0; // of the installation
  std::shared_ptr<const shard_table> shards;
  std::shared_ptr<commit_queue> commits;
  messages::collector_actor collector;
  messages::reader_actor reader;
  messages::persistence_actor persistence; // for what is no turn
  std::shared_ptr<const messages::published_catalog> catalog;
  clock_source clock = system_time;
  std::shared_ptr<actor_counters> counters = std::make_shared<actor_counters>();
  std::shared_ptr<decision_guard> guard; // or none
  std::size_t contacts_max = 400;        // awake
  std::size_t directory_max = 40'000;    // entries
  engine::duration idle_max = std::chrono::minutes{10};
};

struct shard_actor_state {
  static inline const char* name = "shard";

  shard_actor_state() = default;
  shard_actor_state(const shard_actor_state&) = delete;
  shard_actor_state& operator=(const shard_actor_state&) = delete;
  ~shard_actor_state(); // its contacts end with it

  using ingest_promise = caf::typed_response_promise<messages::ingest_answer>;
  using status_promise = caf::typed_response_promise<messages::status_answer>;
  using yield_promise = caf::typed_response_promise<yielded>;

  ingest_promise ingest(messages::ingest_parcel command);
  void ingest(messages::ingest_group& group);
  status_promise fire(persistence::due_timer& due);
  status_promise deliver(persistence::inbox_row& row);
  status_promise intervene(messages::run_intervention& command);
  status_promise erase(messages::erasure_wish& wish);
  yield_promise yield(const yield_wish& wish);
  ingest_promise merge(merge_wish& wish);
  void let_go(engine::contact_id contact);
  void tick();
  void start();

  messages::shard_actor::pointer self = nullptr;
  shard_options options;

private:
  [[nodiscard]] bool owns(unsigned shard) const {
    return shard - options.first < options.count;
  }

  struct waiting_ingest {
    messages::ingest_parcel command;
    ingest_promise promise; // none when the command has its reply
  };
  struct waiting_message {
    persistence::inbox_row row;
    status_promise promise;
  };
  struct waiting_timer {
    persistence::due_timer due;
    status_promise promise;
  };
  struct waiting_intervention {
    messages::run_intervention command;
    status_promise promise;
  };
  struct waiting_merge {
    yield_promise promise;
  };
  struct waiting_erasure {
    messages::erasure_wish wish;
    status_promise promise;
  };
  using waiting
    = std::variant<waiting_ingest, waiting_message, waiting_timer,
                   waiting_intervention, waiting_merge, waiting_erasure>;

  /// A contact awake, or one that is going to sleep with inputs waiting.
  struct awake {
    messages::contact_actor actor;
    engine::timestamp used{};
    std::list<engine::contact_id>::iterator place;
    bool leaving = false;
    std::vector<waiting> queue;
    engine::workspace_id workspace{};
    bool fresh = false;
  };

  void take(waiting_ingest event);
  void route(waiting input, engine::workspace_id workspace,
             const engine::identity& primary);
  void resolve(std::string key, engine::workspace_id workspace);
  void resolve_next();
  void resolved(const std::string& key, engine::workspace_id workspace,
                identities_resolved answer);
  void place(waiting input, engine::workspace_id workspace,
             const std::string& key,
             std::vector<engine::identity_owner> owners);
  messages::merge_actor spawn_merge();
  void hand(waiting input, engine::workspace_id workspace,
            engine::contact_id contact, bool fresh);
  void pass_on(const messages::shard_actor& there, waiting input,
               engine::workspace_id workspace, engine::contact_id contact);
  void give(const messages::contact_actor& contact, waiting input);
  void fail(waiting& input, const engine::error& reason);
  bool refuses(waiting& input, engine::workspace_id workspace,
               const std::vector<engine::identity_owner>& owners);
  bool take_back(engine::workspace_id workspace,
                 const engine::identity& primary, engine::contact_id& from,
                 bool for_good);
  [[nodiscard]] clock_source clock_of(engine::workspace_id workspace) const;
  awake& wake(engine::workspace_id workspace, engine::contact_id contact,
              bool fresh);
  void gone(const caf::actor_addr& who);
  [[nodiscard]] static std::vector<engine::identity>
  identities_of(const waiting& input);

  std::unique_ptr<directory> directory_;
  std::vector<engine::contact_id_source> ids_; // of its shards
  std::unordered_map<engine::contact_id, awake> contacts_;
  std::list<engine::contact_id> by_use_; // the one unused longest in front
  std::unordered_map<caf::actor_addr, engine::contact_id> addresses_;
  /// Inputs whose primary identity is being looked up.
  std::unordered_map<std::string, std::vector<waiting>> resolving_;
  /// The keys among them that the next question is about. One at a time is
  /// under way: to a database each is a journey.
  std::map<engine::workspace_id, std::vector<std::string>> to_resolve_;
  engine::workspace_id resolved_last_{};
  bool is_resolving_ = false;
};

messages::shard_actor::behavior_type
shard(messages::shard_actor::stateful_pointer<shard_actor_state> self,
      shard_options options);

} // namespace troupe::actors
