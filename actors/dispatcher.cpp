#include "actors/dispatcher.hpp"

#include "actors/awaited_outcome.hpp"
#include "actors/delivery.hpp"
#include "actors/mail_outcome.hpp"
#include "persistence/store.hpp"

#include <caf/send.hpp>

namespace troupe::actors {

namespace {

constexpr auto retry_look = std::chrono::seconds{1};
constexpr long gone = 410; // the endpoint wants no more
// What a receiver says that takes a request, and a mail server.
constexpr long http_taken = 200;
constexpr long mail_taken = 250;
// Without one success (design.md 8).
constexpr auto failing_max = std::chrono::hours{5 * 24};

// The receiver may have taken what it was sent (X4).
bool may_have_arrived(const messages::call_outcome& outcome) {
  const auto& error = outcome.error;
  return outcome.status == 0
         && (error == "timeout" || error == "connection_lost"
             || error == "bad_response" || error == "response_too_large");
}

using header_list = std::vector<std::pair<std::string, std::string>>;

} // namespace

bool dispatcher_actor_state::is_active() const {
  const auto table = options.destinations->get();
  const auto* entry = table->find(options.destination);
  return !disabled_ && entry != nullptr && entry->is_active();
}

bool dispatcher_actor_state::is_test() const {
  const auto table = options.destinations->get();
  const auto* entry = table->find(options.destination);
  return entry != nullptr && entry->clock != nullptr;
}

// Its key; empty when it is none.
std::string dispatcher_actor_state::channel() const {
  const auto table = options.destinations->get();
  const auto* entry = table->find(options.destination);
  return entry != nullptr && persistence::is_channel(entry->row.kind)
           ? entry->row.key
           : std::string{};
}

// A destination that is active again sends from the beginning of its outbox
// what was held.
void dispatcher_actor_state::change() {
  const auto table = options.destinations->get();
  const auto* entry = table->find(options.destination);
  const auto active = entry != nullptr && entry->is_active();
  if (entry != nullptr
      && entry->row.kind == persistence::destination_kind::webhook)
    take_form(entry->row.settings);
  if (active)
    disabled_ = false;
  if (active && !was_active_) {
    failing_since_ = entry->row.failing_since;
    look_again();
  }
  was_active_ = active;
  nudge();
  answer_settled();
}

dispatcher_actor_state::settle_promise dispatcher_actor_state::settle_all() {
  auto promise = self->make_response_promise<messages::status_answer>();
  settling_.push_back(promise);
  nudge();
  answer_settled();
  return promise;
}

void dispatcher_actor_state::answer_settled() {
  if (is_active()
      && (more_ || pulling_ || !under_way_.empty() || lanes_.has_ready()))
    return;
  for (auto& each : settling_)
    each.deliver(messages::status_answer{});
  settling_.clear();
}

void dispatcher_actor_state::nudge() {
  more_ = true;
  pull(false);
}

void dispatcher_actor_state::attempt(pulled_delivery delivery) {
  const auto table = options.destinations->get();
  const auto* to = table->find(options.destination);
  if (to == nullptr || !to->is_active()) { // changed while it was pulled
    under_way_.erase(delivery.key);
    if (delivery.attempts == 0)
      lanes_.again(delivery.turn.contact, delivery.key);
    was_active_ = false;
    return;
  }
  const auto now = to->clock ? to->clock->now() : options.clock();
  if (!delivery.is_wanted) {
    record(leave_out(delivery, now), delivery.turn.contact);
    return;
  }
  if (stays_inside(to->row.kind)) {
    record(capture(delivery, now), delivery.turn.contact);
    return;
  }
  if (to->clock) {
    keep(std::move(delivery), *to);
    return;
  }
  auto call = render(delivery, to->row, *options.ids, to->tenant, now);
  note_uncertain(delivery);
  const messages::dispatcher_actor me{self};
  auto sent = call ? call->headers : header_list{};
  auto done = [me, delivery = std::move(delivery),
               sent = std::move(sent)](messages::call_outcome outcome) {
    caf::anon_send(me, atom::ended_atom::value,
                   attempt_outcome{delivery, std::move(outcome), sent});
  };
  if (call) {
    (*options.port)(std::move(*call), std::move(done));
    return;
  }
  messages::call_outcome broken;
  broken.error = call.failure().name;
  done(std::move(broken));
}

// A process before this one may have made the call and not lived to record it.
void dispatcher_actor_state::note_uncertain(const pulled_delivery& next) {
  if (next.attempts == 0 && next.turn.stamp.at < options.began)
    raise(options.counters->deliveries_uncertain);
}

// As if it had arrived. What cannot be made is not tried again.
void dispatcher_actor_state::keep(pulled_delivery delivery,
                                  const destination_table::entry& to) {
  const auto now = to.clock->now();
  attempt_outcome kept{std::move(delivery), {}, {}};
  auto call = render(kept.delivery, to.row, *options.ids, to.tenant, now);
  if (call) {
    kept.headers = std::move(call->headers);
    kept.outcome.status = to.row.kind == persistence::destination_kind::smtp
                            ? mail_taken
                            : http_taken;
  } else {
    kept.outcome.error = call.failure().name;
  }
  auto row = judge(kept, now);
  if (!call) {
    row.status = persistence::delivery_status::dead;
    row.next_attempt_at.reset();
  }
  row.told = told_by(kept, row, to.row);
  record(std::move(row), kept.delivery.turn.contact);
}

// What the contact is told of the attempt.
std::optional<persistence::inbox_row>
dispatcher_actor_state::told_by(const attempt_outcome& what,
                                const persistence::attempt_row& row,
                                const persistence::destination_row& to) const {
  if (to.kind == persistence::destination_kind::step)
    return answer_of(what, row, *options.ids);
  if (to.kind == persistence::destination_kind::smtp)
    return told_of(what, row, to.key, *options.ids);
  return std::nullopt;
}

void dispatcher_actor_state::ended(const attempt_outcome& what) {
  const std::chrono::duration<double> took = what.outcome.timings.total;
  options.counters->attempt_seconds.Observe(took.count());
  if (may_have_arrived(what.outcome))
    raise(options.counters->deliveries_uncertain);
  const auto table = options.destinations->get();
  const auto* to = table->find(options.destination);
  auto row = judge(what, options.clock(), profile_);
  if (to != nullptr && to->row.kind == persistence::destination_kind::webhook) {
    row.answered = static_cast<std::uint32_t>(what.outcome.status);
    note_health(row, what.outcome.status);
  }
  if (to != nullptr)
    row.told = told_by(what, row, to->row);
  record(std::move(row), what.delivery.turn.contact, what.outcome.status != 0);
}

void dispatcher_actor_state::note_health(const persistence::attempt_row& row,
                                         long status) {
  if (row.status == persistence::delivery_status::delivered) {
    failing_since_.reset();
    return;
  }
  if (!failing_since_)
    failing_since_ = row.at;
  if (status == gone)
    disable("it answered 410: it wants no more deliveries");
  else if (row.at - *failing_since_ >= failing_max)
    disable("no delivery arrived for 5 days");
}

// @param was_answered a call was made, and is not counted as uncertain yet
void dispatcher_actor_state::record(persistence::attempt_row row,
                                    engine::contact_id whose,
                                    bool was_answered) {
  const auto key = row.key;
  const auto is_over = row.status != persistence::delivery_status::pending;
  const auto settled = [this, key, whose, is_over] {
    settle(key, is_over);
    // One that was under way before its endpoint was ordered has no lane yet.
    if (!is_over && has_lane(whose))
      lanes_.enter(whose, key, true);
    const auto frees_retry = is_over && leave_lane(whose, key);
    // Retries get their turns also under a steady stream of first attempts.
    pull(++recorded_ % 8 == 0 || frees_retry);
    answer_settled();
  };
  // Not recorded: the delivery is still in the outbox or due, and is found
  // again by a later look.
  const auto lost
    = [this, key, whose, is_first = row.number == 1, was_answered] {
        under_way_.erase(key);
        if (was_answered)
          raise(options.counters->deliveries_uncertain);
        if (is_first)
          lanes_.again(whose, key);
        look_again();
      };
  self
    ->request(options.persistence, caf::infinite, atom::record_atom::value,
              std::move(row))
    .then(
      [settled, lost](const messages::status_answer& answer) {
        if (answer.failure)
          lost();
        else
          settled();
      },
      [lost](const caf::error&) {
        lost();
      });
}

void dispatcher_actor_state::settle(const persistence::delivery_key& key,
                                    bool is_over) {
  under_way_.erase(key);
  if (pulling_)
    settled_.insert_or_assign(key, is_over);
}

// Nothing begins an attempt of them before it is durable that they are due.
dispatcher_actor_state::replay_promise
dispatcher_actor_state::replay(delivery_replay& wish) {
  auto promise = self->make_response_promise<delivery_replayed>();
  std::erase_if(wish.keys, [this](const persistence::delivery_key& key) {
    return under_way_.contains(key);
  });
  if (wish.keys.empty()) {
    promise.deliver(delivery_replayed{});
    return promise;
  }
  under_way_.insert(wish.keys.begin(), wish.keys.end());
  auto keys = wish.keys;
  auto done = [this, keys, promise](delivery_replayed answer) mutable {
    for (const auto& key : keys)
      settle(key, false);
    promise.deliver(std::move(answer));
    pull(true);
  };
  self
    ->request(options.persistence, caf::infinite, atom::replay_atom::value,
              std::move(wish))
    .then(
      [done, keys](const messages::status_answer& answer) mutable {
        done({answer.failure, keys.size()});
      },
      [done](const caf::error&) mutable {
        done({engine::interrupted(), 0});
      });
  return promise;
}

void dispatcher_actor_state::disable(const std::string& why) {
  const auto table = options.destinations->get();
  const auto* entry = table->find(options.destination);
  if (disabled_ || entry == nullptr || !entry->is_active())
    return;
  disabled_ = true;
  options.disable(entry->row, why);
}

void dispatcher_actor_state::tick() {
  more_ = true; // a nudge may have been lost
  lanes_asked_ = false;
  pull(true);
  answer_settled();
  self->delayed_send(self, retry_look, atom::tick_atom::value);
}

messages::dispatcher_actor::behavior_type dispatcher(
  messages::dispatcher_actor::stateful_pointer<dispatcher_actor_state> self,
  dispatcher_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.change();
  self->delayed_send(self, retry_look, atom::tick_atom::value);
  return {
    [&state](atom::nudge_atom) {
      state.nudge();
    },
    [&state](atom::replay_atom, delivery_replay& wish) {
      return state.replay(wish);
    },
    [&state](atom::settle_atom) {
      return state.settle_all();
    },
    [&state](atom::ended_atom, const attempt_outcome& what) {
      state.ended(what);
    },
    [&state](atom::change_atom) {
      state.change();
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
