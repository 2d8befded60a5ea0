#include "engine/decide.hpp"

#include "engine/interpreter.hpp"
#include "engine/merge.hpp"
#include "engine/sessions.hpp"

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

void warn(interpreter& runs, turn& out, std::string_view code,
          identity_kind kind) {
  runs.note(rule::identity, false, {}, 0, std::string{name_of(kind)});
  out.warnings.push_back({std::string{code}, kind});
}

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

// A merge can give a contact a second e-mail or phone: the one that was heard
// last is the one that is shown and sent to.
void put_last(interpreter& runs, const identity& who) {
  const auto* newest = runs.state().find(who.kind);
  if (newest->key == who.key)
    return;
  runs.record(identity_detached{who.kind, who.key});
  runs.record(identity_attached{who});
}

// design.md 5: free identities are attached; those of another contact stay
// where they are and the answer says so. What had to merge has merged before.
void identify(interpreter& runs, turn& out, const event_input& input) {
  const auto& given = input.event.identities;
  for (auto at = given.begin(); at != given.end(); ++at) {
    const auto& who = *at;
    // Of a kind that a contact has one of, an event's first is the one.
    const auto second
      = is_single(who.kind)
        && std::any_of(given.begin(), at, [&](const identity& earlier) {
             return earlier.kind == who.kind;
           });
    if (runs.state().holds(who.kind, who.key)) {
      if (is_single(who.kind) && !second)
        put_last(runs, who);
      continue;
    }
    if (second)
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
    if (free && !second_external)
      attach(runs, out, who);
    else
      warn(runs, out,
           !free && owner->apart ? "identity_limit" : "identity_conflict",
           who.kind);
  }
  const auto& named = input.event.named;
  if (named && !is_known_as(runs.state(), *named))
    warn(runs, out, "identity_conflict", identity_kind::own_id);
}

void match_subscriptions(interpreter& runs, const definitions& with, turn& out,
                         const boost::json::object* properties) {
  with.subscriptions().each(out.event->type, [&](const auto& subscription) {
    const auto seen = std::find(out.matched.begin(), out.matched.end(),
                                subscription->endpoint);
    if (seen != out.matched.end())
      return;
    if (subscription->filter) {
      const turn_scope scope{runs.state(), &*out.event, properties,
                             out.stamp.at};
      if (!subscription->filter->holds(scope))
        return;
    }
    out.matched.push_back(subscription->endpoint);
  });
}

// The answer, a replay of it and every view of the event name the contact as
// it was then (G12).
void name_contact(turn& out, const contact_state& state) {
  if (const auto* who = state.find(identity_kind::external_id))
    out.external_id = who->value;
  if (const auto* who = state.find(identity_kind::email))
    out.email = who->value;
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

intervention written_by(const contact_write& wish) {
  intervention out;
  out.what = intervention_kind::write;
  out.by = wish.by;
  return out;
}

// It meets no run and no subscription: it is no event.
turn decide_write(const contact_state& state, const event_input& input,
                  const definitions& with, timestamp now) {
  const auto& wish = *input.event.write;
  auto out = stamped(state, turn_kind::intervention, with.version(), now);
  out.intervened = written_by(wish);
  out.key = input.event.key;
  out.request_id = input.event.request_id;
  interpreter runs{state, with, out, nullptr, nullptr};
  if (wish.exact)
    set_identities(runs, out, input.event);
  else
    identify(runs, out, input);
  set_attributes(runs, out, input.event.traits);
  set_tags(runs, out, wish);
  if (wish.score && *wish.score != runs.state().score)
    runs.record(score_added{*wish.score - runs.state().score});
  name_contact(out, runs.state());
  return out;
}

// The turn's event meets the runs, the triggers and the subscriptions.
decision meet_event(interpreter& runs, const definitions& with, turn& out,
                    const boost::json::object& properties,
                    bool starts_runs = true) {
  keep_checklists(runs, out, with, properties);
  runs.see_event(starts_runs);
  if (runs.wanted())
    return *runs.wanted();
  match_subscriptions(runs, with, out, &properties);
  name_contact(out, runs.state());
  return std::move(out);
}

bool is_held(const definitions& with, sequence_id sequence,
             std::uint32_t version) {
  const auto* pinned = with.find(sequence, version);
  return pinned != nullptr && pinned->paused;
}

} // namespace

decision decide(const contact_state& state, const turn_input& input,
                const definitions& with, timestamp now,
                const std::vector<past_event>* history) {
  if (const auto* fired = std::get_if<timer_input>(&input)) {
    auto out = stamped(state, turn_kind::timer, with.version(), now);
    out.fired = fired->what;
    interpreter runs{state, with, out, nullptr, history};
    if (is_current(state, fired->what)) {
      if (fired->what.run == session_run)
        await_session(runs, out, with.sessions());
      else
        runs.fire(fired->what);
    }
    if (runs.wanted())
      return *runs.wanted();
    name_contact(out, state);
    return out;
  }
  if (const auto* message = std::get_if<inbox_input>(&input)) {
    auto out = stamped(state, turn_kind::inbox, with.version(), now);
    out.consumed = message->id;
    out.hops = message->hops;
    out.event = message->record;
    interpreter runs{state, with, out, &message->properties, history};
    if (message->target && state.seq == 0)
      attach(runs, out, *message->target);
    return meet_event(runs, with, out, message->properties);
  }
  if (const auto* wish = std::get_if<intervention_input>(&input)) {
    auto out = stamped(state, turn_kind::intervention, with.version(), now);
    out.intervened = wish->what;
    out.request_id = wish->request_id;
    interpreter runs{state, with, out, nullptr, history};
    runs.intervene(wish->what);
    if (runs.wanted())
      return *runs.wanted();
    name_contact(out, state);
    return out;
  }
  if (const auto* merge = std::get_if<merge_input>(&input)) {
    auto out = stamped(state, turn_kind::merge, with.version(), now);
    name_contact(out, take_over(out, state, merge->absorbed));
    return out;
  }
  const auto& arrived = std::get<event_input>(input);
  if (arrived.event.write)
    return decide_write(state, arrived, with, now);
  auto out = stamped(state, turn_kind::event, with.version(), now);
  out.event = arrived.event.record;
  out.key = arrived.event.key;
  out.request_id = arrived.event.request_id;
  out.traced = arrived.event.traced;
  interpreter runs{state, with, out, &arrived.event.properties, history};
  identify(runs, out, arrived);
  for (const auto& trait : arrived.event.traits)
    if (!runs.set_attribute(std::string{trait.key()}, trait.value()))
      out.warnings.push_back({"attribute_limit", {}});
  keep_session(runs, out, with.sessions(), arrived.event);
  return meet_event(runs, with, out, arrived.event.properties, !arrived.merged);
}

turn park(const contact_state& state, const turn_input& input, timestamp now,
          std::string failure) {
  auto out = stamped(state, turn_kind::parked, 0, now);
  out.failure = std::move(failure);
  if (const auto* fired = std::get_if<timer_input>(&input)) {
    out.fired = fired->what;
    // Its row is consumed: without it the run would rest there for good.
    if (is_current(state, fired->what)) {
      if (fired->what.run == session_run)
        out.changes.emplace_back(session_closed{});
      else
        out.changes.emplace_back(
          run_ended{fired->what.run, run_status::failed, "parked"});
    }
  } else if (const auto* message = std::get_if<inbox_input>(&input)) {
    out.consumed = message->id;
    out.hops = message->hops;
    out.event = message->record;
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
  if (what.run == session_run)
    return what.visit == session_visit && !state.session->id.empty()
           && state.session->due == what.due;
  const auto* live = state.find_run(what.run);
  return live != nullptr && live->visit == what.visit
         && live->wake_at == what.due && !state.is_paused(what.run);
}

} // namespace troupe::engine
