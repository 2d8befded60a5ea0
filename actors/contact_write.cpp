// What a contact does with a write: what cannot be written leaves no turn.
#include "actors/contact.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

engine::error taken(engine::identity_kind kind) {
  return {engine::errc::conflict, "identity_taken",
          "this identity belongs to another contact",
          "/" + std::string{engine::name_of(kind)}};
}

engine::error last_identity() {
  return {engine::errc::conflict,
          "last_identity",
          "a contact keeps at least one identity; give it another one first",
          {}};
}

engine::error too_many(const std::string& limit) {
  if (limit == "attribute_limit")
    return engine::invalid(limit,
                           "a contact has at most 512 attributes of at most "
                           "32 KiB each",
                           "/attributes");
  if (limit == "tag_limit")
    return engine::invalid(limit, "a contact has at most 512 tags", "/tags");
  if (limit == "preference_limit")
    return engine::invalid(limit, "a contact has at most 500 choices", "/data");
  return engine::invalid(limit, "a contact has at most 1,000 identities", {});
}

} // namespace

// A write whose contact is to be nobody yet takes the place of none, and an
// exact write takes nothing from another contact. @returns true when answered
bool contact_actor_state::refuses_write(pending& next,
                                        const engine::contact_state& on) {
  const auto& arrived = std::get<engine::event_input>(next.input);
  const auto& wish = arrived.event.write;
  if (!wish || !(wish->exact || wish->is_new))
    return false;
  const auto refuse = [&](engine::identity_kind kind, engine::contact_id who) {
    messages::receipt whose;
    whose.contact = who;
    tell(next, {taken(kind), std::move(whose)});
    return true;
  };
  for (const auto& owner : arrived.owners)
    if (owner.contact != engine::contact_id{} && owner.contact != on.id
        && !on.holds(owner.who.kind, owner.who.key))
      return refuse(owner.who.kind, owner.contact);
  if (wish->is_new && on.seq != 0)
    return refuse(arrived.event.identities.front().kind, on.id);
  if (!wish->exact)
    return false;
  const auto stays = [&](const engine::identity& who) {
    return std::find(wish->removed.begin(), wish->removed.end(), who.kind)
           == wish->removed.end();
  };
  if (arrived.event.identities.empty()
      && std::none_of(on.identities->begin(), on.identities->end(), stays)) {
    fail(next, last_identity());
    return true;
  }
  return false;
}

// One over a limit is refused; one that changes nothing needs no turn.
// @returns true when answered
bool contact_actor_state::settles_write(pending& next, const engine::turn& made,
                                        const engine::contact_state& on) {
  const auto* arrived = std::get_if<engine::event_input>(&next.input);
  if (arrived == nullptr || !arrived->event.write)
    return false;
  const auto over = std::find_if(made.warnings.begin(), made.warnings.end(),
                                 [](const auto& each) {
                                   return each.code.ends_with("_limit");
                                 });
  if (over != made.warnings.end()) {
    fail(next, too_many(over->code));
    return true;
  }
  if (!made.changes.empty() || made.key || !batch_.empty()
      || made.kind == engine::turn_kind::parked)
    return false;
  messages::receipt same;
  same.workspace = on.workspace;
  same.contact = on.id;
  same.at = on.last_at;
  same.warnings = made.warnings;
  tell(next, {std::nullopt, std::move(same)});
  return true;
}

} // namespace troupe::actors
