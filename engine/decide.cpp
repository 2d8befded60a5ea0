#include "engine/decide.hpp"

#include "engine/awaited_call.hpp"
#include "engine/contact_notice.hpp"
#include "engine/history.hpp"
#include "engine/identify.hpp"
#include "engine/interpreter.hpp"
#include "engine/meet_event.hpp"
#include "engine/merge.hpp"
#include "engine/segment_keeper.hpp"
#include "engine/sessions.hpp"
#include "engine/system_events.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

turn stamped(const contact_state& state, turn_kind kind,
             std::uint64_t definitions_version, timestamp now) {
  turn out;
  out.workspace = state.workspace;
  out.contact = state.id;
  out.kind = kind;
  out.stamp.seq = state.seq + 1;
  out.stamp.at = std::max(now, state.last_at + duration{1});
  out.definitions_version = definitions_version;
  return out;
}

void set_identities(interpreter& runs, turn& out, const incoming_event& from) {
  for (const auto kind : from.write->removed)
    if (const auto* old = runs.state().find(kind); old != nullptr)
      runs.record(identity_detached{kind, std::string{old->key}});
  for (const auto& who : from.identities)
    if (!runs.state().holds(who.kind, who.key))
      attach(runs, out, who);
}

void set_attributes(interpreter& runs, turn& out,
                    const boost::json::object& traits) {
  for (const auto& trait : traits) {
    const auto* held = runs.state().attributes->if_contains(trait.key());
    if (held == nullptr ? trait.value().is_null() : *held == trait.value())
      continue;
    if (!runs.set_attribute(std::string{trait.key()}, trait.value()))
      out.warnings.push_back({"attribute_limit", {}});
  }
}

void set_tags(interpreter& runs, turn& out, const contact_write& wish) {
  for (const auto& tag : wish.tags_removed)
    if (const auto& held = *runs.state().tags;
        std::find(held.begin(), held.end(), tag) != held.end())
      runs.record(tag_removed{tag});
  if (!wish.tags)
    return;
  const auto before = *runs.state().tags;
  const auto contains = [](const auto& all, const std::string& tag) {
    return std::find(all.begin(), all.end(), tag) != all.end();
  };
  for (const auto& tag : before)
    if (wish.exact && !contains(*wish.tags, tag))
      runs.record(tag_removed{tag});
  for (const auto& tag : *wish.tags)
    if (!contains(*runs.state().tags, tag))
      runs.record(tag_added{tag});
  if (runs.state().tags->size() > tags_max)
    out.warnings.push_back({"tag_limit", {}});
}

void set_preferences(interpreter& runs, turn& out,
                     const preference_list& wishes) {
  for (auto each : wishes) {
    const auto& held = *runs.state().preferences;
    const auto* made = find_preference(held, each.channel, each.category);
    if (made == nullptr && held.size() >= preferences_max) {
      out.warnings.push_back({"preference_limit", {}});
      if (each.subscribed)
        continue;
      each.category.clear();
      made = find_preference(held, each.channel, {});
    }
    if (made == nullptr || made->subscribed != each.subscribed)
      runs.record(preference_set{
        {each.channel, each.category, each.subscribed, out.stamp.at}});
  }
}

intervention written_by(const contact_write& wish) {
  intervention out;
  out.what = intervention_kind::write;
  out.by = wish.by;
  return out;
}

// It meets no run and no subscription: it is no event.
decision decide_write(const contact_state& state, const event_input& input,
                      const definitions& with, timestamp now,
                      const std::vector<past_event>* history) {
  const auto& wish = *input.event.write;
  auto out = stamped(state, turn_kind::intervention, with.version(), now);
  out.intervened = written_by(wish);
  out.key = input.event.key;
  out.request_id = input.event.request_id;
  interpreter runs{state, with, out, nullptr, history};
  segment_keeper segments{runs, with, out, nullptr, history};
  if (auto wanted = segments.begin())
    return *wanted;
  const auto begun = out.changes.size();
  if (wish.exact)
    set_identities(runs, out, input.event);
  else
    identify(runs, out, input);
  set_attributes(runs, out, input.event.traits);
  set_tags(runs, out, wish);
  set_preferences(runs, out, input.event.preferences);
  if (wish.score && *wish.score != runs.state().score)
    runs.record(score_added{*wish.score - runs.state().score});
  if (out.changes.size() == begun && state.seq != 0)
    out.changes.clear(); // nothing to write: what began can wait
  else
    segments.look(segment_cause::contact);
  segments.set_wake();
  name_contact(out, runs.state());
  return out;
}

decision decide_timer(const contact_state& state, const timer& fired,
                      const definitions& with, timestamp now,
                      const std::vector<past_event>* history) {
  auto out = stamped(state, turn_kind::timer, with.version(), now);
  out.fired = fired;
  name_contact(out, state);
  if (!is_current(state, fired))
    return out;
  interpreter runs{state, with, out, nullptr, history};
  segment_keeper segments{runs, with, out, nullptr, history};
  if (auto wanted = segments.begin())
    return *wanted;
  const auto is_of_segments = fired.run == 0 && fired.visit == segment_timer;
  if (fired.run != 0)
    runs.fire(fired);
  else if (fired.visit == session_timer)
    await_session(runs, out, with.sessions());
  if (runs.wanted())
    return *runs.wanted();
  segments.look(is_of_segments ? segment_cause::time : segment_cause::contact);
  segments.set_wake();
  return out;
}

// Into a segment or out of one, or nearer to it.
bool has_moved(const turn& decided) {
  return std::any_of(decided.changes.begin(), decided.changes.end(),
                     [](const change& what) {
                       return std::holds_alternative<segment_moved>(what)
                              || std::holds_alternative<segment_wake_set>(what);
                     });
}

// One that does nothing leaves the turn without a change.
decision decide_intervention(const contact_state& state,
                             const intervention_input& wish,
                             const definitions& with, timestamp now,
                             const std::vector<past_event>* history) {
  auto out = stamped(state, turn_kind::intervention, with.version(), now);
  out.intervened = wish.what;
  out.request_id = wish.request_id;
  name_contact(out, state);
  interpreter runs{state, with, out, nullptr, history};
  segment_keeper segments{runs, with, out, nullptr, history};
  const auto* starts = wish.what.what == intervention_kind::enrol
                         ? with.starting(wish.what.sequence)
                         : nullptr;
  if (auto wanted = segments.begin(starts))
    return *wanted;
  const auto begun = out.changes.size();
  const auto is_review = wish.what.what == intervention_kind::review;
  if (!is_review) {
    runs.intervene(wish.what);
    if (runs.wanted())
      return *runs.wanted();
    if (out.changes.size() == begun) {
      out.changes.clear();
      return out;
    }
  }
  segments.look(segment_cause::contact);
  segments.set_wake();
  // What began is then begun by the contact's next turn.
  if (is_review && !has_moved(out))
    out.changes.clear();
  return out;
}

bool is_held(const definitions& with, sequence_id sequence,
             std::uint32_t version) {
  const auto* pinned = with.find(sequence, version);
  return pinned != nullptr && pinned->paused;
}

// Without the notices.
decision decide_quietly(const contact_state& state, const turn_input& input,
                        const definitions& with, timestamp now,
                        const std::vector<past_event>* history) {
  if (const auto* fired = std::get_if<timer_input>(&input))
    return decide_timer(state, fired->what, with, now, history);
  if (const auto* message = std::get_if<inbox_input>(&input)) {
    auto out = stamped(state, turn_kind::inbox, with.version(), now);
    out.consumed = message->id;
    out.hops = message->hops;
    out.event = message->record;
    out.event->type = with.names().current(out.event->type);
    interpreter runs{state, with, out, &message->properties, history};
    segment_keeper segments{runs, with, out, &message->properties, history};
    if (auto wanted = segments.begin())
      return *wanted;
    if (message->target && state.seq == 0)
      attach(runs, out, *message->target);
    return meet_event(runs, segments, with, out, message->properties);
  }
  if (const auto* wish = std::get_if<intervention_input>(&input))
    return decide_intervention(state, *wish, with, now, history);
  if (const auto* merge = std::get_if<merge_input>(&input)) {
    auto out = stamped(state, turn_kind::merge, with.version(), now);
    name_contact(out, take_over(out, state, merge->absorbed));
    return out;
  }
  const auto& arrived = std::get<event_input>(input);
  if (arrived.event.write)
    return decide_write(state, arrived, with, now, history);
  auto out = stamped(state, turn_kind::event, with.version(), now);
  out.event = arrived.event.record;
  out.event->type = with.names().current(out.event->type);
  out.key = arrived.event.key;
  out.request_id = arrived.event.request_id;
  out.traced = arrived.event.traced;
  if (arrived.event.waited)
    out.consumed = arrived.event.waited->id;
  interpreter runs{state, with, out, &arrived.event.properties, history};
  segment_keeper segments{runs, with, out, &arrived.event.properties, history};
  if (auto wanted = segments.begin())
    return *wanted;
  // What was due before it is no part of it, and is told.
  if (is_history(arrived.event.record) && state.seq != 0)
    segments.look(segment_cause::contact);
  identify(runs, out, arrived);
  for (const auto& trait : arrived.event.traits)
    if (!runs.set_attribute(std::string{trait.key()}, trait.value()))
      out.warnings.push_back({"attribute_limit", {}});
  set_preferences(runs, out, arrived.event.preferences);
  if (is_history(arrived.event.record))
    return take_history(runs, segments, with, out, arrived.event.properties);
  keep_session(runs, out, with.sessions(), arrived.event);
  runs.set_variables(arrived.event.variables);
  return meet_event(runs, segments, with, out, arrived.event.properties,
                    !arrived.merged);
}

} // namespace

decision decide(const contact_state& state, const turn_input& input,
                const definitions& with, timestamp now,
                const std::vector<past_event>* history) {
  auto made = decide_quietly(state, input, with, now, history);
  if (auto* decided = std::get_if<turn>(&made))
    tell_notices(state, *decided, with);
  return made;
}

namespace {

// A call ends once: without the turn that told of it the run would rest for
// good.
void end_waiting_run(turn& out, const contact_state& state,
                     const boost::json::object& told) {
  const auto* which = told.if_contains(awaited_call_property);
  for (const auto& live : *state.runs) {
    if (which == nullptr || *which != boost::json::value(awaited_call(*live)))
      continue;
    if (live->wake_at && !state.is_paused(live->number))
      out.timers_cleared.push_back({*live->wake_at, live->number, live->visit});
    out.changes.emplace_back(
      run_ended{live->number, run_status::failed, "parked"});
  }
}

} // namespace

turn park(const contact_state& state, const turn_input& input, timestamp now,
          std::string failure) {
  auto out = stamped(state, turn_kind::parked, 0, now);
  out.failure = std::move(failure);
  if (const auto* fired = std::get_if<timer_input>(&input)) {
    out.fired = fired->what;
    // Its row is consumed: without it the run would rest there for good.
    if (is_current(state, fired->what)) {
      if (fired->what.run == 0 && fired->what.visit == segment_timer)
        out.changes.emplace_back(segment_wake_set{});
      else if (fired->what.run == 0)
        out.changes.emplace_back(session_closed{});
      else
        out.changes.emplace_back(
          run_ended{fired->what.run, run_status::failed, "parked"});
    }
  } else if (const auto* message = std::get_if<inbox_input>(&input)) {
    out.consumed = message->id;
    out.hops = message->hops;
    out.event = message->record;
    if (message->record.type == call_ended_event)
      end_waiting_run(out, state, message->properties);
  } else if (const auto* wish = std::get_if<intervention_input>(&input)) {
    out.intervened = wish->what;
  } else {
    const auto& arrived = std::get<event_input>(input);
    if (arrived.event.write)
      out.intervened = written_by(*arrived.event.write);
    else
      out.event = arrived.event.record;
    out.key = arrived.event.key;
    out.request_id = arrived.event.request_id;
    out.traced = arrived.event.traced;
    if (arrived.event.waited)
      out.consumed = arrived.event.waited->id;
    // A new contact needs its first identity even so.
    if (state.seq == 0)
      for (const auto& who : arrived.event.identities)
        if (state.identities->empty() && out.changes.empty())
          out.changes.emplace_back(identity_attached{who});
  }
  auto after = state;
  for (const auto& what : out.changes)
    apply_change(after, what, out.stamp);
  name_contact(out, after);
  return out;
}

std::vector<timer> overdue(const contact_state& state, const definitions& with,
                           timestamp at) {
  std::vector<timer> out;
  const auto stamp = std::max(at, state.last_at + duration{1});
  for (const auto& live : *state.runs)
    if (live->wake_at && *live->wake_at < stamp
        && !state.is_paused(live->number)
        && !is_held(with, live->sequence, live->version))
      out.push_back({*live->wake_at, live->number, live->visit});
  std::sort(out.begin(), out.end());
  return out;
}

bool is_current(const contact_state& state, const timer& what) {
  if (what.run == 0 && what.visit == segment_timer)
    return state.segments->wake_at == what.due;
  if (what.run == 0)
    return what.visit == session_timer && !state.session->id.empty()
           && state.session->due == what.due;
  const auto* live = state.find_run(what.run);
  return live != nullptr && live->visit == what.visit
         && live->wake_at == what.due && !state.is_paused(what.run);
}

} // namespace troupe::engine
