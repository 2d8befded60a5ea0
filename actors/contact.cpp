#include "actors/contact.hpp"

#include "actors/turn_rows.hpp"
#include "engine/erasure.hpp"
#include "engine/system_events.hpp"
#include "persistence/codec.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

constexpr std::uint64_t snapshot_interval = 32;

boost::json::object parse_properties(const std::string& text) {
  boost::json::error_code failure;
  auto value = boost::json::parse(text, failure);
  return !failure && value.is_object() ? std::move(value.get_object())
                                       : boost::json::object{};
}

} // namespace

contact_actor_state::ingest_promise
contact_actor_state::ingest(messages::ingest_parcel command) {
  auto& next = queue_.emplace_back();
  next.promise = self->make_response_promise<messages::ingest_answer>();
  next.resolved = command->resolved;
  next.input = engine::event_input{std::move(command->event),
                                   std::move(command->owners)};
  if (const auto& waited
      = std::get<engine::event_input>(next.input).event.waited)
    next.row.due = waited->due;
  next.command = std::move(command);
  auto promise = std::get<ingest_promise>(next.promise);
  if (bounced_) {
    bounce(next);
    queue_.pop_back();
    return promise;
  }
  advance();
  return promise;
}

contact_actor_state::status_promise
contact_actor_state::fire(const persistence::due_timer& due) {
  auto& next = queue_.emplace_back();
  next.promise = self->make_response_promise<messages::status_answer>();
  next.input = engine::timer_input{due.what};
  auto promise = std::get<status_promise>(next.promise);
  advance();
  return promise;
}

contact_actor_state::status_promise
contact_actor_state::deliver(persistence::inbox_row& row) {
  auto& next = queue_.emplace_back();
  next.promise = self->make_response_promise<messages::status_answer>();
  engine::inbox_input input;
  input.id = row.id;
  input.hops = row.hops;
  input.target = row.target;
  input.properties = parse_properties(row.properties);
  input.record.type = row.type;
  input.record.body = row.properties;
  input.record.properties
    = {0, static_cast<std::uint32_t>(input.record.body.size())};
  input.record.from = engine::is_kept_by_troupe(row.type)
                        ? engine::door::platform
                        : engine::door::inside;
  next.input = std::move(input);
  next.row = std::move(row);
  auto promise = std::get<status_promise>(next.promise);
  if (bounced_) {
    bounce(next);
    queue_.pop_back();
    return promise;
  }
  advance();
  return promise;
}

contact_actor_state::status_promise
contact_actor_state::intervene(messages::run_intervention& command) {
  auto& next = queue_.emplace_back();
  next.promise = self->make_response_promise<messages::status_answer>();
  next.input = engine::intervention_input{
    std::move(command.what), std::move(command.request_id), command.trigger};
  auto promise = std::get<status_promise>(next.promise);
  advance();
  return promise;
}

void contact_actor_state::retire() {
  retired_ = true;
  end_if_retired();
}

void contact_actor_state::end_if_retired() {
  if (retired_ && queue_.empty() && batch_.empty() && !busy_ && !held_
      && yields_.empty() && erasures_.empty() && replays_ == 0)
    self->quit();
}

void contact_actor_state::load() {
  busy_ = true;
  // No timeouts here and below: readers and PERSISTENCE are local, answer
  // everything, and the process ends if one of them does.
  self
    ->request(options.reader, caf::infinite, atom::load_atom::value,
              engine::number(options.id))
    .then(
      [this](contact_loaded& answer) {
        busy_ = false;
        const auto absent
          = answer.failure && answer.failure->code == engine::errc::not_found;
        if (absent && !options.fresh) {
          bounce_all(); // a contact that never came to be
          return;
        }
        if (answer.failure && !absent) {
          fail_all(*answer.failure);
          return;
        }
        if (!absent) {
          state_ = std::move(answer.loaded.state);
          snapshot_seq_ = answer.loaded.snapshot_seq;
          merged_into_ = answer.loaded.merged_into;
        }
        ready_ = true;
        advance();
      },
      [this](const caf::error&) {
        fail_all(engine::interrupted());
      });
}

// Decides what waits, as far as it goes without a question, and commits it.
void contact_actor_state::advance() {
  if (busy_)
    return;
  if (!ready_) {
    load();
    return;
  }
  if (merged_into_ != engine::contact_id{}) {
    move_on();
    return;
  }
  if (absorbing_) {
    absorb_now();
    return;
  }
  if (held_)
    return;
  if (!yields_.empty()) {
    stand_still();
    return;
  }
  if (!erasures_.empty()) {
    erase_now();
    return;
  }
  sketch ahead{state_};
  const auto began = options.clock();
  while (!queue_.empty() && batch_.size() < turns_per_commit_max
         && decide_next(ahead, began))
    ;
  if (!batch_.empty())
    commit();
  end_if_retired();
}

void contact_actor_state::ask_owners() {
  busy_ = true;
  identity_query query{options.workspace, {}};
  for (const auto& who :
       std::get<engine::event_input>(queue_.front().input).event.identities)
    if (!state_.holds(who.kind, who.key))
      query.asked.push_back(who);
  self
    ->request(options.reader, caf::infinite, atom::resolve_atom::value,
              std::move(query))
    .then(
      [this](identities_resolved& answer) {
        busy_ = false;
        auto& next = queue_.front();
        if (answer.failure) {
          fail(next, *answer.failure);
          queue_.pop_front();
        } else {
          keep_apart(answer.owners, next.command->apart);
          std::get<engine::event_input>(next.input).owners
            = std::move(answer.owners);
          next.resolved = true;
          if (is_refused(next)) {
            fail(next, engine::contact_erased());
            queue_.pop_front();
          }
        }
        advance();
      },
      [this](const caf::error&) {
        fail_all(engine::interrupted());
      });
}

void contact_actor_state::ask_history(history_query query) {
  busy_ = true;
  self
    ->request(options.reader, caf::infinite, atom::history_atom::value,
              std::move(query))
    .then(
      [this](history_found& answer) {
        busy_ = false;
        auto& next = absorbing_ ? absorbing_->event : queue_.front();
        if (!answer.failure) {
          next.history = std::move(answer.events);
        } else if (absorbing_) {
          end_absorption({{*answer.failure, {}}, false, false});
        } else {
          fail(next, *answer.failure);
          queue_.pop_front();
        }
        advance();
      },
      [this](const caf::error&) {
        fail_all(engine::interrupted());
      });
}

void contact_actor_state::commit() {
  busy_ = true;
  persistence::commit_unit unit;
  unit.workspace = options.workspace;
  unit.contact = options.id;
  unit.previous = state_.last_turn;
  unit.skip = state_.skip_turn;
  unit.turns = std::move(rows_);
  rows_.clear();
  snapshot_sent_ = state_.seq >= snapshot_seq_ + snapshot_interval;
  if (snapshot_sent_)
    unit.snapshot = persistence::snapshot_row{
      state_.seq, persistence::encode_state(state_)};
  if (options.commits->add({std::move(unit), self->ctrl()}))
    self->send(options.collector, atom::flush_atom::value);
}

void contact_actor_state::start() {
  state_.workspace = options.workspace;
  state_.id = options.id;
  ready_ = options.fresh;
}

messages::contact_actor::behavior_type
contact(messages::contact_actor::stateful_pointer<contact_actor_state> self,
        contact_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.start();
  return {
    [&state](atom::ingest_atom, messages::ingest_parcel& command) {
      return state.ingest(std::move(command));
    },
    [&state](atom::fire_atom, const persistence::due_timer& due) {
      return state.fire(due);
    },
    [&state](atom::deliver_atom, persistence::inbox_row& row) {
      return state.deliver(row);
    },
    [&state](atom::intervene_atom, messages::run_intervention& command) {
      return state.intervene(command);
    },
    [&state](atom::erase_atom, messages::erasure_wish& wish) {
      return state.erase(wish);
    },
    [&state](atom::commit_atom, commit_answer& answer) {
      state.on_outcome(answer.outcome);
    },
    [&state](atom::yield_atom) {
      return state.yield();
    },
    [&state](atom::absorb_atom, absorption& what) {
      return state.absorb(what);
    },
    [&state](atom::release_atom, std::uint64_t into) {
      state.release(engine::contact_id{into});
    },
    [&state](atom::retire_atom) {
      state.retire();
    },
  };
}

} // namespace troupe::actors
