#include "actors/definitions.hpp"

#include "actors/definition_rows.hpp"
#include "messages/definition_lookup.hpp"

#include <utility>

namespace troupe::actors {

definitions_actor_state::promise
definitions_actor_state::change(messages::definition_change& wish) {
  auto answer = self->make_response_promise<messages::definition_changed>();
  queue_.push_back({std::move(wish), answer});
  next();
  return answer;
}

void definitions_actor_state::read_again() {
  is_outdated_ = true;
  next();
}

void definitions_actor_state::next() {
  if (busy_ || (queue_.empty() && !is_outdated_))
    return;
  busy_ = true;
  if (std::exchange(is_outdated_, false))
    return publish(std::nullopt);
  auto made = rows_of(queue_.front().wish, options);
  if (!made)
    finish({made.failure(), {}});
  else if (made->older.empty())
    go_on(std::move(*made));
  else
    ask_for_runs(std::move(*made), 0);
}

// No run is started in an older version: who has none now has none later.
void definitions_actor_state::ask_for_runs(wished_rows wish,
                                           std::size_t asked) {
  if (asked == wish.older.size())
    return go_on(std::move(wish));
  const auto older = wish.older[asked];
  messages::version_lookup wanted{older.sequence, older.number, true};
  const auto workspace = queue_.front().wish.workspace;
  self
    ->request(options.reader, caf::infinite, atom::find_atom::value,
              messages::definition_lookup{workspace, std::move(wanted)})
    .then(
      [this, wish = std::move(wish), asked,
       older](const messages::definition_found& found) mutable {
        if (found.failure)
          return finish({found.failure, {}});
        for (const auto& each : found.resting)
          if (each.version == older.number && each.runs > 0)
            add_dependant(wish.in_use, older.whose);
        ask_for_runs(std::move(wish), asked + 1);
      },
      [this](const caf::error&) {
        finish({engine::interrupted(), {}});
      });
}

void definitions_actor_state::go_on(wished_rows wish) {
  if (!wish.in_use.empty())
    finish({engine::error{engine::errc::conflict,
                          "in_use",
                          "it is in use; `dependants` says by what",
                          {}},
            {},
            std::move(wish.in_use)});
  else if (wish.rows.empty())
    finish({std::nullopt, std::move(wish.shown)});
  else
    store(std::move(wish));
}

void definitions_actor_state::store(wished_rows wish) {
  self
    ->request(options.persistence, caf::infinite, atom::store_atom::value,
              row_change{std::move(wish.rows), std::move(wish.note)})
    .then(
      [this, shown = std::move(wish.shown)](const row_changed& answer) mutable {
        if (!answer.failure)
          show_stored(answer.rows.front(), shown);
        publish(messages::definition_changed{answer.failure, std::move(shown)});
      },
      [this](const caf::error&) {
        publish(messages::definition_changed{engine::interrupted(), {}});
      });
}

// Reads everything again: changes are rare, and what is published is then what
// is stored, also when nobody knows what became of a change.
void definitions_actor_state::publish(
  std::optional<messages::definition_changed> answer) {
  answer_ = std::move(answer);
  self->request(options.reader, caf::infinite, atom::rows_atom::value)
    .then(
      [this](const rows_loaded& rows) {
        if (rows.failure) {
          publish_later();
          return;
        }
        options.builder.build(rows);
        options.catalog->set(options.builder.catalog);
        options.destinations->set(options.builder.destinations);
        self->send(options.dispatch, atom::change_atom::value);
        self->send(options.reviewer, atom::change_atom::value);
        if (answer_)
          return finish(std::move(*answer_));
        busy_ = false;
        next();
      },
      [this](const caf::error&) {
        publish_later();
      });
}

void definitions_actor_state::publish_later() {
  self->delayed_send(self, options.retry_after, atom::tick_atom::value);
}

void definitions_actor_state::tick() {
  publish(std::move(answer_));
}

void definitions_actor_state::finish(messages::definition_changed answer) {
  queue_.front().answer.deliver(std::move(answer));
  queue_.pop_front();
  busy_ = false;
  next();
}

messages::definitions_actor::behavior_type definitions(
  messages::definitions_actor::stateful_pointer<definitions_actor_state> self,
  definitions_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::change_atom, messages::definition_change& wish) {
      return state.change(wish);
    },
    [&state](atom::change_atom) {
      state.read_again();
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
