// CONTACT: owns one contact's identities and live runs; a thin shell around
// engine::decide. Spawned and ended by its shard.
// Invariants:
// (1) Memory never runs ahead of the store: state changes only after a commit.
// (2) At most one commit is under way; later inputs share the next, in order.
// (3) Every input is answered.
#pragma once

#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace troupe::actors {

struct contact_options {
  engine::workspace_id workspace{};
  engine::contact_id id{};
  bool fresh = false; // no turn yet: nothing to load
  messages::shard_actor shard;
  messages::persistence_actor persistence;
  messages::reader_actor reader;
  std::shared_ptr<const messages::published_catalog> catalog;
  clock_source clock = system_time;
};

struct contact_actor_state {
  static inline const char* name = "contact";

  using ingest_promise = caf::typed_response_promise<messages::ingest_answer>;
  using status_promise = caf::typed_response_promise<messages::status_answer>;

  ingest_promise ingest(messages::ingest& command);
  status_promise fire(const persistence::due_timer& due);
  status_promise deliver(persistence::inbox_row& row);
  status_promise intervene(messages::run_intervention& command);
  void on_outcome(persistence::unit_outcome& outcome);
  void retire();
  void start();

  messages::contact_actor::pointer self = nullptr;
  contact_options options;

private:
  /// An input and who waits for its answer.
  struct pending {
    engine::turn_input input;
    std::variant<std::monostate, ingest_promise, status_promise> promise;
    messages::ingest command;   // without its event, for another shard's try
    persistence::inbox_row row; // of an inbox input
    std::optional<std::vector<engine::past_event>> history;
    std::uint32_t refusals = 0;
    bool resolved = false;
  };

  /// A decided turn of the commit under way and the input it answers.
  struct decided {
    engine::turn what;
    pending from;
  };

  /// The state as it will be once the batch has been committed.
  struct sketch {
    engine::contact_state state;
    std::size_t applied = 0; // turns of the batch
  };

  void load();
  void advance();
  bool decide_next(sketch& ahead, engine::timestamp began);
  bool refuses(pending& next, const engine::contact_state& on);
  engine::decision decide(const engine::contact_state& on, const pending& next,
                          engine::timestamp now) const;
  bool is_for_another(const pending& next,
                      const engine::contact_state& on) const;
  bool needs_owners(const pending& next, const engine::contact_state& on) const;
  bool repeats_key(const pending& next) const;
  void ask_owners();
  void ask_history(engine::history_request wanted);
  void commit();
  void on_committed(engine::position first);
  void on_refused(const persistence::refused& why);
  void requeue_batch();
  void replay(pending duplicate, engine::position holder);
  void bounce_all();
  void bounce(pending& next);
  void bounce_event(pending& next, engine::event_input& arrived);
  void bounce_message(pending& next);
  void forget();
  void answer(pending& done, const engine::turn* committed = nullptr);
  void fail(pending& done, const engine::error& reason);
  void fail_all(const engine::error& reason);
  void end_if_retired();

  engine::contact_state state_;
  std::uint64_t snapshot_seq_ = 0;
  bool snapshot_sent_ = false; // with the commit under way
  std::deque<pending> queue_;
  std::vector<decided> batch_; // of the commit under way
  std::vector<persistence::turn_rows> rows_;
  bool ready_ = false; // loaded
  bool busy_ = false;  // a commit or a question is under way
  bool retired_ = false;
  bool bounced_ = false;    // never came to be; see bounce_all
  std::size_t replays_ = 0; // answers being read from the store
};

messages::contact_actor::behavior_type
contact(messages::contact_actor::stateful_pointer<contact_actor_state> self,
        contact_options options);

} // namespace troupe::actors
