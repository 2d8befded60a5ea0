// What a contact does with the input in front: answers it, passes it on, asks a
// question first, or adds its turn to the batch.
#include "actors/contact.hpp"
#include "actors/turn_rows.hpp"
#include "engine/input_name.hpp"
#include "engine/merge.hpp"

#include <algorithm>
#include <new>

namespace troupe::actors {

namespace {

constexpr auto deciding_max = std::chrono::milliseconds{10};
constexpr std::string_view ended_the_process
  = "the process ended three times while this was decided";

const engine::definitions& definitions_of(const messages::catalog& all,
                                          engine::workspace_id workspace) {
  static const engine::definitions none{0};
  const auto found = all.workspaces.find(workspace);
  return found == all.workspaces.end() ? none : *found->second.definitions;
}

engine::error not_admitted(const engine::turn& decided) {
  const auto failed = std::find_if(decided.trace.begin(), decided.trace.end(),
                                   [](const engine::check& each) {
                                     return !each.passed;
                                   });
  const auto why = failed == decided.trace.end()
                     ? std::string_view{"its rules"}
                     : engine::name_of(failed->asked);
  return {engine::errc::conflict,
          "enrolment_refused",
          "the sequence does not admit this contact now: " + std::string{why},
          {}};
}

} // namespace

/// @returns false when the batch ends here
bool contact_actor_state::decide_next(sketch& ahead, engine::timestamp began) {
  const auto now = options.clock();
  if (!batch_.empty() && now - began > deciding_max)
    return false;
  const auto& on = ahead.state();
  auto& next = queue_.front();
  if (const auto* timer = std::get_if<engine::timer_input>(&next.input);
      timer != nullptr && !engine::is_current(on, timer->what)) {
    // Its row goes with the turn that left the visit: an answer before that
    // commit would make the scheduler forget a row that is still there.
    if (engine::is_current(state_, timer->what))
      return false;
    answer(next);
    queue_.pop_front();
    return true;
  }
  if (is_for_another(next, on)) {
    if (!batch_.empty())
      return false;
    // The store says it is this one: a commit of unknown outcome may have come
    // to it after the state was read.
    if (was_sent_back(next) && !std::exchange(next.read_again, true)) {
      forget();
      load();
      return false;
    }
    bounce(next);
    queue_.pop_front();
    return true;
  }
  if (refuses(next, on)) {
    queue_.pop_front();
    return true;
  }
  if (std::holds_alternative<engine::event_input>(next.input)) {
    if (needs_owners(next, on)) {
      if (batch_.empty())
        ask_owners();
      return false;
    }
    if (refuses_write(next, on) || adopts_too_many(next, on)
        || joins_others(next, on)) {
      queue_.pop_front();
      return true;
    }
    if (repeats_key(next))
      return false; // after this commit the store knows the first answer
    // Waits that ended before now end before the event is decided.
    const auto due = overdue(on, now);
    if (!due.empty()) {
      put_in_front(due);
      return true;
    }
  }
  auto made = decide(on, next, now);
  if (auto* wanted = std::get_if<engine::history_request>(&made)) {
    // History is read from the store, so what is decided must be there first.
    if (batch_.empty())
      ask_history({options.workspace, options.id, {}, std::move(*wanted)});
    return false;
  }
  auto& turn = std::get<engine::turn>(made);
  if (const auto* wish = std::get_if<engine::intervention_input>(&next.input);
      wish != nullptr && turn.changes.empty() && !wish->trigger
      && turn.kind != engine::turn_kind::parked) {
    if (wish->what.what == engine::intervention_kind::review)
      answer(next); // nothing changed
    else
      fail(next, not_admitted(turn));
    queue_.pop_front();
    return true;
  }
  if (settles_write(next, turn, on)) {
    queue_.pop_front();
    return true;
  }
  rows_.push_back(rows_of(turn, on, next.row.due));
  if (const auto* wish = std::get_if<engine::intervention_input>(&next.input))
    rows_.back().trigger = wish->trigger;
  next.made = std::move(turn);
  ahead.add(*next.made);
  batch_.splice(batch_.end(), queue_, queue_.begin());
  return true;
}

// What a person cannot do now leaves no turn. @returns true when answered
bool contact_actor_state::refuses(pending& next,
                                  const engine::contact_state& on) {
  const auto* wish = std::get_if<engine::intervention_input>(&next.input);
  if (wish == nullptr)
    return false;
  const auto catalog = options.catalog->get();
  const auto good = engine::check_intervention(
    on, wish->what, definitions_of(*catalog, options.workspace));
  if (!good)
    fail(next, good.failure());
  return !good;
}

void contact_actor_state::put_in_front(const std::vector<engine::timer>& due) {
  for (auto late = due.rbegin(); late != due.rend(); ++late) {
    pending first;
    first.input = engine::timer_input{*late};
    queue_.push_front(std::move(first));
  }
}

std::vector<engine::timer>
contact_actor_state::overdue(const engine::contact_state& on,
                             engine::timestamp now) const {
  const auto catalog = options.catalog->get();
  return engine::overdue(on, definitions_of(*catalog, options.workspace), now);
}

engine::decision contact_actor_state::decide(const engine::contact_state& on,
                                             pending& next,
                                             engine::timestamp now) const {
  const auto catalog = options.catalog->get();
  if (next.decided_with != catalog->generation)
    next.history.reset();
  next.decided_with = catalog->generation;
  if (!options.guard)
    return decide_or_park(on, next, *catalog, now);
  const auto which = engine::name_of(on, cause_of(next));
  if (options.guard->is_poison(which))
    return engine::park(on, cause_of(next), now,
                        std::string{ended_the_process});
  auto made = [&] {
    const decision_guard::mark under_way{*options.guard, which};
    return decide_or_park(on, next, *catalog, now);
  }();
  const auto goes_on = std::holds_alternative<engine::merge_input>(next.input);
  if (!goes_on && std::holds_alternative<engine::turn>(made))
    options.guard->acquit(which);
  return made;
}

// What comes again, and is kept when it cannot be decided: of a contact that is
// taken over, the event that met both.
const engine::turn_input&
contact_actor_state::cause_of(const pending& next) const {
  return absorbing_ ? absorbing_->event.input : next.input;
}

// By this contact or another one: the store was asked whose it is.
bool contact_actor_state::was_sent_back(const pending& next) {
  return std::holds_alternative<engine::event_input>(next.input)
           ? next.command->attempts > 0
           : next.row.tries > 0;
}

engine::decision contact_actor_state::decide_or_park(
  const engine::contact_state& on, const pending& next,
  const messages::catalog& with, engine::timestamp now) const {
  const auto* history = next.history ? &*next.history : nullptr;
  try {
    return engine::decide(
      on, next.input, definitions_of(with, options.workspace), now, history);
  } catch (const std::bad_alloc&) {
    throw; // not the input's fault
  } catch (const std::exception& failure) {
    return engine::park(on, cause_of(next), now, failure.what());
  }
}

// The shard's directory is a cache: the identity an event came by may have left
// this contact, or it may no longer be one that adopts.
bool contact_actor_state::is_for_another(
  const pending& next, const engine::contact_state& on) const {
  if (on.seq == 0)
    return false;
  if (const auto* message = std::get_if<engine::inbox_input>(&next.input))
    return message->target
           && !on.holds(message->target->kind, message->target->key);
  const auto* arrived = std::get_if<engine::event_input>(&next.input);
  if (arrived == nullptr || next.command->by_id
      || arrived->event.identities.empty())
    return false;
  const auto& primary = arrived->event.identities.front();
  if (on.holds(primary.kind, primary.key))
    return false;
  return !next.command->adopt
         || (primary.kind == engine::identity_kind::external_id
             && on.find(primary.kind) != nullptr);
}

bool contact_actor_state::needs_owners(const pending& next,
                                       const engine::contact_state& on) const {
  if (next.resolved)
    return false;
  const auto& event = std::get<engine::event_input>(next.input).event;
  return std::any_of(event.identities.begin(), event.identities.end(),
                     [&](const engine::identity& who) {
                       return !on.holds(who.kind, who.key);
                     });
}

bool contact_actor_state::repeats_key(const pending& next) const {
  const auto& key = std::get<engine::event_input>(next.input).event.key;
  return key
         && std::any_of(batch_.begin(), batch_.end(), [&](const pending& each) {
              const auto& other = each.made->key;
              return other && other->key_high == key->key_high
                     && other->key_low == key->key_low;
            });
}

} // namespace troupe::actors
