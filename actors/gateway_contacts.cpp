// Writes to contacts: finds the contact, has it written, shows what came of it.
#include "actors/gateway_read.hpp"

namespace troupe::actors {

namespace {

void fail(const messages::contact_changed_slot& slot, engine::error why) {
  messages::contact_changed failed;
  failed.failure = std::move(why);
  (*slot.complete)(std::move(failed));
}

} // namespace

void gateway_actor_state::change_contact(
  messages::contact_change wish, const messages::contact_changed_slot& slot) {
  if (!wish.contact)
    return write_contact(std::move(wish.command), slot);
  self
    ->request(options.reader, caf::infinite, atom::find_atom::value,
              *wish.contact)
    .then(
      [this, wish, slot](const messages::status_answer& found) mutable {
        if (found.failure)
          return fail(slot, *found.failure);
        wish.command.contact = found.contact;
        wish.command.by_id = true;
        write_contact(std::move(wish.command), slot);
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

// With the bounds and the deadline of an event.
void gateway_actor_state::write_contact(
  messages::ingest command, const messages::contact_changed_slot& slot) {
  const auto workspace = command.workspace;
  const auto written = [this, workspace, slot](messages::ingest_answer answer) {
    if (!answer.failure)
      return show_changed(workspace, std::move(answer.done), slot);
    messages::contact_changed failed;
    failed.failure = std::move(answer.failure);
    failed.owner = answer.done.contact;
    (*slot.complete)(std::move(failed));
  };
  messages::ingest_batch batch;
  batch.items = std::make_shared<std::vector<messages::ingest_batch::item>>();
  batch.items->push_back({std::move(command), written});
  ingest(batch);
}

void gateway_actor_state::show_changed(
  engine::workspace_id workspace, messages::receipt done,
  const messages::contact_changed_slot& slot) {
  const messages::timeline_search what{
    {workspace, done.contact, {}}, false, {}, 0};
  self->request(options.reader, caf::infinite, atom::show_atom::value, what)
    .then(
      [slot, done](messages::contact_shown& shown) {
        messages::contact_changed changed;
        changed.failure = shown.failure;
        changed.done = done;
        changed.shown = std::move(shown);
        (*slot.complete)(std::move(changed));
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

} // namespace troupe::actors
