#include "actors/dispatcher.hpp"

#include "actors/awaited_outcome.hpp"
#include "actors/delivery.hpp"
#include "actors/mail_outcome.hpp"

#include <caf/send.hpp>

namespace troupe::actors {

namespace {

constexpr auto retry_look = std::chrono::seconds{1};
constexpr long gone = 410; // the endpoint wants no more
// Without one success (design.md 8).
constexpr auto failing_max = std::chrono::hours{5 * 24};

using header_list = std::vector<std::pair<std::string, std::string>>;

} // namespace

bool dispatcher_actor_state::is_active() const {
  const auto table = options.destinations->get();
  const auto* entry = table->find(options.destination);
  return !disabled_ && entry != nullptr && entry->is_active();
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
  if (active)
    disabled_ = false;
  if (active && !was_active_) {
    failing_since_ = entry->row.failing_since;
    after_ = {};
  }
  was_active_ = active;
  nudge();
}

void dispatcher_actor_state::nudge() {
  more_ = true;
  pull(false);
}

// First attempts in the order of the outbox, or retries that are due.
void dispatcher_actor_state::pull(bool retries) {
  if (!is_active() || pulling_ || under_way_.size() >= options.window
      || (!retries && !more_))
    return;
  pulling_ = true;
  if (!retries)
    more_ = false; // until told otherwise while the question is under way
  delivery_pull what;
  what.after = after_;
  what.after.destination = options.destination;
  what.retries = retries;
  what.channel = channel();
  what.now = options.clock();
  what.limit = options.window - under_way_.size();
  const auto asked = what.limit;
  self
    ->request(options.reader, caf::infinite, atom::pull_atom::value,
              std::move(what))
    .then(
      [this, retries, asked](deliveries_pulled& pulled) {
        pulling_ = false;
        take(pulled, retries, asked);
      },
      [this](const caf::error&) {
        pulling_ = false;
        more_ = true;
      });
}

void dispatcher_actor_state::take(deliveries_pulled& pulled, bool retries,
                                  std::size_t asked) {
  if (pulled.failure || pulled.deliveries.size() == asked)
    more_ = true;
  for (auto& delivery : pulled.deliveries) {
    if (!retries)
      after_ = delivery.key;
    // The page may have been read before an outcome was recorded.
    if (!settled_.contains(delivery.key)
        && under_way_.insert(delivery.key).second)
      attempt(std::move(delivery));
  }
  settled_.clear();
  if (pulled.failure)
    after_ = {}; // what could not be read is looked for again
  if (!pulled.failure)
    pull(false);
}

void dispatcher_actor_state::attempt(pulled_delivery delivery) {
  const auto table = options.destinations->get();
  const auto* to = table->find(options.destination);
  if (to == nullptr || !to->is_active()) { // changed while it was pulled
    under_way_.erase(delivery.key);
    was_active_ = false;
    return;
  }
  if (!delivery.is_wanted) {
    record(leave_out(delivery, options.clock()));
    return;
  }
  if (to->row.kind == persistence::destination_kind::capture) {
    record(capture(delivery, options.clock()));
    return;
  }
  auto call
    = render(delivery, to->row, *options.ids, to->tenant, options.clock());
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

void dispatcher_actor_state::ended(const attempt_outcome& what) {
  const std::chrono::duration<double> took = what.outcome.timings.total;
  options.counters->attempt_seconds.Observe(took.count());
  auto row = judge(what, options.clock());
  const auto table = options.destinations->get();
  const auto* to = table->find(options.destination);
  if (to != nullptr && to->row.kind == persistence::destination_kind::webhook) {
    row.answered = static_cast<std::uint32_t>(what.outcome.status);
    note_health(row, what.outcome.status);
  }
  if (to != nullptr && to->row.kind == persistence::destination_kind::step)
    row.told = answer_of(what, row, *options.ids);
  if (to != nullptr && to->row.kind == persistence::destination_kind::smtp)
    row.told = told_of(what, row, to->row.key, *options.ids);
  record(std::move(row));
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

void dispatcher_actor_state::record(persistence::attempt_row row) {
  const auto key = row.key;
  const auto settled = [this, key] {
    settle(key);
    // Retries get their turns also under a steady stream of first attempts.
    pull(++recorded_ % 8 == 0);
  };
  // Not recorded: the delivery is still in the outbox or due, and is found
  // again by a later look.
  const auto lost = [this, key] {
    under_way_.erase(key);
    after_ = {};
    more_ = true;
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

void dispatcher_actor_state::settle(const persistence::delivery_key& key) {
  under_way_.erase(key);
  if (pulling_)
    settled_.insert(key);
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
      settle(key);
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
  pull(true);
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
