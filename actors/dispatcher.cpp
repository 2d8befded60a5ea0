#include "actors/dispatcher.hpp"

#include "actors/delivery.hpp"

#include <caf/send.hpp>

namespace troupe::actors {

namespace {

constexpr auto retry_look = std::chrono::seconds{1};
constexpr long gone = 410; // the endpoint wants no more

} // namespace

void dispatcher_actor_state::nudge() {
  more_ = true;
  pull(false);
}

// First attempts in the order of the outbox, or retries that are due.
void dispatcher_actor_state::pull(bool retries) {
  if (disabled_ || pulling_ || under_way_.size() >= options.window
      || (!retries && !more_))
    return;
  pulling_ = true;
  if (!retries)
    more_ = false; // until told otherwise while the question is under way
  delivery_pull what;
  what.after = after_;
  what.after.destination = options.destination.id;
  what.retries = retries;
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
  if (options.destination.kind == persistence::destination_kind::capture) {
    record(capture(delivery, options.clock()));
    return;
  }
  auto call
    = render(delivery, options.destination, *options.ids, options.tenant);
  const messages::dispatcher_actor me{self};
  auto done
    = [me, delivery = std::move(delivery)](messages::call_outcome outcome) {
        caf::anon_send(me, atom::ended_atom::value,
                       attempt_outcome{delivery, std::move(outcome)});
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
  record(judge(what.delivery, what.outcome, options.clock()));
  if (what.outcome.status == gone)
    disable();
}

void dispatcher_actor_state::record(persistence::attempt_row row) {
  const auto key = row.key;
  const auto settled = [this, key] {
    under_way_.erase(key);
    if (pulling_)
      settled_.insert(key);
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

void dispatcher_actor_state::disable() {
  disabled_ = true;
  auto row = options.destination;
  row.status = persistence::definition_status::disabled;
  self
    ->request(options.persistence, caf::infinite, atom::store_atom::value,
              row_change{{std::move(row)}, std::nullopt})
    .then([](const row_changed&) {}, [](const caf::error&) {});
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
  state.nudge();
  self->delayed_send(self, retry_look, atom::tick_atom::value);
  return {
    [&state](atom::nudge_atom) {
      state.nudge();
    },
    [&state](atom::ended_atom, const attempt_outcome& what) {
      state.ended(what);
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
