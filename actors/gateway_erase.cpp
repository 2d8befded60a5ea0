// Erases contacts: finds the contact, has it erased, shows how far that is.
#include "actors/gateway_read.hpp"
#include "messages/erasures.hpp"

#include <random>

namespace troupe::actors {

namespace {

void fail(const messages::erasures_slot& slot, engine::error why) {
  messages::erasures_found failed;
  failed.failure = std::move(why);
  (*slot.complete)(std::move(failed));
}

std::string new_erasure_id() {
  std::random_device random;
  const auto low = (std::uint64_t{random()} << 32) | random();
  return "era_"
         + engine::ulid(system_time(), static_cast<std::uint16_t>(random()),
                        low);
}

} // namespace

void gateway_actor_state::erase(messages::erasure_wish wish,
                                const messages::erasures_slot& slot) {
  self
    ->request(options.reader, caf::infinite, atom::find_atom::value,
              wish.contact)
    .then(
      [this, wish, slot](const messages::status_answer& found) mutable {
        if (found.failure)
          return fail(slot, *found.failure);
        wish.text_id = new_erasure_id();
        wish.contact.id = found.contact;
        wish.contact.who.reset();
        wish.contact_hash = engine::contact_hash(
          options.ids->contact(wish.contact.workspace, found.contact));
        erase_found(std::move(wish), slot);
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

void gateway_actor_state::erase_found(messages::erasure_wish wish,
                                      const messages::erasures_slot& slot) {
  const messages::erasure_search made{wish.contact.workspace, wish.text_id, 0,
                                      1};
  self
    ->request((*options.shards)(engine::shard_of(wish.contact.id)),
              caf::infinite, atom::erase_atom::value, std::move(wish))
    .then(
      [this, made, slot](const messages::status_answer& done) {
        if (done.failure)
          fail(slot, *done.failure);
        else
          read(made.workspace, atom::find_atom::value, made, slot);
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

} // namespace troupe::actors
