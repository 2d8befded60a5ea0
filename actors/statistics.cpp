#include "actors/statistics.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t turns_at_once = 4096;
// Of the statistics, written in one transaction: it holds up commits.
constexpr std::size_t rows_at_once = 2000;
constexpr int rest_per_work = 9;

} // namespace

statistics_actor_state::promise
statistics_actor_state::find(messages::statistics_search& search) {
  auto answer = self->make_response_promise<messages::statistics_found>();
  const auto newest = options.store->newest_turn();
  if (!newest) {
    answer.deliver(messages::statistics_found{newest.failure(), {}});
    return answer;
  }
  waiting_.push_back({std::move(search), *newest, answer});
  advance();
  return answer;
}

void statistics_actor_state::tick() {
  is_resting_ = false;
  advance();
}

void statistics_actor_state::advance() {
  if (is_busy_)
    return;
  if (!place_) {
    const auto stored = options.store->counted_until();
    if (!stored)
      return fail_all(stored.failure());
    place_ = *stored;
  }
  const auto began = clock::now();
  auto batch = options.store->count_after(*place_, turns_at_once, rows_at_once);
  if (!batch)
    return fail_all(batch.failure());
  if (batch->until == *place_) {
    answer_those_seen();
    return rest(options.beat);
  }
  is_busy_ = true;
  const auto until = batch->until;
  const auto has_more = batch->has_more;
  const auto took = clock::now() - began;
  self
    ->request(options.persistence, caf::infinite, atom::count_atom::value,
              std::move(*batch))
    .then(
      [this, until, took, has_more](const messages::status_answer& answer) {
        is_busy_ = false;
        if (answer.failure)
          return fail_all(*answer.failure);
        counted(until, took, has_more);
      },
      [this](const caf::error&) {
        is_busy_ = false;
        fail_all(engine::interrupted());
      });
}

void statistics_actor_state::counted(engine::position until,
                                     clock::duration took, bool has_more) {
  place_ = until;
  answer_those_seen();
  if (!waiting_.empty())
    advance();
  else
    rest(has_more ? took * rest_per_work : options.beat);
}

// What became of the batch is not known: the place is read again.
void statistics_actor_state::fail_all(const engine::error& why) {
  place_.reset();
  for (auto& each : waiting_)
    each.answer.deliver(messages::statistics_found{why, {}});
  waiting_.clear();
  rest(options.beat);
}

void statistics_actor_state::answer_those_seen() {
  const auto seen
    = std::partition(waiting_.begin(), waiting_.end(), [this](const auto& one) {
        return one.until > *place_;
      });
  for (auto each = seen; each != waiting_.end(); ++each) {
    auto found
      = options.store->statistics(each->what.workspace, each->what.type);
    each->answer.deliver(
      found ? messages::statistics_found{std::nullopt, std::move(*found)}
            : messages::statistics_found{found.failure(), {}});
  }
  waiting_.erase(seen, waiting_.end());
}

void statistics_actor_state::rest(clock::duration how_long) {
  if (is_resting_)
    return;
  is_resting_ = true;
  self->delayed_send(self, how_long, atom::tick_atom::value);
}

messages::statistics_actor::behavior_type statistics(
  messages::statistics_actor::stateful_pointer<statistics_actor_state> self,
  statistics_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  self->send(self, atom::tick_atom::value);
  return {
    [&state](atom::find_atom, messages::statistics_search& search) {
      return state.find(search);
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
