// Where an input of a shard goes, whatever its kind: an alternative that is not
// dealt with does not compile.
#include "actors/shard.hpp"
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

} // namespace troupe::actors
