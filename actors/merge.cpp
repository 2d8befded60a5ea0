#include "actors/merge.hpp"

#include <algorithm>

namespace troupe::actors {

merge_actor_state::ingest_promise merge_actor_state::merge(merge_wish& wish) {
  promise_ = self->make_response_promise<messages::ingest_answer>();
  wish_ = std::move(wish);
  auto& contacts = wish_.contacts;
  std::sort(contacts.begin(), contacts.end());
  contacts.erase(std::unique(contacts.begin(), contacts.end()), contacts.end());
  const auto promise = promise_;
  stand_next_still();
  return promise;
}

void merge_actor_state::stand_next_still() {
  if (still_.size() == wish_.contacts.size()) {
    join();
    return;
  }
  const auto next = wish_.contacts[still_.size()];
  self
    ->request((*options.shards)(engine::shard_of(next)), caf::infinite,
              atom::yield_atom::value,
              yield_wish{wish_.command.workspace, next})
    .then(
      [this](yielded& answer) {
        on_yielded(answer);
      },
      [this](const caf::error&) {
        answer({engine::interrupted(), {}});
      });
}

void merge_actor_state::on_yielded(yielded& yields) {
  if (yields.failure) {
    answer({*yields.failure, {}});
  } else if (yields.gone) {
    look_again_counted(); // its identities have another owner now
  } else {
    still_.push_back(std::move(yields));
    stand_next_still();
  }
}

const yielded* merge_actor_state::find(engine::contact_id contact) const {
  const auto found = std::find_if(still_.begin(), still_.end(),
                                  [contact](const yielded& each) {
                                    return each.state.id == contact;
                                  });
  return found == still_.end() ? nullptr : &*found;
}

// Of those that stand still, what they hold; of others, what the store said.
std::vector<engine::identity_owner> merge_actor_state::owners_now() const {
  auto owners = wish_.command.owners;
  for (auto& owner : owners) {
    if (find(owner.contact) != nullptr)
      owner.contact = {};
    for (const auto& each : still_)
      if (each.state.holds(owner.who.kind, owner.who.key)) {
        owner.contact = each.state.id;
        owner.has_external_id
          = each.state.find(engine::identity_kind::external_id) != nullptr;
      }
  }
  return owners;
}

void merge_actor_state::join() {
  auto owners = owners_now();
  const auto met = engine::meet(owners);
  auto expected = met.absorbed;
  expected.push_back(met.goes_to);
  std::sort(expected.begin(), expected.end());
  if (expected != wish_.contacts) {
    look_again_counted();
    return;
  }
  absorb(met, std::move(owners));
}

void merge_actor_state::absorb(const engine::meeting& met,
                               std::vector<engine::identity_owner> owners) {
  std::vector<engine::contact_state> parties{find(met.goes_to)->state};
  for (const auto contact : met.absorbed)
    parties.push_back(find(contact)->state);
  if (const auto apart = engine::too_many(parties, owners.front())) {
    wish_.command.apart.push_back(*apart);
    look_again();
    return;
  }
  parties.erase(parties.begin());
  absorption what;
  what.command = wish_.command;
  what.command.reply = nullptr; // it answers to this merge
  what.command.owners = std::move(owners);
  what.taken = std::move(parties);
  self
    ->request(find(met.goes_to)->who, caf::infinite, atom::absorb_atom::value,
              std::move(what))
    .then(
      [this, survivor = met.goes_to](absorbed& answer) {
        on_absorbed(survivor, answer);
      },
      [this](const caf::error&) {
        answer({engine::interrupted(), {}});
      });
}

void merge_actor_state::on_absorbed(engine::contact_id survivor,
                                    absorbed& done) {
  if (done.again) {
    look_again_counted();
    return;
  }
  if (done.merged)
    release(survivor);
  answer(std::move(done.answer));
}

void merge_actor_state::look_again_counted() {
  if (++wish_.command.attempts > tries_max)
    answer({gave_up(), {}});
  else
    look_again();
}

// Back to the shard of the primary identity, as an event that has just come.
void merge_actor_state::look_again() {
  release({});
  auto& command = wish_.command;
  command.contact = {};
  command.adopt = false;
  command.resolved = false;
  command.owners.clear();
  command.bounced_by = {};
  const auto& primary = command.event.identities.front();
  const auto shard = (*options.shards)(engine::shard_of(
    options.seed, command.workspace, primary.kind, primary.key));
  promise_.delegate(shard, atom::ingest_atom::value,
                    messages::ingest_parcel{std::move(command)});
  self->quit();
}

void merge_actor_state::answer(messages::ingest_answer what) {
  release({});
  answer_event(wish_.command, promise_, std::move(what));
  self->quit();
}

/// @param survivor 0: nothing happened, as far as anyone knows
void merge_actor_state::release(engine::contact_id survivor) {
  for (const auto& each : still_)
    self->send(each.who, atom::release_atom::value, engine::number(survivor));
  still_.clear();
}

messages::merge_actor::behavior_type
merge(messages::merge_actor::stateful_pointer<merge_actor_state> self,
      merge_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::merge_atom, merge_wish& wish) {
      return state.merge(wish);
    },
  };
}

} // namespace troupe::actors
