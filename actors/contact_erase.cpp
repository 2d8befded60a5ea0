// How a contact is erased: it decides what it has begun, then it is nobody's.
#include "actors/contact.hpp"
#include "engine/erasure.hpp"
#include "engine/json_text.hpp"

namespace troupe::actors {

contact_actor_state::status_promise
contact_actor_state::erase(messages::erasure_wish& wish) {
  auto promise = self->make_response_promise<messages::status_answer>();
  if (bounced_) {
    promise.deliver(messages::status_answer{gone(), {}, {}});
    return promise;
  }
  erasures_.push_back({std::move(wish), promise});
  advance();
  return promise;
}

// What waits is decided by whoever is there when the contact is not: a new
// contact, if it names one.
void contact_actor_state::erase_now() {
  busy_ = true;
  const auto& asked = erasures_.front().wish;
  erasure_order order;
  auto& wish = order.wish;
  wish.text_id = asked.text_id;
  wish.workspace = options.workspace;
  wish.contact = options.id;
  wish.seq = state_.seq;
  wish.last_turn = state_.last_turn;
  wish.identities = *state_.identities;
  wish.timers = engine::timers_of(state_);
  for (const auto& each : *state_.runs)
    wish.runs.push_back({each->sequence, each->started_turn, each->ordinal});
  wish.contact_hash = asked.contact_hash;
  wish.note.workspace = options.workspace;
  wish.note.action = "contact.erased";
  wish.note.actor = asked.by;
  wish.note.request_id = asked.request_id;
  wish.note.subject = asked.text_id;
  wish.note.details = engine::to_json(
    boost::json::object{{"contact_hash", asked.contact_hash}});
  self
    ->request(options.persistence, caf::infinite, atom::erase_atom::value,
              std::move(order))
    .then(
      [this](const messages::status_answer& answer) {
        erased(answer);
      },
      [this](const caf::error&) {
        fail_all(engine::interrupted());
      });
}

void contact_actor_state::erased(const messages::status_answer& answer) {
  busy_ = false;
  if (answer.failure && answer.failure->code == engine::errc::conflict) {
    forget(); // the store knows better: read it again
    advance();
    return;
  }
  if (answer.failure) {
    fail_all(*answer.failure);
    return;
  }
  erasures_.front().promise.deliver(answer);
  erasures_.pop_front();
  bounce_all();
}

void contact_actor_state::refuse_erasures(const engine::error& why) {
  for (auto& each : erasures_)
    each.promise.deliver(messages::status_answer{why, {}, {}});
  erasures_.clear();
}

// To the contact that this one is part of.
void contact_actor_state::forward_erasures() {
  for (auto& each : erasures_) {
    each.wish.contact.id = merged_into_;
    each.promise.delegate(options.shard, atom::erase_atom::value,
                          std::move(each.wish));
  }
  erasures_.clear();
}

// It names someone who was erased, and the workspace takes nobody back.
bool contact_actor_state::is_refused(const pending& next) const {
  return messages::refuses_erased(
    *options.catalog->get(), options.workspace,
    std::get<engine::event_input>(next.input).owners);
}

engine::error contact_actor_state::gone() {
  return {engine::errc::not_found,
          "contact_not_found",
          "there is no such contact",
          {}};
}

} // namespace troupe::actors
