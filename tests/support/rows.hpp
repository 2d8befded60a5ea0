// The rows of a decided turn, as its contact's actor hands them to the store.
#pragma once

#include "engine/contact.hpp"
#include "persistence/codec.hpp"
#include "persistence/queries.hpp"
#include "persistence/run_places.hpp"

namespace troupe::test {

/// What the store moves from the contact that a merge turn absorbs.
inline persistence::absorption_rows taken_of(const engine::turn& decided) {
  persistence::absorption_rows rows;
  for (const auto& what : decided.changes) {
    if (const auto* who = std::get_if<engine::identity_inherited>(&what))
      rows.identities.push_back(who->who);
    if (const auto* absorbed = std::get_if<engine::contact_absorbed>(&what)) {
      rows.contact = absorbed->contact;
      rows.seq = absorbed->seq;
      rows.last_turn = absorbed->last_turn;
    }
    if (const auto* dropped = std::get_if<engine::timer_dropped>(&what))
      rows.timers.push_back(dropped->what);
    if (const auto* run = std::get_if<engine::run_inherited>(&what)) {
      const auto& taken = *run->taken;
      rows.runs.push_back(
        {taken.sequence, taken.started_turn, taken.ordinal, taken.number});
      if (taken.wake_at)
        rows.timers.push_back({*taken.wake_at, run->number_there, taken.visit});
    }
  }
  return rows;
}

/// @param before the contact's state the turn was decided on
/// @param consumed_due when the inbox row it consumes was due
inline persistence::turn_rows rows_of(const engine::turn& decided,
                                      const engine::contact_state& before,
                                      engine::timestamp consumed_due = {}) {
  persistence::turn_rows rows;
  rows.seq = decided.stamp.seq;
  rows.at = decided.stamp.at;
  rows.kind = decided.kind;
  rows.payload = persistence::encode_turn(decided);
  rows.key = decided.key;
  rows.key_used_at = decided.stamp.at;
  rows.fired = decided.fired;
  rows.consumed = decided.consumed;
  rows.consumed_due = consumed_due;
  rows.timers_set = decided.timers_set;
  rows.timers_cleared = decided.timers_cleared;
  rows.matched = decided.matched;
  if (decided.event && decided.kind != engine::turn_kind::parked)
    rows.event_type = decided.event->type;
  for (const auto& what : decided.changes) {
    if (const auto* gained = std::get_if<engine::identity_attached>(&what))
      rows.claimed.push_back(gained->who);
    else if (const auto* lost = std::get_if<engine::identity_detached>(&what))
      rows.released.push_back({lost->kind, lost->key, {}});
    else if (const auto* moved = std::get_if<engine::segment_moved>(&what))
      (moved->entered ? rows.entered : rows.left).push_back(moved->segment);
  }
  rows.runs = persistence::places_of(decided, before);
  rows.held_for = persistence::held_for(decided);
  if (decided.kind == engine::turn_kind::merge)
    rows.absorbs = taken_of(decided);
  for (const auto& send : decided.sends)
    rows.sends.push_back(send.destination);
  for (std::size_t i = 0; i < decided.messages.size(); ++i) {
    const auto& message = decided.messages[i];
    const engine::inbox_id id{engine::number(decided.contact),
                              decided.stamp.seq * 1000 + i};
    rows.messages.push_back({id, decided.stamp.at, decided.workspace,
                             decided.contact, message.target, message.type,
                             message.properties, message.hops});
  }
  return rows;
}

} // namespace troupe::test
