// What people do to runs: finds the contact, has it done, shows what came of
// it.
#include "actors/gateway.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

void fail(const messages::intervened_slot& slot, engine::error why) {
  messages::intervened failed;
  failed.failure = std::move(why);
  (*slot.complete)(std::move(failed));
}

engine::error no_such_run() {
  return {engine::errc::not_found, "run_not_found", "there is no such run", {}};
}

bool starts(const engine::turn& turn, const messages::run_intervention& wish) {
  return turn.workspace == wish.contact.workspace
         && std::any_of(
           turn.changes.begin(), turn.changes.end(),
           [&](const engine::change& each) {
             const auto* started = std::get_if<engine::run_started>(&each);
             return started != nullptr && started->ordinal == wish.what.ordinal;
           });
}

} // namespace

void gateway_actor_state::intervene(messages::run_intervention wish,
                                    const messages::intervened_slot& slot) {
  const auto interrupted = [slot](const caf::error&) {
    fail(slot, engine::interrupted());
  };
  if (wish.what.what == engine::intervention_kind::enrol) {
    self
      ->request(options.reader, caf::infinite, atom::show_atom::value,
                wish.contact)
      .then(
        [this, wish, slot](const messages::contact_shown& known) {
          if (known.failure)
            fail(slot, *known.failure);
          else
            intervene_on(known.state.id, wish, slot);
        },
        interrupted);
    return;
  }
  self
    ->request(options.reader, caf::infinite, atom::replay_atom::value,
              engine::number(wish.what.started))
    .then(
      [this, wish, slot](const turn_found& found) {
        if (found.failure && found.failure->code != engine::errc::not_found)
          fail(slot, *found.failure);
        else if (found.failure || !starts(found.turn, wish))
          fail(slot, no_such_run());
        else
          intervene_on(found.turn.contact, wish, slot);
      },
      interrupted);
}

void gateway_actor_state::intervene_on(engine::contact_id contact,
                                       messages::run_intervention wish,
                                       const messages::intervened_slot& slot) {
  wish.contact.id = contact;
  wish.contact.who.reset();
  const auto workspace = wish.contact.workspace;
  self
    ->request((*options.shards)(engine::shard_of(contact)), caf::infinite,
              atom::intervene_atom::value, std::move(wish))
    .then(
      [this, workspace, slot](const messages::status_answer& done) {
        if (done.failure)
          fail(slot, *done.failure);
        else
          show_intervened(done.contact, workspace, done.turn, slot);
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

void gateway_actor_state::show_intervened(
  engine::contact_id contact, engine::workspace_id workspace,
  engine::position turn, const messages::intervened_slot& slot) {
  self
    ->request(options.reader, caf::infinite, atom::show_atom::value,
              messages::contact_reference{workspace, contact, {}})
    .then(
      [turn, slot](messages::contact_shown& shown) {
        messages::intervened done;
        done.failure = shown.failure;
        done.turn = turn;
        done.shown = std::move(shown);
        (*slot.complete)(std::move(done));
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

} // namespace troupe::actors
