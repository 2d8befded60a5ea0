#include "actors/turn_rows.hpp"

#include "persistence/codec.hpp"
#include "persistence/run_places.hpp"

namespace troupe::actors {

namespace {

using namespace engine;

// No event of a client has a name with "$".
constexpr std::string_view intervention_type = "$intervention";

void add_taken(persistence::absorption_rows& rows, const change& what) {
  if (const auto* who = std::get_if<identity_inherited>(&what)) {
    rows.identities.push_back(who->who);
  } else if (const auto* run = std::get_if<run_inherited>(&what)) {
    const auto& taken = *run->taken;
    rows.runs.push_back(
      {taken.sequence, taken.started_turn, taken.ordinal, taken.number});
    if (taken.wake_at)
      rows.timers.push_back({*taken.wake_at, run->number_there, taken.visit});
  } else if (const auto* dropped = std::get_if<timer_dropped>(&what)) {
    rows.timers.push_back(dropped->what);
  } else if (const auto* absorbed = std::get_if<contact_absorbed>(&what)) {
    rows.contact = absorbed->contact;
    rows.seq = absorbed->seq;
    rows.last_turn = absorbed->last_turn;
  }
}

// The last move of a turn is where the contact is.
void note_move(persistence::turn_rows& rows, const segment_moved& what) {
  auto& to = what.entered ? rows.entered : rows.left;
  std::erase(what.entered ? rows.left : rows.entered, what.segment);
  to.push_back(what.segment);
}

} // namespace

persistence::turn_rows rows_of(const turn& decided, const contact_state& before,
                               timestamp consumed_due) {
  persistence::turn_rows rows;
  rows.seq = decided.stamp.seq;
  rows.at = decided.stamp.at;
  rows.kind = decided.kind;
  rows.payload = persistence::encode_turn(decided);
  rows.key = decided.key;
  rows.fired = decided.fired;
  rows.consumed = decided.consumed;
  rows.consumed_due = consumed_due;
  rows.timers_set = decided.timers_set;
  rows.timers_cleared = decided.timers_cleared;
  rows.matched = decided.matched;
  if (decided.event && is_contact_event(decided.kind))
    rows.event_type = decided.event->type;
  // Found like an event, by the audit log; a review is nobody's doing, and an
  // enrolment that was refused did nothing.
  if (decided.intervened
      && decided.intervened->what != intervention_kind::review
      && (decided.intervened->what != intervention_kind::enrol
          || !decided.changes.empty()))
    rows.event_type = intervention_type;
  for (const auto& what : decided.changes) {
    if (const auto* gained = std::get_if<identity_attached>(&what))
      rows.claimed.push_back(gained->who);
    else if (const auto* lost = std::get_if<identity_detached>(&what))
      rows.released.push_back({lost->kind, lost->key, {}});
    else if (const auto* moved = std::get_if<segment_moved>(&what))
      note_move(rows, *moved);
  }
  rows.runs = persistence::places_of(decided, before);
  rows.held_for = persistence::held_for(decided);
  if (decided.kind == turn_kind::merge) {
    auto& taken = rows.absorbs.emplace();
    for (const auto& what : decided.changes)
      add_taken(taken, what);
  }
  for (const auto& send : decided.sends)
    rows.sends.push_back(send.destination);
  for (std::size_t i = 0; i < decided.messages.size(); ++i) {
    const auto& message = decided.messages[i];
    rows.messages.push_back({message_id(decided, i), decided.stamp.at,
                             decided.workspace, decided.contact, message.target,
                             message.type, message.properties, message.hops});
  }
  return rows;
}

messages::receipt receipt_of(const turn& committed) {
  messages::receipt out;
  out.workspace = committed.workspace;
  out.turn = committed.stamp.turn;
  out.at = committed.stamp.at;
  out.contact = committed.contact;
  if (committed.event)
    out.type = committed.event->type;
  out.external_id = committed.external_id;
  out.email = committed.email;
  out.nodes_entered = committed.nodes_entered;
  out.matched = static_cast<std::uint32_t>(committed.matched.size());
  out.warnings = committed.warnings;
  out.created = committed.stamp.seq == 1;
  return out;
}

} // namespace troupe::actors
