// What came of triggers, and those that are kept.
#include "actors/gateway_read.hpp"
#include "actors/reader.hpp"
#include "actors/trigger_wish.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::actors {

namespace {

using engine::errc;
using engine::error;

// Contacts that a look at a trigger has a look at, in at most that time.
constexpr std::size_t looked_at_max = 500;
constexpr auto looking_max = std::chrono::milliseconds{300};

error no_trigger() {
  return {errc::not_found, "trigger_not_found", "there is no such trigger", {}};
}

error too_many_triggers() {
  return {errc::conflict,
          "triggers_limit",
          "a workspace has at most 100,000 triggers that wait; call some off",
          {}};
}

error other_wish() {
  return {errc::conflict,
          "idempotency_key_mismatch",
          "this idempotency key was used for another request; use a new key "
          "for a new event",
          {}};
}

std::optional<engine::timestamp> end_of(const engine::execution& what) {
  auto at = what.run.ended_at;
  for (const auto& step : what.steps)
    at = std::max(at, step.ended_at);
  return at;
}

} // namespace

trigger_loaded reader_actor_state::load_trigger(const trigger_query& query) {
  auto row = store->trigger(query.workspace, query.id);
  if (!row)
    return {row.failure(), {}};
  return {std::nullopt, std::move(*row)};
}

messages::trigger_found
reader_actor_state::find_trigger(const messages::trigger_search& search) {
  messages::trigger_found found;
  auto turn = search.turn;
  if (turn == engine::position{}) {
    auto row = store->trigger(search.workspace, search.stored);
    if (!row) {
      found.failure = row.failure();
      return found;
    }
    found.row = std::move(*row);
    turn = found.row->turn;
  }
  if (found.row && found.row->kind == engine::trigger_kind::workflow) {
    found.workflow = workflow_in(found.row->wish);
    auto good = settle(found);
    if (good)
      good = add_contacts(found, search);
    if (!good)
      found.failure = good.failure();
    return found;
  }
  if (turn == engine::position{})
    return found;
  messages::decision_search wanted;
  wanted.contact.workspace = search.workspace;
  wanted.event = turn;
  wanted.with_executions = true;
  found.decision = explain(wanted);
  if (found.decision->failure)
    found.failure = found.decision->failure->code == errc::not_found
                      ? no_trigger()
                      : *found.decision->failure;
  return found;
}

// What became of the turn that a trigger made of a contact.
messages::decision_found
reader_actor_state::decided_in(engine::workspace_id workspace,
                               engine::position turn) {
  messages::decision_found found;
  auto first = store->turn_at(turn);
  if (!first || first->workspace != workspace) {
    found.failure = first ? no_trigger() : first.failure();
    return found;
  }
  found.turn = std::move(*first);
  if (auto good = add_executions(found); !good)
    found.failure = good.failure();
  return found;
}

// Looks at some of those that are not known to be over, each time at others.
engine::status reader_actor_state::settle(messages::trigger_found& found) {
  persistence::trigger_contact_query query;
  query.trigger = found.row->id;
  query.unsettled = true;
  query.limit = looked_at_max;
  if (settled_until_.first == query.trigger)
    query.after = settled_until_.second;
  const auto rows = store->trigger_contacts(query);
  if (!rows)
    return rows.failure();
  settled_until_ = {query.trigger, {}};
  const auto end = std::chrono::steady_clock::now() + looking_max;
  for (const auto& row : *rows) {
    if (std::chrono::steady_clock::now() > end) {
      settled_until_.second = row.contact;
      break;
    }
    const auto decided = decided_in(found.row->workspace, row.turn);
    if (decided.failure)
      return *decided.failure;
    auto over = row;
    over.workspace = found.row->workspace;
    over.outcome = engine::execution_status::filtered;
    over.ended_at = decided.turn->stamp.at;
    for (const auto& each : decided.executions) {
      over.outcome = engine::status_of(each);
      over.ended_at = std::max(over.ended_at, *end_of(each));
    }
    if (*over.outcome != engine::execution_status::processing)
      found.settled.push_back(std::move(over));
  }
  if (rows->size() == looked_at_max
      && settled_until_.second == engine::contact_id{})
    settled_until_.second = rows->back().contact;
  return engine::success();
}

engine::status
reader_actor_state::add_contacts(messages::trigger_found& found,
                                 const messages::trigger_search& search) {
  auto counts = store->trigger_counts_of(found.row->id);
  if (!counts)
    return counts.failure();
  found.counts = *counts;
  for (const auto& each : found.settled) {
    --found.counts.under_way;
    switch (*each.outcome) {
      case engine::execution_status::sent:
        ++found.counts.sent;
        break;
      case engine::execution_status::failed:
        ++found.counts.failed;
        break;
      default:
        ++found.counts.filtered;
    }
    found.counts.ended_at = std::max(found.counts.ended_at, each.ended_at);
  }
  if (search.limit == 0)
    return engine::success();
  persistence::trigger_contact_query query;
  query.trigger = found.row->id;
  query.outcome = search.of;
  query.unsettled = search.of == engine::execution_status::processing;
  query.after = search.after;
  query.limit = search.limit + 1;
  auto rows = store->trigger_contacts(query);
  if (!rows)
    return rows.failure();
  found.has_more = rows->size() > search.limit;
  rows->resize(std::min(rows->size(), search.limit));
  for (auto& row : *rows) {
    messages::triggered one;
    if (row.turn != engine::position{}) {
      one.decision = decided_in(found.row->workspace, row.turn);
      if (one.decision->failure)
        return *one.decision->failure;
    }
    one.row = std::move(row);
    found.contacts.push_back(std::move(one));
  }
  return engine::success();
}

void gateway_actor_state::keep_trigger(
  messages::trigger_wish wish, const messages::trigger_kept_slot& slot) {
  auto& row = wish.row;
  if (wish.event)
    row.wish = text_of(*wish.event);
  else if (wish.workflow)
    row.wish = text_of(*wish.workflow);
  const auto is_new = wish.event || wish.workflow;
  const auto id = row.id;
  const auto mark = row.key ? row.key->fingerprint : 0;
  row_change change;
  change.rows.emplace_back(std::move(row));
  ask(self, options.persistence, atom::store_atom::value, std::move(change),
      slot_to<row_changed>([slot, is_new, id, mark](row_changed done) {
        messages::trigger_kept kept;
        kept.failure = std::move(done.failure);
        if (!kept.failure)
          kept.row
            = std::get<engine::trigger_row>(std::move(done.rows.front()));
        const auto& now = kept.row;
        if (!kept.failure && is_new && !now.changed) {
          if (now.id == id)
            kept.failure = too_many_triggers(); // there was no room
          else if (now.key && now.key->fingerprint != mark)
            kept.failure = other_wish();
        }
        (*slot.complete)(std::move(kept));
      }));
}

// What was found to be over is kept before it is told, so that a list of those
// that came to something has them.
void gateway_actor_state::find_trigger(
  const messages::trigger_search& search,
  const messages::trigger_found_slot& slot) {
  const auto look
    = [this, search](std::function<void(messages::trigger_found)> then) {
        read(search.workspace, atom::find_atom::value, search,
             slot_to<messages::trigger_found>(std::move(then)));
      };
  look([this, search, look, slot](messages::trigger_found found) {
    if (found.failure || found.settled.empty())
      return (*slot.complete)(std::move(found));
    row_change change;
    for (auto& row : found.settled)
      change.rows.emplace_back(row);
    const auto kept = [search, look, slot, found](const row_changed& done) {
      if (!done.failure && search.limit != 0)
        look(*slot.complete);
      else
        (*slot.complete)(found);
    };
    ask(self, options.persistence, atom::store_atom::value, std::move(change),
        slot_to<row_changed>(kept));
  });
}

} // namespace troupe::actors
