#include "persistence/postgres/commit_facts.hpp"

#include "persistence/postgres/batch.hpp"

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// Rows that a group takes away are locked, so that they are still there when it
// writes; heads are compared again then.
batch ask_keys() {
  return {"SELECT k.key_high, k.key_low, k.pos, k.at"
          " FROM unnest($1, $2, $3) AS a (slot, key_high, key_low)"
          " JOIN keys k ON k.slot=a.slot AND k.key_high=a.key_high"
          " AND k.key_low=a.key_low",
          "iii"};
}

batch ask_kept_keys() {
  return {"SELECT k.key_high, k.key_low, k.pos"
          " FROM unnest($1, $2) AS a (key_high, key_low)"
          " JOIN kept_keys k ON k.key_high=a.key_high"
          " AND k.key_low=a.key_low",
          "ii"};
}

batch ask_heads() {
  return {"SELECT h.contact, h.pos, h.contact_seq"
          " FROM unnest($1) AS a (contact)"
          " JOIN heads h ON h.contact=a.contact",
          "i"};
}

batch ask_workspaces() {
  return {"SELECT c.contact, c.workspace FROM unnest($1) AS a (contact)"
          " JOIN contacts c ON c.contact=a.contact",
          "i"};
}

batch ask_timers() {
  return {"SELECT t.due, t.contact, t.run, t.visit"
          " FROM unnest($1, $2, $3, $4) AS a (due, contact, run, visit)"
          " JOIN timers t ON t.due=a.due AND t.contact=a.contact"
          " AND t.run=a.run AND t.visit=a.visit FOR UPDATE OF t",
          "iiii"};
}

batch ask_messages() {
  return {"SELECT i.due, i.id_high, i.id_low"
          " FROM unnest($1, $2, $3) AS a (due, id_high, id_low)"
          " JOIN inbox i ON i.due=a.due AND i.id_high=a.id_high"
          " AND i.id_low=a.id_low FOR UPDATE OF i",
          "iii"};
}

batch ask_triggered() {
  return {"SELECT t.id_high, t.id_low, t.contact"
          " FROM unnest($1, $2, $3) AS a (id_high, id_low, contact)"
          " JOIN trigger_contacts t ON t.id_high=a.id_high"
          " AND t.id_low=a.id_low AND t.contact=a.contact",
          "iii"};
}

// The number of the identity in the question tells which one it is.
batch ask_owners() {
  return {"SELECT a.place, i.contact"
          " FROM unnest($1, $2, $3, $4) AS a (place, workspace, kind, key)"
          " JOIN identities i ON i.workspace=a.workspace AND i.kind=a.kind"
          " AND i.key=a.key",
          "iiib"};
}

template <class Id>
Id id_in(const answer& rows, int row, int column) {
  return Id{static_cast<std::underlying_type_t<Id>>(rows.integer(row, column))};
}

std::uint64_t bits_in(const answer& rows, int row, int column) {
  return static_cast<std::uint64_t>(rows.integer(row, column));
}

std::uint32_t small_in(const answer& rows, int row, int column) {
  return static_cast<std::uint32_t>(rows.integer(row, column));
}

} // namespace

position facts::holder_of(const engine::idempotency& key, timestamp now) const {
  const key_hash hash{key.key_high, key.key_low};
  if (key.is_kept) {
    const auto found = kept_keys.find(hash);
    return found == kept_keys.end() ? position{} : found->second;
  }
  // Both ways: the clock may have been set back.
  const auto [first, last] = keys.equal_range(hash);
  for (auto each = first; each != last; ++each)
    if (std::chrono::abs(now - each->second.at) <= engine::idempotency_window)
      return each->second.holder;
  return {};
}

contact_id facts::owner_of(workspace_id of, const engine::identity& who) const {
  return owners.at(key_of(of, who));
}

facts_reader::facts_reader(std::span<const commit_unit> units,
                           const test_workspaces& tests, const key_days& days) {
  for (const auto& unit : units) {
    heads_.insert(unit.contact);
    for (const auto& turn : unit.turns)
      ask(unit, turn, tests, days);
  }
}

void facts_reader::ask(const commit_unit& unit, const turn_rows& turn,
                       const test_workspaces& tests, const key_days& days) {
  if (turn.key && turn.key->is_kept)
    kept_keys_.emplace(turn.key->key_high, turn.key->key_low);
  else if (turn.key)
    for (auto day = day_of(turn.key_used_at) - 1;
         day <= day_of(turn.key_used_at) + 1; ++day)
      if (const auto slot = slot_of(day); days[slot] == day)
        keys_.emplace(slot, turn.key->key_high, turn.key->key_low);
  if (turn.fired)
    timers_.emplace(due_of(tests, unit.workspace, turn.fired->due),
                    unit.contact, turn.fired->run, turn.fired->visit);
  if (turn.consumed)
    messages_.emplace(due_of(tests, unit.workspace, turn.consumed_due),
                      turn.consumed->high, turn.consumed->low);
  if (turn.trigger)
    triggered_.emplace(turn.trigger->high, turn.trigger->low, unit.contact);
  for (const auto* list : {&turn.claimed, &turn.released})
    for (const auto& who : *list)
      identities_.insert(key_of(unit.workspace, who));
  if (!turn.absorbs)
    return;
  heads_.insert(turn.absorbs->contact);
  absorbed_.insert(turn.absorbs->contact);
  for (const auto& who : turn.absorbs->identities)
    identities_.insert(key_of(unit.workspace, who));
}

void facts_reader::append_to(std::vector<request>& all) const {
  auto keys = ask_keys();
  for (const auto& [slot, high, low] : keys_)
    keys.add(std::uint64_t{slot}, high, low);
  auto kept = ask_kept_keys();
  for (const auto& [high, low] : kept_keys_)
    kept.add(high, low);
  auto heads = ask_heads();
  for (const auto contact : heads_)
    heads.add(number(contact));
  auto workspaces = ask_workspaces();
  for (const auto contact : absorbed_)
    workspaces.add(number(contact));
  auto timers = ask_timers();
  for (const auto& [due, contact, run, visit] : timers_)
    timers.add(due, number(contact), run, visit);
  auto messages = ask_messages();
  for (const auto& [due, high, low] : messages_)
    messages.add(due, high, low);
  auto triggered = ask_triggered();
  for (const auto& [high, low, contact] : triggered_)
    triggered.add(high, low, number(contact));
  auto owners = ask_owners();
  std::uint64_t place = 0;
  for (const auto& [workspace, kind, key] : identities_)
    owners.add(place++, number(workspace), static_cast<int>(kind), key);
  for (const auto* each : {&heads, &keys, &kept, &workspaces, &timers,
                           &messages, &triggered, &owners})
    each->append_to(all);
}

facts facts_reader::read(std::span<const answer> answers) const {
  facts out;
  // In the order of append_to, which leaves out what has no rows.
  const auto take = [&](bool is_asked, auto add) {
    if (!is_asked)
      return;
    for (int row = 0; row < answers.front().rows(); ++row)
      add(answers.front(), row);
    answers = answers.subspan(1);
  };
  take(!heads_.empty(), [&](const answer& in, int row) {
    out.heads[id_in<contact_id>(in, row, 0)]
      = {id_in<position>(in, row, 1), bits_in(in, row, 2)};
  });
  take(!keys_.empty(), [&](const answer& in, int row) {
    out.keys.emplace(
      key_hash{bits_in(in, row, 0), bits_in(in, row, 1)},
      facts::use{id_in<position>(in, row, 2),
                 timestamp{engine::duration{in.integer(row, 3)}}});
  });
  take(!kept_keys_.empty(), [&](const answer& in, int row) {
    out.kept_keys[{bits_in(in, row, 0), bits_in(in, row, 1)}]
      = id_in<position>(in, row, 2);
  });
  take(!absorbed_.empty(), [&](const answer& in, int row) {
    out.workspaces[id_in<contact_id>(in, row, 0)]
      = id_in<workspace_id>(in, row, 1);
  });
  take(!timers_.empty(), [&](const answer& in, int row) {
    out.timers.emplace(in.integer(row, 0), id_in<contact_id>(in, row, 1),
                       small_in(in, row, 2), small_in(in, row, 3));
  });
  take(!messages_.empty(), [&](const answer& in, int row) {
    out.messages.emplace(in.integer(row, 0), bits_in(in, row, 1),
                         bits_in(in, row, 2));
  });
  take(!triggered_.empty(), [&](const answer& in, int row) {
    out.triggered.emplace(bits_in(in, row, 0), bits_in(in, row, 1),
                          id_in<contact_id>(in, row, 2));
  });
  std::vector<decltype(out.owners)::iterator> places;
  for (const auto& who : identities_)
    places.push_back(
      out.owners.emplace_hint(out.owners.end(), who, contact_id{}));
  take(!identities_.empty(), [&](const answer& in, int row) {
    places[static_cast<std::size_t>(in.integer(row, 0))]->second
      = id_in<contact_id>(in, row, 1);
  });
  return out;
}

} // namespace troupe::persistence::postgres
