// DISPATCHER: owns the deliveries of one destination. It pulls them from the
// outbox a window at a time, makes each from its turn, and lets PERSISTENCE
// record what came of it. A delivery whose outcome was not recorded is made
// again with the same id.
#pragma once

#include "actors/contact_lanes.hpp"
#include "actors/counters.hpp"
#include "actors/destination_table.hpp"
#include "actors/work.hpp"
#include "engine/ids.hpp"
#include "engine/webhook_profile.hpp"
#include "messages/outgoing_call.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::actors {

struct dispatcher_options {
  engine::destination_id destination{};
  /// As they are at each attempt: changes hold for the next one.
  std::shared_ptr<const published_destinations> destinations;
  messages::reader_actor reader;
  messages::persistence_actor persistence;
  std::shared_ptr<const messages::call_port> port;
  std::shared_ptr<const engine::id_text> ids;
  clock_source clock = system_time;
  /// When this process did: what is older may have been sent by another one.
  engine::timestamp began{};
  /// Asks for an endpoint to be disabled, and says why.
  std::function<void(const persistence::destination_row&, std::string)> disable;
  std::size_t window = 64; // attempts under way
  std::shared_ptr<actor_counters> counters = std::make_shared<actor_counters>();
};

struct dispatcher_actor_state {
  static inline const char* name = "dispatcher";

  using replay_promise = caf::typed_response_promise<delivery_replayed>;
  using settle_promise = caf::typed_response_promise<messages::status_answer>;

  void nudge();
  replay_promise replay(delivery_replay& wish);
  void ended(const attempt_outcome& what);
  void tick();
  /// The destinations changed, perhaps this one.
  void change();
  settle_promise settle_all();

  messages::dispatcher_actor::pointer self = nullptr;
  dispatcher_options options;

private:
  /// First attempts; retries; the next one of a lane; all that is unfinished.
  enum class pulled_for { outbox, retries, lane, lanes };

  struct question {
    pulled_for why;
    std::size_t limit;
    std::uint32_t generation;
    contact_lanes::turn_come turn = {}; // of a lane
  };

  void pull(bool retries);
  bool pull_lanes(delivery_pull& what);
  void ask(delivery_pull what, pulled_for why,
           const contact_lanes::turn_come& turn = {});
  void hear(deliveries_pulled& pulled, const question& asked);
  void take(deliveries_pulled& pulled, const question& asked);
  void take_turn(const deliveries_pulled& pulled,
                 const contact_lanes::turn_come& turn);
  void know_lanes(deliveries_pulled& pulled, const question& asked);
  bool may_go(const pulled_delivery& what, pulled_for why);
  [[nodiscard]] bool has_lane(engine::contact_id whose) const;
  bool leave_lane(engine::contact_id whose, const persistence::delivery_key&);
  void look_again(const persistence::delivery_key& from = {});
  void attempt(pulled_delivery delivery);
  void record(persistence::attempt_row row, engine::contact_id whose,
              bool was_answered = false);
  void settle(const persistence::delivery_key& key, bool is_over);
  void note_uncertain(const pulled_delivery& next);
  void note_health(const persistence::attempt_row& row, long status);
  [[nodiscard]] std::optional<persistence::inbox_row>
  told_by(const attempt_outcome& what, const persistence::attempt_row& row,
          const persistence::destination_row& to) const;
  void keep(pulled_delivery delivery, const destination_table::entry& to);
  void answer_settled();
  void disable(const std::string& why);
  void take_form(const std::string& settings);
  [[nodiscard]] bool is_active() const;
  [[nodiscard]] bool is_test() const;
  [[nodiscard]] std::string channel() const;

  persistence::delivery_key after_; // the outbox is pulled up to here
  std::set<persistence::delivery_key> under_way_;
  // While a page is on its way; whether they are over.
  std::map<persistence::delivery_key, bool> settled_;
  std::uint32_t recorded_ = 0;
  std::vector<settle_promise> settling_;
  contact_lanes lanes_; // of what is ordered
  engine::webhook_profile profile_{};
  bool is_ordered_ = false;
  bool lanes_known_ = false;
  bool lanes_asked_ = false; // since the last tick
  std::uint32_t lanes_failed_ = 0;
  std::uint32_t generation_ = 0; // pages of an older one are dropped
  bool pulling_ = false;
  bool more_ = true; // the outbox may have something after `after_`
  bool was_active_ = false;
  bool disabled_ = false; // asked for, and not in the table yet
  std::optional<engine::timestamp> failing_since_;
};

messages::dispatcher_actor::behavior_type dispatcher(
  messages::dispatcher_actor::stateful_pointer<dispatcher_actor_state> self,
  dispatcher_options options);

} // namespace troupe::actors
