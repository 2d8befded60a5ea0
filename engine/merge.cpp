#include "engine/merge.hpp"

#include "engine/interpreter.hpp"
#include "engine/sessions.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace troupe::engine {

namespace {

// Records changes and applies them to the working copy.
class recorder {
public:
  recorder(turn& out, contact_state state)
    : out_(out), state_(std::move(state)) {}

  [[nodiscard]] const contact_state& state() const {
    return state_;
  }

  void record(change what) {
    apply_change(state_, what, out_.stamp);
    out_.changes.push_back(std::move(what));
  }

  contact_state take() {
    return std::move(state_);
  }

private:
  turn& out_;
  contact_state state_;
};

// Each goes before all others, so the last one of `absorbed` goes first.
void take_identities(recorder& into, const contact_state& absorbed) {
  const auto& theirs = *absorbed.identities;
  for (auto who = theirs.rbegin(); who != theirs.rend(); ++who)
    into.record(identity_inherited{*who});
}

void take_fields(recorder& into, const contact_state& absorbed) {
  for (const auto& member : *absorbed.attributes)
    if (!into.state().attributes->contains(member.key()))
      into.record(attribute_set{std::string{member.key()}, member.value()});
  for (const auto& tag : *absorbed.tags)
    if (!std::binary_search(into.state().tags->begin(),
                            into.state().tags->end(), tag))
      into.record(tag_added{tag});
  using limits = std::numeric_limits<std::int64_t>;
  const auto mine = into.state().score;
  const auto by = std::clamp(absorbed.score,
                             mine < 0 ? limits::min() - mine : limits::min(),
                             mine > 0 ? limits::max() - mine : limits::max());
  if (by != 0)
    into.record(score_added{by});
}

bool is_live(const contact_state& state, const run& theirs) {
  return std::any_of(state.runs->begin(), state.runs->end(),
                     [&](const copy_on_write<run>& mine) {
                       return mine->sequence == theirs.sequence
                              && mine->re_entry_key == theirs.re_entry_key;
                     });
}

// The survivor's run of a sequence stays; the other one is over.
void take_runs(recorder& into, turn& out, const contact_state& absorbed) {
  for (const auto& entry : *absorbed.entries)
    into.record(entry_inherited{entry});
  const auto before = into.state(); // two runs of theirs may both go on
  for (const auto& theirs : *absorbed.runs) {
    const auto ends
      = is_live(before, *theirs) || into.state().runs->size() >= live_runs_max;
    auto taken = *theirs;
    taken.number = into.state().runs_started + 1;
    const auto number = taken.number;
    const auto wake
      = theirs->wake_at
          ? std::optional{timer{*theirs->wake_at, number, theirs->visit}}
          : std::nullopt;
    into.record(run_inherited{copy_on_write{std::move(taken)}, theirs->number});
    if (ends)
      into.record(run_ended{number, run_status::exited, "merged"});
    else if (absorbed.is_paused(theirs->number))
      into.record(run_paused{number});
    else if (wake)
      out.timers_set.push_back(*wake);
    if (!ends && absorbed.is_overdue(theirs->number))
      into.record(run_overdue{number});
  }
  for (const auto& sent : *absorbed.sends)
    into.record(send_counted{sent, {}});
}

// One session goes on; what the absorbed contact had done of checklists is
// done.
void take_engagement(recorder& into, turn& out, const contact_state& absorbed) {
  if (const auto& theirs = *absorbed.session; !theirs.id.empty()) {
    into.record(timer_dropped{{theirs.due, 0, session_timer}});
    if (into.state().session->id.empty()) {
      into.record(session_opened{theirs});
      out.timers_set.push_back({theirs.due, 0, session_timer});
    } else {
      out.messages.push_back(end_of(theirs, 1));
    }
  }
  for (const auto& theirs : *absorbed.checklists) {
    for (const auto& step : theirs.steps)
      into.record(checklist_step_done{theirs.checklist, step});
    if (theirs.completed)
      into.record(checklist_done{theirs.checklist});
  }
  for (const auto& theirs : *absorbed.nudges)
    into.record(nudge_inherited{theirs});
}

struct party {
  contact_id contact{};
  bool has_external_id = false;
};

} // namespace

bool has_room(const contact_state& state, identity_kind kind) {
  return state.identities->size() < identities_max
         || (is_single(kind) && state.find(kind) != nullptr);
}

bool is_known_as(const contact_state& state, contact_id id) {
  return id == state.id
         || std::find(state.absorbed->begin(), state.absorbed->end(), id)
              != state.absorbed->end();
}

meeting meet(std::span<const identity_owner> owners) {
  std::vector<party> joined;
  const auto has_joined = [&](contact_id who) {
    return std::any_of(joined.begin(), joined.end(), [&](const party& each) {
      return each.contact == who;
    });
  };
  // Whose external_id the contact of the event has; 0: a new one.
  std::optional<contact_id> external;
  for (const auto& owner : owners)
    if (owner.who.kind == identity_kind::external_id && !external)
      external = owner.contact;
  for (const auto& owner : owners) {
    if (owner.contact == contact_id{} || has_joined(owner.contact))
      continue;
    // The owner of the primary identity is the contact of the event.
    const auto primary = &owner == owners.data();
    const auto other
      = owner.has_external_id && external && *external != owner.contact;
    if (!primary && (owner.apart || other))
      continue;
    if (owner.has_external_id)
      external = owner.contact;
    joined.push_back({owner.contact, owner.has_external_id});
  }
  if (joined.empty())
    return {};
  // Ids carry the time of creation below their shard.
  std::sort(joined.begin(), joined.end(), [](const party& a, const party& b) {
    if (a.has_external_id != b.has_external_id)
      return a.has_external_id;
    const auto at = std::pair{created_at(a.contact), number(a.contact)};
    return at < std::pair{created_at(b.contact), number(b.contact)};
  });
  meeting out{joined.front().contact, {}};
  for (std::size_t i = 1; i < joined.size(); ++i)
    out.absorbed.push_back(joined[i].contact);
  return out;
}

std::optional<contact_id> too_many(std::span<const contact_state> parties,
                                   const identity_owner& primary) {
  const auto& survivor = parties.front();
  auto identities = survivor.identities->size();
  auto absorbed = survivor.absorbed->size();
  for (const auto& each : parties.subspan(1)) {
    identities += each.identities->size();
    absorbed += each.absorbed->size() + 1;
    if (identities > identities_max || absorbed > identities_max)
      return each.id == primary.contact ? survivor.id : each.id;
  }
  // The event is the survivor's only if it can take the primary identity.
  if (primary.contact == contact_id{} && identities >= identities_max)
    return parties.back().id;
  return std::nullopt;
}

contact_state take_over(turn& out, contact_state state,
                        const contact_state& absorbed) {
  recorder into{out, std::move(state)};
  if (const auto& wake = absorbed.segments->wake_at)
    into.record(timer_dropped{{*wake, 0, segment_timer}});
  into.record(contact_absorbed{absorbed.id, absorbed.seq, absorbed.last_turn,
                               *absorbed.absorbed});
  take_identities(into, absorbed);
  take_fields(into, absorbed);
  take_runs(into, out, absorbed);
  for (auto& each : stricter(*into.state().preferences, *absorbed.preferences))
    into.record(preference_set{std::move(each)});
  take_engagement(into, out, absorbed);
  return into.take();
}

} // namespace troupe::engine
