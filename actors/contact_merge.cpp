// How contacts become one: standing still, absorbing, being absorbed.
#include "actors/contact.hpp"
#include "actors/turn_rows.hpp"
#include "engine/merge.hpp"

#include <algorithm>

namespace troupe::actors {

// Who owns each identity of the event, in its order.
std::vector<engine::identity_owner>
contact_actor_state::owners_of(const engine::event_input& arrived,
                               const engine::contact_state& on) {
  std::vector<engine::identity_owner> owners;
  const auto external = on.find(engine::identity_kind::external_id) != nullptr;
  for (const auto& who : arrived.event.identities) {
    auto& owner = owners.emplace_back(engine::identity_owner{who, {}, false});
    if (on.holds(who.kind, who.key)) {
      owner.contact = on.id;
      owner.has_external_id = external;
      continue;
    }
    for (const auto& known : arrived.owners)
      if (known.who.kind == who.kind && known.who.key == who.key)
        owner = known;
  }
  return owners;
}

// True when the event made this contact one with others, or is not its own:
// then it is on its way.
bool contact_actor_state::joins_others(pending& next,
                                       const engine::contact_state& on) {
  auto& arrived = std::get<engine::event_input>(next.input);
  const auto foreign = [&](const engine::identity_owner& owner) {
    return owner.contact != engine::contact_id{} && owner.contact != on.id;
  };
  if (std::none_of(arrived.owners.begin(), arrived.owners.end(), foreign))
    return false;
  auto owners = owners_of(arrived, on);
  auto met = engine::meet(owners);
  if (met.absorbed.empty()) {
    if (met.goes_to == on.id || met.goes_to == engine::contact_id{})
      return false;
    bounce(next);
    return true;
  }
  merge_wish wish;
  wish.contacts = std::move(met.absorbed);
  wish.contacts.push_back(met.goes_to);
  wish.command = std::move(*next.command);
  wish.command.event = std::move(arrived.event);
  wish.command.owners = std::move(owners);
  std::get<ingest_promise>(next.promise)
    .delegate(options.shard, atom::merge_atom::value, std::move(wish));
  return true;
}

// A contact that is full adopts nobody: then the event's contact is a new one.
bool contact_actor_state::adopts_too_many(pending& next,
                                          const engine::contact_state& on) {
  if (!next.command->adopt)
    return false;
  const auto& primary
    = std::get<engine::event_input>(next.input).event.identities.front();
  if (on.holds(primary.kind, primary.key) || engine::has_room(on, primary.kind))
    return false;
  next.command->apart.push_back(on.id);
  send_back(next);
  return true;
}

contact_actor_state::yield_promise contact_actor_state::yield() {
  auto promise = self->make_response_promise<yielded>();
  if (bounced_) {
    promise.deliver(yielded{{}, {}, {}, true});
    return promise;
  }
  yields_.push_back(promise);
  advance();
  return promise;
}

// Waits that are over end before anyone takes the contact as it is.
void contact_actor_state::stand_still() {
  const auto now = options.clock();
  const auto is_timer = [this] {
    return !queue_.empty()
           && std::holds_alternative<engine::timer_input>(queue_.front().input);
  };
  if (const auto due = overdue(state_, now); !due.empty()) {
    put_in_front(due); // one that is there already is stale by its turn
    sketch ahead{state_};
    while (is_timer() && batch_.size() < turns_per_commit_max
           && decide_next(ahead, now))
      ;
    if (!batch_.empty())
      commit();
    if (busy_)
      return;
  }
  held_ = true;
  auto promise = yields_.front();
  yields_.pop_front();
  promise.deliver(yielded{{}, self, state_, false});
}

contact_actor_state::absorb_promise
contact_actor_state::absorb(absorption& what) {
  absorbing_ = std::make_unique<survival>();
  auto& under_way = *absorbing_;
  under_way.promise = self->make_response_promise<absorbed>();
  under_way.taken = std::move(what.taken);
  engine::event_input arrived{std::move(what.command.event),
                              std::move(what.command.owners), true};
  if (arrived.event.waited)
    under_way.event.row.due = arrived.event.waited->due;
  under_way.event.input = std::move(arrived);
  auto promise = under_way.promise;
  advance();
  return promise;
}

// The turns that take over and the event's turn are one commit: none of them
// happens without the others.
void contact_actor_state::absorb_now() {
  sketch ahead{state_};
  const auto now = options.clock();
  const auto add = [&](engine::turn turn, engine::turn_input input) {
    rows_.push_back(rows_of(turn, ahead.state(), absorbing_->event.row.due));
    auto& from = batch_.emplace_back();
    from.input = std::move(input);
    from.made = std::move(turn);
    ahead.add(*from.made);
  };
  history_query query{options.workspace, options.id, {}, {}};
  for (const auto& taken : absorbing_->taken) {
    pending next;
    next.input = engine::merge_input{taken};
    auto made = std::get<engine::turn>(decide(ahead.state(), next, now));
    if (made.kind == engine::turn_kind::parked)
      return park_absorbing(now, std::move(made.failure));
    add(std::move(made), std::move(next.input));
    query.also.push_back(taken.id);
  }
  auto& event = absorbing_->event;
  auto made = decide(ahead.state(), event, now);
  if (auto* wanted = std::get_if<engine::history_request>(&made)) {
    batch_.clear();
    rows_.clear();
    query.what = std::move(*wanted);
    ask_history(std::move(query));
    return;
  }
  auto& turn = std::get<engine::turn>(made);
  if (turn.kind == engine::turn_kind::parked)
    return park_absorbing(now, std::move(turn.failure));
  add(std::move(turn), event.input);
  commit();
}

// An event that cannot be decided makes nobody one.
void contact_actor_state::park_absorbing(engine::timestamp now,
                                         std::string failure) {
  batch_.clear();
  rows_.clear();
  const auto& event = absorbing_->event;
  auto& kept = batch_.emplace_back();
  kept.input = event.input;
  kept.made = engine::park(state_, event.input, now, std::move(failure));
  rows_.push_back(rows_of(*kept.made, state_, event.row.due));
  commit();
}

void contact_actor_state::end_absorption(absorbed answer) {
  auto promise = absorbing_->promise;
  absorbing_.reset();
  promise.deliver(std::move(answer));
}

void contact_actor_state::on_absorption_refused(
  const persistence::refused& why) {
  const auto key
    = std::get<engine::event_input>(absorbing_->event.input).event.key;
  batch_.clear();
  if (why.why == persistence::refused::reason::key_used) {
    auto promise = absorbing_->promise;
    absorbing_.reset();
    replay(*key, why.holder, [promise](messages::ingest_answer first) mutable {
      promise.deliver(absorbed{std::move(first)});
    });
    return;
  }
  if (why.why == persistence::refused::reason::input_gone) {
    end_absorption({{has_happened(), {}}, false, false});
    return;
  }
  if (why.why == persistence::refused::reason::stale)
    forget();
  end_absorption({{}, false, true});
}

/// @param into who survived; 0: the merge did not happen, or nobody knows
void contact_actor_state::release(engine::contact_id into) {
  held_ = false;
  if (into == engine::contact_id{})
    forget(); // its commit may have come, or come late: the store knows
  else if (into != options.id)
    merged_into_ = into;
  advance();
}

// This contact is part of another one: all that comes finds that one.
void contact_actor_state::move_on() {
  for (auto& waiting : yields_)
    waiting.deliver(yielded{{}, {}, {}, true});
  yields_.clear();
  for (auto& next : queue_) {
    if (std::holds_alternative<engine::event_input>(next.input))
      forward_event(next);
    else if (std::holds_alternative<engine::inbox_input>(next.input))
      forward_message(next);
    else if (std::holds_alternative<engine::intervention_input>(next.input))
      forward_intervention(next);
    else
      answer(next); // its timers are the survivor's now
  }
  queue_.clear();
  forward_erasures();
  if (!leaving_)
    self->send(options.shard, atom::leave_atom::value,
               engine::number(options.id));
  leaving_ = true;
  end_if_retired();
}

void contact_actor_state::forward_event(pending& next) {
  if (!next.command->by_id) {
    send_back(next);
    return;
  }
  auto& command = *next.command;
  command.event = std::move(std::get<engine::event_input>(next.input).event);
  command.contact = merged_into_;
  std::get<ingest_promise>(next.promise)
    .delegate(options.shard, atom::ingest_atom::value, std::move(next.command));
}

void contact_actor_state::forward_message(pending& next) {
  if (next.row.target)
    next.row.bounced_by = options.id;
  next.row.found = next.row.target ? engine::contact_id{} : merged_into_;
  std::get<status_promise>(next.promise)
    .delegate(options.shard, atom::deliver_atom::value, std::move(next.row));
}

void contact_actor_state::forward_intervention(pending& next) {
  messages::run_intervention command;
  command.contact = {options.workspace, merged_into_, {}};
  auto& wish = std::get<engine::intervention_input>(next.input);
  command.what = std::move(wish.what);
  command.request_id = std::move(wish.request_id);
  command.trigger = wish.trigger;
  std::get<status_promise>(next.promise)
    .delegate(options.shard, atom::intervene_atom::value, std::move(command));
}

} // namespace troupe::actors
