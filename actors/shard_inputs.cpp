// Where an input of a shard goes, whatever its kind: an alternative that is not
// dealt with does not compile.
#include "actors/merge.hpp"
#include "actors/shard.hpp"
#include "engine/erasure.hpp"
#include "engine/overloaded.hpp"

namespace troupe::actors {

// To the shard that owns the contact.
void shard_actor_state::pass_on(const messages::shard_actor& there,
                                waiting input, engine::workspace_id workspace,
                                engine::contact_id contact) {
  std::visit(engine::overloaded{
               [&](waiting_ingest& event) {
                 event.command->contact = contact;
                 hand_on(self, there, std::move(event.command), event.promise);
               },
               [&](waiting_message& message) {
                 message.row.found = contact;
                 message.promise.delegate(there, atom::deliver_atom::value,
                                          std::move(message.row));
               },
               [&](waiting_timer& timer) {
                 timer.due.contact = contact;
                 timer.promise.delegate(there, atom::fire_atom::value,
                                        std::move(timer.due));
               },
               [&](waiting_intervention& wish) {
                 wish.command.contact.id = contact;
                 wish.promise.delegate(there, atom::intervene_atom::value,
                                       std::move(wish.command));
               },
               [&](waiting_erasure& erasing) {
                 erasing.wish.contact.id = contact;
                 erasing.promise.delegate(there, atom::erase_atom::value,
                                          std::move(erasing.wish));
               },
               [&](waiting_merge& merging) {
                 merging.promise.delegate(there, atom::yield_atom::value,
                                          yield_wish{workspace, contact});
               },
             },
             input);
}

void shard_actor_state::give(const messages::contact_actor& contact,
                             waiting input) {
  std::visit(engine::overloaded{
               [&](waiting_ingest& event) {
                 hand_on(self, contact, std::move(event.command),
                         event.promise);
               },
               [&](waiting_message& message) {
                 message.promise.delegate(contact, atom::deliver_atom::value,
                                          std::move(message.row));
               },
               [&](waiting_timer& timer) {
                 timer.promise.delegate(contact, atom::fire_atom::value,
                                        std::move(timer.due));
               },
               [&](waiting_intervention& wish) {
                 wish.promise.delegate(contact, atom::intervene_atom::value,
                                       std::move(wish.command));
               },
               [&](waiting_erasure& erasing) {
                 erasing.promise.delegate(contact, atom::erase_atom::value,
                                          std::move(erasing.wish));
               },
               [&](waiting_merge& merging) {
                 merging.promise.delegate(contact, atom::yield_atom::value);
               },
             },
             input);
}

void shard_actor_state::fail(waiting& input, const engine::error& reason) {
  std::visit(engine::overloaded{
               [&](waiting_ingest& event) {
                 answer_event(*event.command, event.promise, {reason, {}});
               },
               [&](waiting_merge& merging) {
                 merging.promise.deliver(yielded{reason, {}, {}, false});
               },
               [&](auto& other) {
                 other.promise.deliver(messages::status_answer{reason, {}, {}});
               },
             },
             input);
}

messages::merge_actor shard_actor_state::spawn_merge() {
  return self->spawn<caf::linked>(actors::merge,
                                  merge_options{options.shards, options.seed});
}

shard_actor_state::ingest_promise shard_actor_state::merge(merge_wish& wish) {
  auto promise = self->make_response_promise<messages::ingest_answer>();
  promise.delegate(spawn_merge(), atom::merge_atom::value, std::move(wish));
  return promise;
}

shard_actor_state::yield_promise
shard_actor_state::yield(const yield_wish& wish) {
  auto promise = self->make_response_promise<yielded>();
  hand(waiting_merge{promise}, wish.workspace, wish.contact, false);
  return promise;
}

shard_actor_state::status_promise
shard_actor_state::erase(messages::erasure_wish& wish) {
  auto promise = self->make_response_promise<messages::status_answer>();
  const auto workspace = wish.contact.workspace;
  const auto contact = wish.contact.id;
  hand(waiting_erasure{std::move(wish), promise}, workspace, contact, false);
  return promise;
}

// What names someone who was erased, where nobody is taken back. The message
// of another contact's sequence is nobody's then.
bool shard_actor_state::refuses(
  waiting& input, engine::workspace_id workspace,
  const std::vector<engine::identity_owner>& owners) {
  if (!messages::refuses_erased(*options.catalog->get(), workspace, owners))
    return false;
  if (auto* message = std::get_if<waiting_message>(&input))
    message->promise.deliver(messages::status_answer{});
  else
    fail(input, engine::contact_erased());
  return true;
}

} // namespace troupe::actors
