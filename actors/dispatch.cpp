#include "actors/dispatch.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

using persistence::definition_status;

// Well before a request is overdue.
constexpr auto test_answered_after = std::chrono::seconds{8};

engine::error no_such_webhook() {
  return {engine::errc::not_found,
          "webhook_not_found",
          "there is no such webhook",
          {}};
}

} // namespace

void dispatch_actor_state::hear(const durable_notice& notice) {
  for (const auto destination : notice.destinations)
    if (const auto found = dispatchers_.find(destination);
        found != dispatchers_.end())
      self->send(found->second, atom::nudge_atom::value);
}

// What was never active has no dispatcher: its deliveries are held in the
// outbox. One that is not active any more stays, to record what is under way.
void dispatch_actor_state::change() {
  const auto table = options.common.destinations->get(); // a newer may come
  for (const auto& entry : table->entries) {
    const auto found = dispatchers_.find(entry.row.id);
    if (found != dispatchers_.end()) {
      self->send(found->second, atom::change_atom::value);
    } else if (entry.is_active()) {
      auto made = options.common;
      made.destination = entry.row.id;
      dispatchers_.emplace(
        entry.row.id, self->spawn<caf::linked>(dispatcher, std::move(made)));
    }
  }
}

// By the dispatcher, which knows what is under way. Without one nothing is:
// what becomes due is held.
dispatch_actor_state::replay_promise
dispatch_actor_state::replay(delivery_replay& wish) {
  auto answer = self->make_response_promise<delivery_replayed>();
  if (const auto found = dispatchers_.find(wish.destination);
      found != dispatchers_.end()) {
    answer.delegate(found->second, atom::replay_atom::value, std::move(wish));
    return answer;
  }
  const auto count = wish.keys.size();
  self
    ->request(options.common.persistence, caf::infinite,
              atom::replay_atom::value, std::move(wish))
    .then(
      [answer, count](const messages::status_answer& made) mutable {
        answer.deliver(delivery_replayed{made.failure, count});
      },
      [answer](const caf::error&) mutable {
        answer.deliver(delivery_replayed{engine::interrupted(), 0});
      });
  return answer;
}

// Of those that are not active nothing goes out: they do not keep it up.
dispatch_actor_state::settle_promise
dispatch_actor_state::settle(engine::workspace_id workspace) {
  auto answer = self->make_response_promise<messages::status_answer>();
  const auto left = std::make_shared<std::size_t>(1);
  auto done = [left, answer]() mutable {
    if (--*left == 0)
      answer.deliver(messages::status_answer{});
  };
  const auto table = options.common.destinations->get();
  for (const auto& entry : table->entries) {
    if (entry.row.workspace != workspace)
      continue;
    const auto found = dispatchers_.find(entry.row.id);
    if (found == dispatchers_.end())
      continue;
    ++*left;
    self->request(found->second, caf::infinite, atom::settle_atom::value)
      .then(
        [done](const messages::status_answer&) mutable {
          done();
        },
        [done](const caf::error&) mutable {
          done();
        });
  }
  done();
  return answer;
}

dispatch_actor_state::promise
dispatch_actor_state::test(const messages::endpoint_test& what) {
  auto answer = self->make_response_promise<messages::definition_changed>();
  const auto table = options.common.destinations->get();
  const auto& all = table->entries;
  const auto to = std::find_if(all.begin(), all.end(), [&](const auto& entry) {
    return entry.row.text_id == what.target
           && entry.row.workspace == what.workspace
           && entry.row.kind == persistence::destination_kind::webhook
           && entry.row.status != definition_status::archived;
  });
  if (to == all.end()) {
    answer.deliver(messages::definition_changed{no_such_webhook(), {}});
    return answer;
  }
  if (to->clock) { // nothing leaves a test workspace
    messages::call_outcome kept;
    kept.error = "test_workspace";
    answer.deliver(
      messages::definition_changed{std::nullopt, shown_test(kept)});
    return answer;
  }
  const auto number = ++tests_begun_;
  const auto now = options.common.clock();
  auto call = test_call(*to, engine::ulid(now, 0, number), now);
  if (!call) {
    messages::call_outcome broken;
    broken.error = call.failure().name;
    answer.deliver(
      messages::definition_changed{std::nullopt, shown_test(broken)});
    return answer;
  }
  const messages::dispatch_actor me{self};
  tests_.emplace(number, answer);
  self->delayed_send(self, test_answered_after, atom::tick_atom::value, number);
  (*options.common.port)(
    std::move(*call), [me, number](messages::call_outcome outcome) {
      caf::anon_send(me, atom::ended_atom::value,
                     test_outcome{number, std::move(outcome)});
    });
  return answer;
}

void dispatch_actor_state::ended(const test_outcome& what) {
  const auto found = tests_.find(what.number);
  if (found == tests_.end())
    return; // it was answered without
  found->second.deliver(
    messages::definition_changed{std::nullopt, shown_test(what.outcome)});
  tests_.erase(found);
}

void dispatch_actor_state::give_up(std::uint64_t test) {
  const auto found = tests_.find(test);
  if (found == tests_.end())
    return;
  found->second.deliver(messages::definition_changed{std::nullopt, {}});
  tests_.erase(found);
}

messages::dispatch_actor::behavior_type
dispatch(messages::dispatch_actor::stateful_pointer<dispatch_actor_state> self,
         dispatch_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.options.common.began = state.options.common.clock();
  state.change();
  return {
    [&state](atom::notice_atom, const durable_notice& notice) {
      state.hear(notice);
    },
    [&state](atom::change_atom) {
      state.change();
    },
    [&state](atom::replay_atom, delivery_replay& wish) {
      return state.replay(wish);
    },
    [&state](atom::settle_atom, std::uint32_t workspace) {
      return state.settle(engine::workspace_id{workspace});
    },
    [&state](atom::try_atom, const messages::endpoint_test& what) {
      return state.test(what);
    },
    [&state](atom::ended_atom, const test_outcome& what) {
      state.ended(what);
    },
    [&state](atom::tick_atom, std::uint64_t test) {
      state.give_up(test);
    },
  };
}

} // namespace troupe::actors
