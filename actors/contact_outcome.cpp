// What a contact does when its commit came back.
#include "actors/answer_event.hpp"
#include "actors/contact.hpp"
#include "actors/turn_rows.hpp"
#include "engine/erasure.hpp"

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

using engine::error;
using persistence::refused;

error no_such_contact() {
  return {engine::errc::not_found, "contact_not_found",
          "there is no contact with this id; name it by external_id or email "
          "to create it",
          "/contact/id"};
}

error decision_failed() {
  return {engine::errc::internal,
          "decision_failed",
          "this could not be decided and changed nothing; the contact's "
          "timeline keeps it as parked",
          {}};
}

// What an event tells is kept with it; what was to be done was not.
bool is_lost_wish(const engine::turn& made) {
  return made.kind == engine::turn_kind::parked && made.intervened
         && made.intervened->what != engine::intervention_kind::review;
}

messages::ingest_answer answer_of(const engine::turn& made) {
  if (is_lost_wish(made))
    return {decision_failed(), {}};
  return {std::nullopt, receipt_of(made)};
}

error other_body() {
  return {engine::errc::conflict,
          "idempotency_key_mismatch",
          "this idempotency key was used for another request; use a new key "
          "for a new event",
          {}};
}

} // namespace

void contact_actor_state::on_outcome(persistence::unit_outcome& outcome) {
  busy_ = false;
  if (const auto* done = std::get_if<persistence::committed>(&outcome))
    on_committed(done->first);
  else if (const auto* why = std::get_if<refused>(&outcome))
    on_refused(*why);
  else
    fail_all(std::get<error>(outcome));
}

void contact_actor_state::on_committed(engine::position first) {
  options.fresh = false; // it came to be, also when its next load fails
  // The snapshot that went along was of the state before these turns.
  if (snapshot_sent_)
    snapshot_seq_ = state_.seq;
  auto place = engine::number(first);
  for (auto& done : batch_) {
    done.made->stamp.turn = engine::position{place++};
    engine::apply(state_, *done.made);
    answer(done, &*done.made);
  }
  if (absorbing_)
    // Alone, the event was parked.
    end_absorption({answer_of(*batch_.back().made), batch_.size() > 1, false});
  batch_.clear();
  advance();
}

// The whole unit was left out: its inputs are decided again, but for the one
// that is settled.
void contact_actor_state::on_refused(const refused& why) {
  if (absorbing_) {
    on_absorption_refused(why);
    advance();
    return;
  }
  const auto never_was = state_.seq == 0;
  const auto guilty
    = std::next(batch_.begin(), static_cast<std::ptrdiff_t>(why.index));
  const auto take_out = [this, guilty] {
    requeue_batch();
    auto taken = std::move(*guilty);
    queue_.erase(guilty);
    return taken;
  };
  switch (why.why) {
    case refused::reason::key_used: {
      auto repeat = take_out();
      const auto key = *std::get<engine::event_input>(repeat.input).event.key;
      auto promise = std::get<ingest_promise>(repeat.promise);
      replay(key, why.holder,
             [command = repeat.command,
              promise](messages::ingest_answer first) mutable {
               answer_event(*command, promise, std::move(first));
             });
      break;
    }
    case refused::reason::input_gone: {
      auto settled = take_out();
      // Only a turn that this contact does not know of takes a timer that it
      // waits for: it would be overdue, and refused, for ever.
      if (const auto* timer = std::get_if<engine::timer_input>(&settled.input);
          timer != nullptr && engine::is_current(state_, timer->what))
        forget();
      answer(settled);
      break;
    }
    case refused::reason::identity_taken:
      if (never_was) {
        bounce_all(); // another contact took the first identity
        return;
      }
      if (++guilty->refusals >= tries_max) {
        auto loser = take_out();
        fail(loser, gave_up());
        break;
      }
      guilty->resolved = false;
      requeue_batch();
      break;
    case refused::reason::stale:
      if (never_was) {
        bounce_all(); // the new id was in use
        return;
      }
      requeue_batch();
      forget(); // the store knows better: read it again
      break;
  }
  // Its id is as old as the event that was refused, which a merge would take
  // for the age of the contact: a later event makes another.
  if (never_was && queue_.empty())
    bounce_all();
  else
    advance();
}

void contact_actor_state::requeue_batch() {
  queue_.splice(queue_.begin(), batch_);
}

// A used key answers with what the first use of it decided.
void contact_actor_state::replay(
  const engine::idempotency& mine, engine::position holder,
  std::function<void(messages::ingest_answer)> done) {
  ++replays_;
  auto finish = [this, done](messages::ingest_answer answer) {
    done(std::move(answer));
    --replays_;
    end_if_retired();
  };
  self
    ->request(options.reader, caf::infinite, atom::replay_atom::value,
              engine::number(holder))
    .then(
      [this, finish, mine](const turn_found& found) {
        if (found.failure)
          finish({*found.failure, {}});
        else if (found.turn.kind == engine::turn_kind::erased)
          finish({engine::contact_erased(), {}});
        else if (!found.turn.key || found.turn.workspace != options.workspace
                 || found.turn.key->fingerprint != mine.fingerprint)
          finish({other_body(), {}});
        else {
          auto first = answer_of(found.turn);
          first.done.replayed = true;
          finish(std::move(first));
        }
      },
      [finish](const caf::error&) {
        finish({engine::interrupted(), {}});
      });
}

// This contact never came to be: its events look for their contact again, also
// those that still arrive before the shard has let go of it.
void contact_actor_state::bounce_all() {
  requeue_batch();
  be_nobody();
  auto waiting = std::move(queue_);
  queue_.clear();
  for (auto& next : waiting)
    bounce(next);
  for (auto& merging : yields_)
    merging.deliver(yielded{{}, {}, {}, true});
  yields_.clear();
  refuse_erasures(gone());
  end_if_retired();
}

// The shard lets go of it. If its first commit was made after all, though
// nobody could tell, the next actor finds it in the store.
void contact_actor_state::be_nobody() {
  bounced_ = true;
  if (!std::exchange(leaving_, true))
    self->send(options.shard, atom::leave_atom::value,
               engine::number(options.id));
}

void contact_actor_state::bounce(pending& next) {
  if (std::holds_alternative<engine::event_input>(next.input))
    bounce_event(next);
  else if (std::holds_alternative<engine::inbox_input>(next.input))
    bounce_message(next);
  else if (std::holds_alternative<engine::intervention_input>(next.input))
    fail(next, no_such_contact());
  else
    answer(next); // a timer of a contact that is not there
}

void contact_actor_state::bounce_event(pending& next) {
  if (next.command->by_id)
    fail(next, no_such_contact());
  else if (++next.command->attempts > tries_max)
    fail(next, gave_up());
  else
    send_back(next);
}

// To the shard, which forgets that the event's primary identity is here.
void contact_actor_state::send_back(pending& next) {
  auto& command = *next.command;
  command.event = std::move(std::get<engine::event_input>(next.input).event);
  command.contact = {};
  command.adopt = false;
  command.resolved = false;
  command.owners.clear();
  command.bounced_by = options.id;
  command.bounced_for_good = bounced_;
  std::get<ingest_promise>(next.promise)
    .delegate(options.shard, atom::ingest_atom::value, std::move(next.command));
}

// One that gives up is found due again by the scheduler.
void contact_actor_state::bounce_message(pending& next) {
  if (!next.row.target) {
    answer(next); // of a contact that was erased: its row is gone
    return;
  }
  if (++next.row.tries > tries_max) {
    fail(next, gave_up());
    return;
  }
  next.row.found = {};
  next.row.bounced_by = options.id;
  next.row.bounced_for_good = bounced_;
  std::get<status_promise>(next.promise)
    .delegate(options.shard, atom::deliver_atom::value, std::move(next.row));
}

void contact_actor_state::tell(pending& of, messages::ingest_answer&& answer) {
  answer_event(*of.command, std::get<ingest_promise>(of.promise),
               std::move(answer));
}

void contact_actor_state::answer(pending& done, const engine::turn* committed) {
  if (auto* status = std::get_if<status_promise>(&done.promise)) {
    messages::status_answer said;
    said.contact = options.id;
    if (committed != nullptr) {
      said.turn = committed->stamp.turn;
      // A trigger's turn is kept whatever comes of it: that is what it asked.
      const auto* wish = std::get_if<engine::intervention_input>(&done.input);
      if (is_lost_wish(*committed) && wish != nullptr && !wish->trigger)
        said.failure = decision_failed();
    }
    status->deliver(std::move(said));
  } else if (std::holds_alternative<ingest_promise>(done.promise)) {
    tell(done, committed != nullptr
                 ? answer_of(*committed)
                 : messages::ingest_answer{has_happened(), {}});
  }
}

void contact_actor_state::fail(pending& done, const error& reason) {
  if (auto* status = std::get_if<status_promise>(&done.promise))
    status->deliver(messages::status_answer{reason, {}, {}});
  else if (std::holds_alternative<ingest_promise>(done.promise))
    tell(done, {reason, {}});
}

// The store did not take or give what it should: everyone waiting is told, and
// the next input starts from what the store has.
void contact_actor_state::fail_all(const error& reason) {
  busy_ = false;
  if (absorbing_) {
    batch_.clear();
    end_absorption({{reason, {}}, false, false});
  }
  requeue_batch();
  for (auto& next : queue_)
    fail(next, reason);
  queue_.clear();
  for (auto& merging : yields_)
    merging.deliver(yielded{reason, {}, {}, false});
  yields_.clear();
  refuse_erasures(reason);
  if (options.fresh && state_.seq == 0)
    be_nobody();
  forget();
  end_if_retired();
}

void contact_actor_state::forget() {
  rows_.clear();
  state_ = {};
  snapshot_seq_ = 0;
  start();
  ready_ = false;
}

} // namespace troupe::actors
