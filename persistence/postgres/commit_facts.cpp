#include "persistence/postgres/commit_facts.hpp"

#include "persistence/postgres/batch.hpp"

#include <algorithm>
#include <string>

namespace troupe::persistence::postgres {

using engine::number;

namespace {

// Rows that a group takes away are locked, so that they are still there when it
// writes; heads are compared again then.
// Of each its own table: through their parent a look costs twice as much.
batch ask_keys(std::size_t slot) {
  static const auto all = [] {
    std::array<std::string, 4> sql;
    for (std::size_t i = 0; i < sql.size(); ++i)
      sql[i] = "SELECT k.key_high, k.key_low, k.pos, k.at"
               " FROM unnest($1, $2) AS a (key_high, key_low)"
               " JOIN keys_"
               + std::to_string(i) + " k ON k.slot=" + std::to_string(i)
               + " AND k.key_high=a.key_high AND k.key_low=a.key_low";
    return sql;
  }();
  return {all.at(slot), "ii"};
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
                           const test_workspaces& tests, const key_days& days,
                           expectation how)
  : days_(days), is_trusting_(how == expectation::trusted) {
  for (const auto& unit : units) {
    if (is_trusting_)
      expect_head(unit);
    else
      heads_.insert(unit.contact);
    for (const auto& turn : unit.turns)
      ask(unit, turn, tests);
  }
}

// As the first of its units has it: that one is the first to be looked at.
void facts_reader::expect_head(const commit_unit& unit) {
  if (met_.insert(unit.contact).second && unit.previous != position{})
    expected_.heads[unit.contact] = {unit.previous, unit.turns.front().seq - 1};
}

// A key that is among those of its own day cannot be stored again.
void facts_reader::ask_key(const turn_rows& turn) {
  const auto& key = *turn.key;
  if (key.is_kept) {
    if (!is_trusting_)
      kept_keys_.emplace(key.key_high, key.key_low);
    return;
  }
  const auto today = day_of(turn.key_used_at);
  for (auto day = today - 1; day <= today + 1; ++day)
    if (const auto slot = slot_of(day);
        days_[slot] == day && !(is_trusting_ && day == today))
      keys_[slot].emplace(key.key_high, key.key_low);
}

void facts_reader::ask(const commit_unit& unit, const turn_rows& turn,
                       const test_workspaces& tests) {
  if (turn.key)
    ask_key(turn);
  if (turn.fired)
    timers_.emplace(due_of(tests, unit.workspace, turn.fired->due),
                    unit.contact, turn.fired->run, turn.fired->visit);
  if (turn.consumed)
    messages_.emplace(due_of(tests, unit.workspace, turn.consumed_due),
                      turn.consumed->high, turn.consumed->low);
  if (turn.trigger)
    triggered_.emplace(turn.trigger->high, turn.trigger->low, unit.contact);
  for (const auto& who : turn.released)
    identities_.insert(key_of(unit.workspace, who));
  for (const auto& who : turn.claimed)
    if (is_trusting_)
      expected_.owners[key_of(unit.workspace, who)] = {};
    else
      identities_.insert(key_of(unit.workspace, who));
  if (!turn.absorbs)
    return;
  heads_.insert(turn.absorbs->contact);
  absorbed_.insert(turn.absorbs->contact);
  for (const auto& who : turn.absorbs->identities)
    identities_.insert(key_of(unit.workspace, who));
}

bool facts_reader::is_answered() const {
  return heads_.empty() && absorbed_.empty() && kept_keys_.empty()
         && timers_.empty() && messages_.empty() && triggered_.empty()
         && identities_.empty()
         && std::all_of(keys_.begin(), keys_.end(), [](const auto& each) {
              return each.empty();
            });
}

void facts_reader::append_to(std::vector<request>& all) const {
  auto heads = ask_heads();
  for (const auto contact : heads_)
    heads.add(number(contact));
  heads.append_to(all);
  for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
    auto keys = ask_keys(slot);
    for (const auto& [high, low] : keys_[slot])
      keys.add(high, low);
    keys.append_to(all);
  }
  auto kept = ask_kept_keys();
  for (const auto& [high, low] : kept_keys_)
    kept.add(high, low);
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
  for (const auto* each :
       {&kept, &workspaces, &timers, &messages, &triggered, &owners})
    each->append_to(all);
}

facts facts_reader::read(std::span<const answer> answers) const {
  auto out = expected_;
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
  for (const auto& keys : keys_)
    take(!keys.empty(), [&](const answer& in, int row) {
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
    places.push_back(out.owners.emplace(who, contact_id{}).first);
  take(!identities_.empty(), [&](const answer& in, int row) {
    places[static_cast<std::size_t>(in.integer(row, 0))]->second
      = id_in<contact_id>(in, row, 1);
  });
  return out;
}

} // namespace troupe::persistence::postgres
