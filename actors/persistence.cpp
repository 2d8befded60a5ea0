#include "actors/persistence.hpp"

#include "persistence/trigger_rows.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace troupe::actors {

namespace {

constexpr auto upkeep_interval = std::chrono::seconds{1};

} // namespace

void persistence_actor_state::commit(commit_group& group) {
  // A contact's clock may be ahead, a test workspace's is its own.
  const auto now = options.clock();
  for (auto& wish : group.wishes) {
    for (auto& turn : wish.unit.turns)
      if (turn.key)
        turn.key_used_at = now;
    units_.push_back(std::move(wish.unit));
    contacts_.push_back(std::move(wish.contact));
  }
  gather();
}

persistence_actor_state::status_promise
persistence_actor_state::record(persistence::attempt_row& attempt) {
  auto promise = self->make_response_promise<messages::status_answer>();
  attempts_.push_back(std::move(attempt));
  attempt_waiters_.push_back({promise});
  gather();
  return promise;
}

row_changed persistence_actor_state::store(row_change& change) {
  auto stored
    = options.store->put_all(std::move(change.rows), std::move(change.note));
  if (!stored)
    return {stored.failure(), {}};
  durable_notice notice;
  for (const auto& row : *stored) {
    if (const auto* state = std::get_if<persistence::sequence_state_row>(&row))
      notice.timers_released = notice.timers_released || !state->paused;
    if (const auto* told = std::get_if<persistence::notice_row>(&row))
      notice.destinations = told->matched;
    if (const auto* trigger = std::get_if<engine::trigger_row>(&row);
        trigger != nullptr && trigger->changed
        && engine::is_waiting(trigger->status))
      notice.messages.push_back(persistence::inbox_row_of(*trigger));
  }
  if (notice.timers_released || !notice.destinations.empty()
      || !notice.messages.empty())
    options.notify(notice);
  return {std::nullopt, std::move(*stored)};
}

messages::status_answer persistence_actor_state::replay(delivery_replay& wish) {
  const auto now = options.clock();
  wish.note.at = now;
  const auto made = options.store->make_due(wish.keys, now, wish.note);
  return {made ? std::nullopt : std::optional{made.failure()}, {}, {}};
}

messages::status_answer
persistence_actor_state::count(const engine::statistics_batch& batch) {
  const auto added = options.store->add_statistics(batch);
  return {added ? std::nullopt : std::optional{added.failure()}, {}, {}};
}

messages::status_answer persistence_actor_state::erase(erasure_order& order) {
  order.wish.at = options.clock();
  order.wish.note.at = order.wish.at;
  const auto begun = options.store->begin_erasure(order.wish);
  if (!begun && begun.failure().code == engine::errc::conflict)
    return {begun.failure(), {}, {}};
  queue_erasing(); // it may have begun though its answer was lost
  return {begun ? std::nullopt : std::optional{begun.failure()}, {}, {}};
}

// A slice; what came meanwhile goes before the next. One that failed, or that
// waits for readers, is tried again at the next tick.
void persistence_actor_state::erase_more() {
  erase_queued_ = false;
  const auto slice = options.store->erase_more(options.clock());
  if (!slice)
    raise(options.counters->groups_failed);
  if (!slice || *slice == persistence::erasing::waits)
    return;
  erasing_ = false;
  if (*slice == persistence::erasing::goes_on)
    queue_erasing();
}

void persistence_actor_state::queue_erasing() {
  erasing_ = true;
  if (!std::exchange(erase_queued_, true))
    self->send(self, atom::erase_atom::value);
}

// No artificial delay: `flush` queues behind what is in the mailbox already,
// and that joins the group.
void persistence_actor_state::gather() {
  if (flushing_)
    return;
  flushing_ = true;
  self->send(self, atom::flush_atom::value);
}

void persistence_actor_state::flush() {
  flushing_ = false;
  for (std::size_t unit = 0, attempt = 0;
       unit < units_.size() || attempt < attempts_.size();) {
    const auto unit_end = std::min(units_.size(), unit + options.group_max);
    const auto attempt_end
      = std::min(attempts_.size(), attempt + options.group_max);
    write(unit, unit_end, attempt, attempt_end);
    unit = unit_end;
    attempt = attempt_end;
  }
  units_.clear();
  contacts_.clear();
  next_attempts();
  if (!notice_.timers.empty() || !notice_.messages.empty()
      || !notice_.destinations.empty())
    options.notify(notice_);
  notice_ = {};
  keep_up();
}

// One transaction; when it fails, its halves are tried alone until the commit
// that cannot be written stands alone.
void persistence_actor_state::write(std::size_t units_begin,
                                    std::size_t units_end,
                                    std::size_t attempts_begin,
                                    std::size_t attempts_end) {
  const auto units
    = std::span{units_}.subspan(units_begin, units_end - units_begin);
  const auto attempts = std::span{attempts_}.subspan(
    attempts_begin, attempts_end - attempts_begin);
  if (units.empty() && attempts.empty())
    return;
  const auto began = std::chrono::steady_clock::now();
  auto outcomes = options.store->commit(units, attempts);
  const std::chrono::duration<double> took
    = std::chrono::steady_clock::now() - began;
  options.counters->commit_seconds.Observe(took.count());
  std::size_t turns = 0;
  for (const auto& unit : units)
    turns += unit.turns.size();
  if (turns != 0)
    options.counters->commit_turns.Observe(static_cast<double>(turns));
  options.counters->store_writes.store(outcomes.has_value(),
                                       std::memory_order_relaxed);
  if (outcomes) {
    count(attempts);
    note(attempts);
    answer_units(units_begin, std::move(*outcomes));
    answer_attempts(attempts_begin, attempts_end, {});
    return;
  }
  raise(options.counters->groups_failed);
  // A group that may be durable is not tried again in parts: its turns would be
  // decided twice.
  if (units.size() + attempts.size() == 1
      || persistence::is_outcome_unknown(outcomes.failure())) {
    const auto& reason = outcomes.failure();
    answer_units(units_begin,
                 std::vector<persistence::unit_outcome>(units.size(), reason));
    answer_attempts(attempts_begin, attempts_end, reason);
    return;
  }
  const auto unit_half = units_begin + (units.size() + 1) / 2;
  const auto attempt_half = attempts_begin + attempts.size() / 2;
  write(units_begin, unit_half, attempts_begin, attempt_half);
  write(unit_half, units_end, attempt_half, attempts_end);
}

void persistence_actor_state::answer_units(
  std::size_t begin, std::vector<persistence::unit_outcome> outcomes) {
  group_outcome out;
  out.items.reserve(outcomes.size());
  auto is_news = false;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (std::holds_alternative<persistence::committed>(outcomes[i])) {
      note(units_[begin + i]);
      is_news = true;
    } else {
      raise(options.counters->units_refused);
    }
    out.items.push_back(
      {std::move(contacts_[begin + i]), {std::move(outcomes[i])}});
  }
  if (is_news)
    options.nudge();
  if (!out.items.empty())
    self->send(options.courier, atom::commit_atom::value, std::move(out));
}

// One that may be durable is written again until it is, for the call was made
// and what came of it decides who is called next: a second write of the same
// attempt changes nothing.
void persistence_actor_state::answer_attempts(
  std::size_t begin, std::size_t end,
  const std::optional<engine::error>& failure) {
  const auto is_unknown = failure && persistence::is_outcome_unknown(*failure);
  for (auto i = begin; i < end; ++i) {
    auto& waiter = attempt_waiters_[i];
    waiter.is_doubtful = failure && (waiter.is_doubtful || is_unknown);
    if (waiter.is_doubtful)
      attempts_kept_.push_back(i);
    else
      waiter.promise.deliver(messages::status_answer{failure, {}, {}});
  }
}

void persistence_actor_state::next_attempts() {
  std::vector<persistence::attempt_row> attempts;
  std::vector<attempt_waiter> waiters;
  for (const auto i : attempts_kept_) {
    attempts.push_back(std::move(attempts_[i]));
    waiters.push_back(std::move(attempt_waiters_[i]));
  }
  attempts_ = std::move(attempts);
  attempt_waiters_ = std::move(waiters);
  attempts_kept_.clear();
}

void persistence_actor_state::note(const persistence::commit_unit& unit) {
  const auto add = [this](engine::destination_id destination) {
    auto& all = notice_.destinations;
    if (std::find(all.begin(), all.end(), destination) == all.end())
      all.push_back(destination);
  };
  for (const auto& turn : unit.turns) {
    options.counters->note(turn);
    for (const auto& timer : turn.timers_set)
      notice_.timers.push_back({unit.workspace, unit.contact, timer});
    notice_.messages.insert(notice_.messages.end(), turn.messages.begin(),
                            turn.messages.end());
    for (const auto destination : turn.matched)
      add(destination);
    for (const auto destination : turn.sends)
      add(destination);
  }
}

void persistence_actor_state::count(
  std::span<const persistence::attempt_row> attempts) const {
  for (const auto& each : attempts)
    raise(options.counters->attempts[static_cast<std::size_t>(each.status)
                                     % actor_counters::delivery_statuses]);
}

void persistence_actor_state::note(
  std::span<const persistence::attempt_row> attempts) {
  for (const auto& each : attempts)
    if (each.told)
      notice_.messages.push_back(*each.told);
}

void persistence_actor_state::reach() {
  const auto there = options.store->reach();
  const auto was_there
    = options.counters->store_is_there.exchange(there.has_value());
  const auto is_news = was_there != there.has_value();
  if (there && is_news) // what it could not write was for its being away
    options.counters->store_writes.store(true, std::memory_order_relaxed);
  if (is_news || (!there && there.failure().name == "store_taken"))
    options.reached(there);
  if (options.store->take_definition_changes())
    options.redefined();
}

void persistence_actor_state::keep_up() {
  const auto now = options.clock();
  const auto running = std::chrono::floor<engine::duration>(
    std::chrono::steady_clock::now().time_since_epoch());
  const auto is_settled = settled_.is_settled(now, running);
  if (!options.store->maintain(now) && is_settled)
    options.store->forget_old(now);
}

void persistence_actor_state::tick() {
  reach();
  keep_up();
  if (!attempts_.empty())
    gather();
  if (erasing_ && !erase_queued_)
    erase_more();
  self->delayed_send(self, upkeep_interval, atom::tick_atom::value);
}

messages::persistence_actor::behavior_type persistence_writer(
  messages::persistence_actor::stateful_pointer<persistence_actor_state> self,
  persistence_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  self->delayed_send(self, upkeep_interval, atom::tick_atom::value);
  return {
    [&state](atom::commit_atom, commit_group& group) {
      state.commit(group);
    },
    [&state](atom::record_atom, persistence::attempt_row& attempt) {
      return state.record(attempt);
    },
    [&state](atom::store_atom, row_change& change) {
      return state.store(change);
    },
    [&state](atom::replay_atom, delivery_replay& wish) {
      return state.replay(wish);
    },
    [&state](atom::count_atom, const engine::statistics_batch& batch) {
      return state.count(batch);
    },
    [&state](atom::erase_atom, erasure_order& order) {
      return state.erase(order);
    },
    [&state](atom::erase_atom) {
      state.erase_more();
    },
    [&state](atom::flush_atom) {
      state.flush();
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
