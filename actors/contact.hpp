// CONTACT: owns one contact's identities and live runs; a thin shell around
// engine::decide. Spawned and ended by its shard.
// Invariants:
// (1) Memory never runs ahead of the store: state changes only after a commit.
// (2) At most one commit is under way; later inputs share the next, in order.
// (3) Every input is answered.
// (4) While it stands still for a merge it decides nothing of its own.
#pragma once

#include "actors/collector.hpp"
#include "actors/decision_guard.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/erasures.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::actors {

struct contact_options {
  engine::workspace_id workspace{};
  engine::contact_id id{};
  bool fresh = false; // no turn yet: nothing to load
  messages::shard_actor shard;
  std::shared_ptr<commit_queue> commits;
  messages::collector_actor collector;
  messages::reader_actor reader;
  std::shared_ptr<const messages::published_catalog> catalog;
  clock_source clock = system_time;
  std::shared_ptr<decision_guard> guard; // or none
  messages::persistence_actor persistence;
};

struct contact_actor_state {
  static inline const char* name = "contact";

  using ingest_promise = caf::typed_response_promise<messages::ingest_answer>;
  using status_promise = caf::typed_response_promise<messages::status_answer>;
  using yield_promise = caf::typed_response_promise<yielded>;
  using absorb_promise = caf::typed_response_promise<absorbed>;

  ingest_promise ingest(messages::ingest_parcel command);
  status_promise fire(const persistence::due_timer& due);
  status_promise deliver(persistence::inbox_row& row);
  status_promise intervene(messages::run_intervention& command);
  status_promise erase(messages::erasure_wish& wish);
  void on_outcome(persistence::unit_outcome& outcome);
  yield_promise yield();
  absorb_promise absorb(absorption& what);
  void release(engine::contact_id into);
  void retire();
  void start();

  messages::contact_actor::pointer self = nullptr;
  contact_options options;

private:
  /// An input and who waits for its answer.
  struct pending {
    engine::turn_input input;
    std::variant<std::monostate, ingest_promise, status_promise> promise;
    /// Without its event, for another shard's try; empty: no event came.
    messages::ingest_parcel command;
    persistence::inbox_row row; // of an inbox input
    std::optional<engine::turn> made;
    std::optional<std::vector<engine::past_event>> history;
    /// The catalog that asked for it: another one may ask for more.
    std::uint64_t decided_with = 0;
    std::uint32_t refusals = 0;
    bool resolved = false;
    bool read_again = false; // the state, for its sake
  };

  /// The state as it will be once the turns decided so far are committed: the
  /// contact's own until there is one.
  class sketch {
  public:
    explicit sketch(const engine::contact_state& now) : now_{now} {}

    const engine::contact_state& state() {
      if (const auto* turn = std::exchange(newest_, nullptr)) {
        if (!ahead_)
          ahead_ = now_;
        engine::apply(*ahead_, *turn);
      }
      return ahead_ ? *ahead_ : now_;
    }

    /// @param turn was decided on state(), and stays where it is
    void add(const engine::turn& turn) {
      newest_ = &turn;
    }

  private:
    const engine::contact_state& now_;
    std::optional<engine::contact_state> ahead_;
    const engine::turn* newest_ = nullptr; // not yet applied: often needless
  };

  /// A merge that this contact survives.
  struct survival {
    pending event;
    std::vector<engine::contact_state> taken;
    absorb_promise promise;
  };

  struct pending_erasure {
    messages::erasure_wish wish;
    status_promise promise;
  };

  static constexpr std::size_t turns_per_commit_max = 64;

  void load();
  void advance();
  bool decide_next(sketch& ahead, engine::timestamp began);
  bool refuses(pending& next, const engine::contact_state& on);
  bool refuses_write(pending& next, const engine::contact_state& on);
  bool settles_write(pending& next, const engine::turn& made,
                     const engine::contact_state& on);
  [[nodiscard]] std::vector<engine::timer>
  overdue(const engine::contact_state& on, engine::timestamp now) const;
  engine::decision decide(const engine::contact_state& on, pending& next,
                          engine::timestamp now) const;
  static bool was_sent_back(const pending& next);
  engine::decision decide_or_park(const engine::contact_state& on,
                                  const pending& next,
                                  const messages::catalog& with,
                                  engine::timestamp now) const;
  [[nodiscard]] const engine::turn_input& cause_of(const pending& next) const;
  bool is_for_another(const pending& next,
                      const engine::contact_state& on) const;
  bool needs_owners(const pending& next, const engine::contact_state& on) const;
  bool repeats_key(const pending& next) const;
  [[nodiscard]] static std::vector<engine::identity_owner>
  owners_of(const engine::event_input& arrived,
            const engine::contact_state& on);
  bool joins_others(pending& next, const engine::contact_state& on);
  bool adopts_too_many(pending& next, const engine::contact_state& on);
  void put_in_front(const std::vector<engine::timer>& due);
  void ask_owners();
  void ask_history(history_query query);
  void stand_still();
  void absorb_now();
  void park_absorbing(engine::timestamp now, std::string failure);
  void end_absorption(absorbed answer);
  void on_absorption_refused(const persistence::refused& why);
  void move_on();
  void forward_event(pending& next);
  void forward_message(pending& next);
  void forward_intervention(pending& next);
  void erase_now();
  void erased(const messages::status_answer& answer);
  void refuse_erasures(const engine::error& why);
  void forward_erasures();
  static engine::error gone();
  [[nodiscard]] bool is_refused(const pending& next) const;
  void commit();
  void on_committed(engine::position first);
  void on_refused(const persistence::refused& why);
  void requeue_batch();
  void replay(const engine::idempotency& mine, engine::position holder,
              std::function<void(messages::ingest_answer)> done);
  void bounce_all();
  void be_nobody();
  void bounce(pending& next);
  void bounce_event(pending& next);
  void send_back(pending& next);
  void bounce_message(pending& next);
  void forget();
  static void tell(pending& of, messages::ingest_answer&& answer);
  void answer(pending& done, const engine::turn* committed = nullptr);
  void fail(pending& done, const engine::error& reason);
  void fail_all(const engine::error& reason);
  void end_if_retired();

  engine::contact_state state_;
  std::uint64_t snapshot_seq_ = 0;
  bool snapshot_sent_ = false; // with the commit under way
  // Kept small while it rests: there are as many as contacts are awake.
  std::list<pending> queue_;
  std::list<pending> batch_; // decided, in the commit under way
  std::vector<persistence::turn_rows> rows_;
  bool ready_ = false; // loaded
  bool busy_ = false;  // a commit or a question is under way
  bool retired_ = false;
  bool bounced_ = false;                // never came to be; see bounce_all
  std::size_t replays_ = 0;             // answers being read from the store
  std::list<yield_promise> yields_;     // of merges that wait
  bool held_ = false;                   // stands still for a merge
  std::list<pending_erasure> erasures_; // asked for
  std::unique_ptr<survival> absorbing_;
  engine::contact_id merged_into_{}; // 0: it is part of no other
  bool leaving_ = false;             // the shard knows that it is
};

messages::contact_actor::behavior_type
contact(messages::contact_actor::stateful_pointer<contact_actor_state> self,
        contact_options options);

} // namespace troupe::actors
