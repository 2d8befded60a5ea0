#include "engine/contact.hpp"

#include "engine/overloaded.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

using run_list = std::vector<copy_on_write<run>>;

template <class List>
auto position_of(List& runs, std::uint32_t number) {
  return std::lower_bound(
    runs.begin(), runs.end(), number,
    [](const copy_on_write<run>& held, std::uint32_t wanted) {
      return held->number < wanted;
    });
}

run* edit_run(contact_state& state, std::uint32_t number) {
  if (state.find_run(number) == nullptr)
    return nullptr;
  return &position_of(state.runs.edit(), number)->edit();
}

checklist_progress& progress_of(contact_state& state, const std::string& key) {
  auto& all = state.checklists.edit();
  const auto place = std::lower_bound(
    all.begin(), all.end(), key,
    [](const checklist_progress& each, const std::string& wanted) {
      return each.checklist < wanted;
    });
  if (place != all.end() && place->checklist == key)
    return *place;
  return *all.insert(place, {key, {}, false});
}

// What a session and checklists come to.
void engage(contact_state& state, const session_opened& what,
            const turn_stamp&) {
  state.session = copy_on_write{what.session};
}

void engage(contact_state& state, const session_kept& what,
            const turn_stamp& stamp) {
  auto& open = state.session.edit();
  open.last_at = stamp.at;
  open.pages += what.page ? 1 : 0;
}

void engage(contact_state& state, const session_awaited& what,
            const turn_stamp&) {
  state.session.edit().due = what.due;
}

void engage(contact_state& state, const session_closed&, const turn_stamp&) {
  state.session = {};
}

void engage(contact_state& state, const checklist_step_done& what,
            const turn_stamp&) {
  auto& steps = progress_of(state, what.checklist).steps;
  const auto place = std::lower_bound(steps.begin(), steps.end(), what.step);
  if (place == steps.end() || *place != what.step)
    steps.insert(place, what.step);
}

void engage(contact_state& state, const checklist_done& what,
            const turn_stamp&) {
  progress_of(state, what.checklist).completed = true;
}

// What becomes of the inbox.
void engage(contact_state& state, const nudge_put& what,
            const turn_stamp& stamp) {
  nudge fresh;
  fresh.id = what.id;
  fresh.turn = stamp.turn;
  fresh.ordinal = what.ordinal;
  if (const auto* by = state.find_run(what.run)) {
    fresh.run_turn = by->started_turn;
    fresh.run_ordinal = by->ordinal;
    fresh.run_started_at = by->started_at;
  }
  fresh.at = stamp.at;
  fresh.moved_at = stamp.at;
  fresh.expires_at = what.expires_at;
  put_nudge(state.nudges.edit(), std::move(fresh), stamp.at);
}

void engage(contact_state& state, const nudge_moved& what,
            const turn_stamp& stamp) {
  move_nudge(state.nudges.edit(), what.id, what.to, stamp.at);
}

void engage(contact_state& state, const nudge_inherited& what,
            const turn_stamp& stamp) {
  put_nudge(state.nudges.edit(), what.what, stamp.at);
}

entry_history& edit_entry(contact_state& state, sequence_id sequence,
                          const std::string& key) {
  auto& entries = state.entries.edit();
  const auto found
    = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
        return entry.sequence == sequence && entry.re_entry_key == key;
      });
  if (found != entries.end())
    return *found;
  return entries.emplace_back(entry_history{sequence, key, {}, {}});
}

using number_list = copy_on_write<std::vector<std::uint32_t>>; // sorted

bool contains(const number_list& numbers, std::uint32_t number) {
  return std::binary_search(numbers->begin(), numbers->end(), number);
}

void set_member(number_list& numbers, std::uint32_t number, bool is_in) {
  if (contains(numbers, number) == is_in)
    return;
  auto& all = numbers.edit();
  const auto place = std::lower_bound(all.begin(), all.end(), number);
  if (is_in)
    all.insert(place, number);
  else
    all.erase(place);
}

void count(contact_state& state, const send_counted& what) {
  auto& sends = state.sends.edit();
  std::erase_if(sends, [&](const counted_send& sent) {
    return sent.at <= what.forgotten;
  });
  const auto place
    = std::upper_bound(sends.begin(), sends.end(), what.sent,
                       [](const counted_send& a, const counted_send& b) {
                         return a.at < b.at;
                       });
  sends.insert(place, what.sent);
  if (sends.size() > counted_sends_max)
    sends.erase(sends.begin());
}

void start(contact_state& state, const run_started& what,
           const turn_stamp& stamp) {
  run fresh;
  fresh.number = what.number;
  fresh.ordinal = what.ordinal;
  fresh.sequence = what.sequence;
  fresh.version = what.version;
  fresh.started_turn = stamp.turn;
  fresh.started_at = stamp.at;
  fresh.entered_at = stamp.at;
  fresh.re_entry_key = what.re_entry_key;
  fresh.vars = what.vars;
  state.runs_started = what.number;
  state.runs.edit().emplace_back(std::move(fresh));
  edit_entry(state, what.sequence, what.re_entry_key).last_started = stamp.at;
}

void move(contact_state& state, const run_moved& what,
          const turn_stamp& stamp) {
  auto* moved = edit_run(state, what.number);
  if (moved == nullptr)
    return;
  moved->node = what.node;
  moved->visit += 1;
  moved->entered_at = stamp.at;
  moved->wake_at = what.wake_at;
  moved->counts.assign(what.clauses, 0);
  set_member(state.overdue, what.number, false);
}

void end(contact_state& state, const run_ended& what, const turn_stamp& stamp) {
  const auto* ended = state.find_run(what.number);
  if (ended == nullptr)
    return;
  edit_entry(state, ended->sequence, ended->re_entry_key).last_ended = stamp.at;
  auto& runs = state.runs.edit();
  runs.erase(position_of(runs, what.number));
  set_member(state.paused, what.number, false);
  set_member(state.overdue, what.number, false);
}

void inherit(contact_state& state, const run_inherited& what) {
  state.runs_started = what.taken->number;
  state.runs.edit().emplace_back(what.taken);
}

void inherit(contact_state& state, const entry_inherited& what) {
  const auto& theirs = what.entry;
  auto& entry = edit_entry(state, theirs.sequence, theirs.re_entry_key);
  entry.last_started = std::max(entry.last_started, theirs.last_started);
  entry.last_ended = std::max(entry.last_ended, theirs.last_ended);
}

void absorb(contact_state& state, const contact_absorbed& what) {
  auto& absorbed = state.absorbed.edit();
  absorbed.insert(absorbed.end(), what.before.begin(), what.before.end());
  absorbed.push_back(what.contact);
  forget_tallies(state);
}

} // namespace

const identity* contact_state::find(identity_kind kind) const {
  const auto& held = *identities;
  const auto found
    = std::find_if(held.rbegin(), held.rend(), [kind](const identity& who) {
        return who.kind == kind;
      });
  return found == held.rend() ? nullptr : &*found;
}

bool contact_state::holds(identity_kind kind, std::string_view key) const {
  return std::any_of(identities->begin(), identities->end(),
                     [&](const identity& who) {
                       return who.kind == kind && who.key == key;
                     });
}

const run* contact_state::find_run(std::uint32_t number) const {
  const auto found = position_of(*runs, number);
  return found == runs->end() || (*found)->number != number ? nullptr
                                                            : &**found;
}

bool contact_state::is_paused(std::uint32_t number) const {
  return contains(paused, number);
}

bool contact_state::is_overdue(std::uint32_t number) const {
  return contains(overdue, number);
}

void apply_change(contact_state& state, const change& what,
                  const turn_stamp& stamp) {
  std::visit(
    overloaded{
      [&](const identity_attached& c) {
        state.identities.edit().push_back(c.who);
      },
      [&](const identity_detached& c) {
        std::erase_if(state.identities.edit(), [&](const identity& who) {
          return who.kind == c.kind && who.key == c.key;
        });
      },
      [&](const attribute_set& c) {
        if (c.value.is_null())
          state.attributes.edit().erase(c.name);
        else
          state.attributes.edit()[c.name] = c.value;
      },
      [&](const tag_added& c) {
        auto& tags = state.tags.edit();
        const auto place = std::lower_bound(tags.begin(), tags.end(), c.tag);
        if (place == tags.end() || *place != c.tag)
          tags.insert(place, c.tag);
      },
      [&](const tag_removed& c) {
        std::erase(state.tags.edit(), c.tag);
      },
      [&](const score_added& c) {
        state.score += c.by;
      },
      [&](const run_started& c) {
        start(state, c, stamp);
      },
      [&](const run_moved& c) {
        move(state, c, stamp);
      },
      [&](const run_counted& c) {
        auto* counted = edit_run(state, c.number);
        if (counted != nullptr && c.clause < counted->counts.size())
          counted->counts[c.clause] += 1;
      },
      [&](const run_ended& c) {
        end(state, c, stamp);
      },
      [&](const identity_inherited& c) {
        auto& held = state.identities.edit();
        held.insert(held.begin(), c.who);
      },
      [&](const run_inherited& c) {
        inherit(state, c);
      },
      [&](const entry_inherited& c) {
        inherit(state, c);
      },
      [&](const contact_absorbed& c) {
        absorb(state, c);
      },
      [&](const run_paused& c) {
        set_member(state.paused, c.number, true);
      },
      [&](const run_resumed& c) {
        set_member(state.paused, c.number, false);
      },
      [&](const send_counted& c) {
        count(state, c);
      },
      [&](const run_overdue& c) {
        set_member(state.overdue, c.number, true);
      },
      [&](const tallies_begun& c) {
        apply_change(state, c);
      },
      [&](const event_tallied& c) {
        apply_change(state, c, stamp);
      },
      [&](const segment_moved& c) {
        apply_change(state, c);
      },
      [&](const segments_reviewed& c) {
        state.segments.edit().known_segments = c.known;
      },
      [&](const segment_wake_set& c) {
        state.segments.edit().wake_at = c.at;
      },
      [](const timer_dropped&) {}, // of a contact that is no more
      [&](const preference_set& c) {
        set_preference(state.preferences.edit(), c.wanted);
      },
      [&](const auto& c) {
        engage(state, c, stamp);
      },
    },
    what);
}

void apply(contact_state& state, const turn& committed) {
  state.workspace = committed.workspace;
  state.id = committed.contact;
  for (const auto& what : committed.changes)
    apply_change(state, what, committed.stamp);
  state.seq = committed.stamp.seq;
  state.last_at = committed.stamp.at;
  state.last_turn = committed.stamp.turn;
  if (state.seq % skip_interval == 0)
    state.skip_turn = committed.stamp.turn;
}

} // namespace troupe::engine
