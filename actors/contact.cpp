#include "actors/contact.hpp"

#include "actors/turn_rows.hpp"
#include "engine/merge.hpp"
#include "persistence/codec.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

constexpr auto deciding_max = std::chrono::milliseconds{10};
constexpr std::uint64_t snapshot_interval = 32;
const engine::definitions& definitions_of(const messages::catalog& all,
                                          engine::workspace_id workspace) {
  static const engine::definitions none{0};
  const auto found = all.workspaces.find(workspace);
  return found == all.workspaces.end() ? none : *found->second.definitions;
}

boost::json::object parse_properties(const std::string& text) {
  boost::json::error_code failure;
  auto value = boost::json::parse(text, failure);
  return !failure && value.is_object() ? std::move(value.get_object())
                                       : boost::json::object{};
}

} // namespace

contact_actor_state::ingest_promise
contact_actor_state::ingest(messages::ingest& command) {
  pending next;
  next.promise = self->make_response_promise<messages::ingest_answer>();
  next.resolved = command.resolved;
  next.input
    = engine::event_input{std::move(command.event), std::move(command.owners)};
  next.command = std::move(command);
  auto promise = std::get<ingest_promise>(next.promise);
  if (bounced_) {
    bounce(next);
    return promise;
  }
  queue_.push_back(std::move(next));
  advance();
  return promise;
}

contact_actor_state::status_promise
contact_actor_state::fire(const persistence::due_timer& due) {
  pending next;
  next.promise = self->make_response_promise<messages::status_answer>();
  next.input = engine::timer_input{due.what};
  auto promise = std::get<status_promise>(next.promise);
  queue_.push_back(std::move(next));
  advance();
  return promise;
}

contact_actor_state::status_promise
contact_actor_state::deliver(persistence::inbox_row& row) {
  pending next;
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
  input.record.from = engine::door::inside;
  next.input = std::move(input);
  next.row = std::move(row);
  auto promise = std::get<status_promise>(next.promise);
  if (bounced_) {
    bounce(next);
    return promise;
  }
  queue_.push_back(std::move(next));
  advance();
  return promise;
}

void contact_actor_state::retire() {
  retired_ = true;
  end_if_retired();
}

void contact_actor_state::end_if_retired() {
  if (retired_ && queue_.empty() && batch_.empty() && !busy_ && !held_
      && yields_.empty() && replays_ == 0)
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
  sketch ahead{state_};
  const auto began = options.clock();
  while (!queue_.empty() && batch_.size() < turns_per_commit_max
         && decide_next(ahead, began))
    ;
  if (!batch_.empty())
    commit();
  end_if_retired();
}

/// @returns false when the batch ends here
bool contact_actor_state::decide_next(sketch& ahead, engine::timestamp began) {
  const auto now = options.clock();
  if (!batch_.empty() && now - began > deciding_max)
    return false;
  for (; ahead.applied < batch_.size(); ++ahead.applied)
    engine::apply(ahead.state, batch_[ahead.applied].what);
  auto& next = queue_.front();
  if (const auto* timer = std::get_if<engine::timer_input>(&next.input);
      timer != nullptr && !engine::is_current(ahead.state, timer->what)) {
    // Its row goes with the turn that left the visit: an answer before that
    // commit would make the scheduler forget a row that is still there.
    if (engine::is_current(state_, timer->what))
      return false;
    answer(next);
    queue_.pop_front();
    return true;
  }
  if (is_for_another(next, ahead.state)) {
    if (!batch_.empty())
      return false;
    bounce(next);
    queue_.pop_front();
    return true;
  }
  if (std::holds_alternative<engine::event_input>(next.input)) {
    if (needs_owners(next, ahead.state)) {
      if (batch_.empty())
        ask_owners();
      return false;
    }
    if (adopts_too_many(next, ahead.state) || joins_others(next, ahead.state)) {
      queue_.pop_front();
      return true;
    }
    if (repeats_key(next))
      return false; // after this commit the store knows the first answer
    // Waits that ended before now end before the event is decided.
    const auto due = engine::overdue(ahead.state, now);
    if (!due.empty()) {
      put_in_front(due);
      return true;
    }
  }
  auto made = decide(ahead.state, next, now);
  if (auto* wanted = std::get_if<engine::history_request>(&made)) {
    // History is read from the store, so what is decided must be there first.
    if (batch_.empty())
      ask_history({options.workspace, options.id, {}, std::move(*wanted)});
    return false;
  }
  auto& turn = std::get<engine::turn>(made);
  rows_.push_back(rows_of(turn, ahead.state, next.row.due));
  batch_.push_back({std::move(turn), std::move(next)});
  queue_.pop_front();
  return true;
}

void contact_actor_state::put_in_front(const std::vector<engine::timer>& due) {
  for (auto late = due.rbegin(); late != due.rend(); ++late) {
    pending first;
    first.input = engine::timer_input{*late};
    queue_.push_front(std::move(first));
  }
}

engine::decision contact_actor_state::decide(const engine::contact_state& on,
                                             const pending& next,
                                             engine::timestamp now) const {
  const auto catalog = options.catalog->get();
  try {
    return engine::decide(on, next.input,
                          definitions_of(*catalog, options.workspace), now,
                          next.history ? &*next.history : nullptr);
  } catch (const std::exception& failure) {
    return engine::park(on, next.input, now, failure.what());
  }
}

// The shard's directory is a cache: the identity an event came by may have left
// this contact, or it may no longer be one that adopts.
bool contact_actor_state::is_for_another(
  const pending& next, const engine::contact_state& on) const {
  if (on.seq == 0)
    return false;
  if (const auto* message = std::get_if<engine::inbox_input>(&next.input))
    return message->target
           && !on.holds(message->target->kind, message->target->key);
  const auto* arrived = std::get_if<engine::event_input>(&next.input);
  if (arrived == nullptr || next.command.by_id
      || arrived->event.identities.empty())
    return false;
  const auto& primary = arrived->event.identities.front();
  if (on.holds(primary.kind, primary.key))
    return false;
  return !next.command.adopt
         || (primary.kind == engine::identity_kind::external_id
             && on.find(primary.kind) != nullptr);
}

bool contact_actor_state::needs_owners(const pending& next,
                                       const engine::contact_state& on) const {
  if (next.resolved)
    return false;
  const auto& event = std::get<engine::event_input>(next.input).event;
  return std::any_of(event.identities.begin(), event.identities.end(),
                     [&](const engine::identity& who) {
                       return !on.holds(who.kind, who.key);
                     });
}

bool contact_actor_state::repeats_key(const pending& next) const {
  const auto& key = std::get<engine::event_input>(next.input).event.key;
  return key
         && std::any_of(batch_.begin(), batch_.end(), [&](const decided& d) {
              return d.what.key && d.what.key->key_high == key->key_high
                     && d.what.key->key_low == key->key_low;
            });
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
          keep_apart(answer.owners, next.command.apart);
          std::get<engine::event_input>(next.input).owners
            = std::move(answer.owners);
          next.resolved = true;
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
  self->send(options.persistence, atom::commit_atom::value, std::move(unit));
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
    [&state](atom::ingest_atom, messages::ingest& command) {
      return state.ingest(command);
    },
    [&state](atom::fire_atom, const persistence::due_timer& due) {
      return state.fire(due);
    },
    [&state](atom::deliver_atom, persistence::inbox_row& row) {
      return state.deliver(row);
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
