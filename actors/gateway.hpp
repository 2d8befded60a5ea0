// GATEWAY: turns questions of the io threads into requests to actors and
// completes their slots. It bounds what is under way, and for how long the
// client of an event waits; it decides nothing.
#pragma once

#include "actors/destination_table.hpp"
#include "actors/gathered.hpp"
#include "actors/shard.hpp"
#include "messages/erasures.hpp"
#include "messages/protocol.hpp"
#include "messages/rejected.hpp"
#include "messages/triggers.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>

namespace troupe::actors {

struct gateway_options {
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
  messages::reader_actor reader;
  messages::persistence_actor persistence;
  messages::definitions_actor definitions;
  messages::dispatch_actor dispatch;
  messages::statistics_actor statistics;
  messages::test_clocks_actor test_clocks;
  std::shared_ptr<const published_destinations> destinations;
  std::shared_ptr<const engine::id_text> ids;
  // Events not yet answered: of all, and of one workspace, so that it leaves
  // room for the others (U1).
  std::size_t under_way_max = 20'000;
  std::size_t of_workspace_max = 10'000;
  // Look-ups of one workspace: under way at once, and waiting their turn (J12).
  std::size_t reads_of_workspace_max = 2;
  std::size_t reads_waiting_max = 256;
  /// How long the client of an event waits. Past it the event may still be
  /// taken: the answer says so, and the idempotency key makes a retry safe.
  std::chrono::milliseconds deadline{10'000};
  /// Of deadlines; tests bring their own.
  std::function<std::chrono::steady_clock::time_point()> clock
    = std::chrono::steady_clock::now;
};

struct gateway_actor_state {
  static inline const char* name = "gateway";

  void ingest(const messages::ingest_batch& batch);
  void flush();
  void tick();
  void intervene(messages::run_intervention wish,
                 const messages::intervened_slot& slot);
  void change_contact(messages::contact_change wish,
                      const messages::contact_changed_slot& slot);
  void find_deliveries(messages::delivery_search search,
                       const messages::deliveries_slot& slot);
  void show_delivery(messages::delivery_reference one,
                     const messages::delivery_shown_slot& slot);
  void replay(const messages::replay_wish& wish,
              const messages::replayed_slot& slot);
  void find_kept(messages::test_outbox_search search,
                 const messages::test_outbox_slot& slot);
  void keep_rejected(messages::rejected_events events,
                     const messages::status_slot& slot);
  void keep_trigger(messages::trigger_wish wish,
                    const messages::trigger_kept_slot& slot);
  void erase(messages::erasure_wish wish, const messages::erasures_slot& slot);
  void find_trigger(const messages::trigger_search& search,
                    const messages::trigger_found_slot& slot);
  /// Passes a look-up on to the reader; too many of one workspace are refused.
  template <class Answer, class Atom, class Question>
  void read(engine::workspace_id workspace, Atom verb, const Question& question,
            const messages::reply_slot<Answer>& slot);

  messages::gateway_actor::pointer self = nullptr;
  gateway_options options;

private:
  using clock = std::chrono::steady_clock;

  /// An event whose contact has not answered yet.
  struct waiting {
    clock::time_point deadline;
    engine::workspace_id workspace{};
    std::optional<engine::idempotency> key;
    std::size_t* of_workspace = nullptr;                   // how many
    std::function<void(messages::ingest_answer)> complete; // empty: overdue
  };
  using place = std::list<waiting>::iterator;

  /// What its contact said of one.
  struct arrived {
    place which;
    messages::ingest_answer answer;
  };

  struct read_queue {
    std::size_t under_way = 0;
    std::deque<std::function<void()>> waiting;
  };

  struct running_chain;

  void ingest_one(messages::ingest_batch::item& item, clock::time_point now);
  void send_on(messages::ingest_parcel command);
  void flush_outgoing();
  void begin(messages::ingest_batch::chain& chain);
  void go_on(const std::shared_ptr<running_chain>& chain);
  void intervene_on(engine::contact_id contact, messages::run_intervention wish,
                    const messages::intervened_slot& slot);
  void show_intervened(engine::contact_id contact,
                       engine::workspace_id workspace, engine::position turn,
                       const messages::intervened_slot& slot);
  static const destination_table::entry*
  endpoint_of(const destination_table& all,
              const messages::delivery_search& search);
  static const destination_table::entry*
  endpoint_of(const destination_table& all,
              const messages::delivery_reference& one);
  void write_contact(messages::ingest command,
                     const messages::contact_changed_slot& slot);
  void show_changed(engine::workspace_id workspace, messages::receipt done,
                    const messages::contact_changed_slot& slot);
  void replay_one(const messages::replay_wish& wish,
                  const messages::replayed_slot& slot);
  void replay_all(const messages::replay_wish& wish,
                  const messages::replayed_slot& slot);
  static persistence::admin_row note_of(const messages::replay_wish& wish,
                                        std::string action);
  void have_made(delivery_replay wish, messages::replayed done,
                 const messages::replayed_slot& slot);
  void erase_found(messages::erasure_wish wish,
                   const messages::erasures_slot& slot);
  void next_read(read_queue& of);
  void answered(place which, messages::ingest_answer&& answer);
  [[nodiscard]] bool repeats_running(place which) const;

  /// What goes to the shards at the end of a message: one to each.
  std::vector<std::pair<messages::shard_actor, messages::ingest_group>>
    outgoing_;
  std::list<waiting> under_way_; // overdue ones first, then by deadline
  std::shared_ptr<gathered<arrived>> answers_
    = std::make_shared<gathered<arrived>>();
  std::unordered_map<engine::workspace_id, std::size_t> of_workspace_;
  std::unordered_map<engine::workspace_id, read_queue> reads_;
  place next_due_ = under_way_.end();
  bool is_ticking_ = false;
};

messages::gateway_actor::behavior_type
gateway(messages::gateway_actor::stateful_pointer<gateway_actor_state> self,
        gateway_options options);

} // namespace troupe::actors
