#include "engine/identify.hpp"

#include "engine/erasure.hpp"
#include "engine/merge.hpp"

#include <algorithm>
#include <span>

namespace troupe::engine {

namespace {

void warn(interpreter& runs, turn& out, std::string_view code,
          identity_kind kind) {
  runs.note(rule::identity, false, {}, 0, std::string{name_of(kind)});
  out.warnings.push_back({std::string{code}, kind});
}

// A merge can give a contact a second e-mail or phone: the one that was heard
// last is the one that is shown and sent to.
void put_last(interpreter& runs, const identity& who) {
  const auto* newest = runs.state().find(who.kind);
  if (newest->key == who.key)
    return;
  runs.record(identity_detached{who.kind, who.key});
  runs.record(identity_attached{who});
}

// The address that is shown and sent to, when an alias brings another one as
// its last: who becomes part of a contact is reached as that one is.
std::optional<identity> address_kept(const contact_state& state,
                                     std::span<const identity> from_brought) {
  const auto& brought = from_brought.front();
  const auto* shown = state.find(brought.kind);
  const auto is_last = std::none_of(
    from_brought.begin() + 1, from_brought.end(), [&](const identity& later) {
      return later.kind == brought.kind;
    });
  return shown != nullptr && shown->key != brought.key && is_last
           ? std::optional{*shown}
           : std::nullopt;
}

} // namespace

void attach(interpreter& runs, turn& out, const identity& who) {
  const auto& state = runs.state();
  if (!has_room(state, who.kind)) {
    warn(runs, out, "identity_limit", who.kind);
    return;
  }
  if (is_single(who.kind))
    if (const auto* old = state.find(who.kind); old != nullptr)
      runs.record(identity_detached{old->kind, old->key});
  runs.record(identity_attached{who});
}

// design.md 5: free identities are attached; those of another contact stay
// where they are and the answer says so. What had to merge has merged before.
void identify(interpreter& runs, turn& out, const event_input& input) {
  const auto& given = input.event.identities;
  const auto is_alias = input.event.record.kind == event_kind::alias;
  for (auto at = given.begin(); at != given.end(); ++at) {
    const auto& who = *at;
    // Of a kind that a contact has one of, an event's first is the one.
    const auto second
      = is_single(who.kind)
        && std::any_of(given.begin(), at, [&](const identity& earlier) {
             return earlier.kind == who.kind;
           });
    const auto kept = is_alias && is_single(who.kind)
                        ? address_kept(runs.state(), std::span{at, given.end()})
                        : std::nullopt;
    if (runs.state().holds(who.kind, who.key)) {
      if (is_single(who.kind) && !second)
        put_last(runs, kept.value_or(who));
      continue;
    }
    if (second && !is_alias)
      continue;
    const auto owner = std::find_if(input.owners.begin(), input.owners.end(),
                                    [&](const identity_owner& known) {
                                      return known.who.kind == who.kind
                                             && known.who.key == who.key;
                                    });
    const auto free = owner == input.owners.end()
                      || owner->contact == contact_id{}
                      || owner->contact == runs.state().id;
    const auto second_external
      = who.kind == identity_kind::external_id
        && runs.state().find(identity_kind::external_id) != nullptr;
    if (!free || second_external) {
      warn(runs, out,
           !free && owner->apart ? "identity_limit" : "identity_conflict",
           who.kind);
      continue;
    }
    attach(runs, out, who);
    if (owner != input.owners.end() && owner->erased) {
      runs.note(rule::identity, true, {}, 0, std::string{erased_before});
      out.warnings.push_back({std::string{erased_before}, who.kind});
    }
    if (kept && !runs.state().holds(kept->kind, kept->key))
      runs.record(identity_attached{*kept});
  }
  const auto& named = input.event.named;
  if (named && !input.event.write && !is_known_as(runs.state(), *named))
    warn(runs, out, "identity_conflict", identity_kind::own_id);
}

} // namespace troupe::engine
