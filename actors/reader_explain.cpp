// What was decided about an event, with what was before it.
#include "actors/reader.hpp"

namespace troupe::actors {

namespace {

using engine::errc;

engine::error no_event() {
  return {errc::not_found, "event_not_found", "there is no such event", {}};
}

messages::decision_found failed(const engine::error& why) {
  messages::decision_found found;
  found.failure = why;
  return found;
}

} // namespace

// `event_not_found` when it is nobody's, or another contact's.
engine::result<engine::turn>
reader_actor_state::event_turn(const messages::decision_search& search,
                               engine::contact_id survivor) {
  auto turn = store->turn_at(search.event);
  if (!turn)
    return turn.failure().code == errc::not_found ? no_event() : turn.failure();
  if (turn->workspace != search.contact.workspace || !turn->event
      || turn->kind == engine::turn_kind::notice)
    return no_event();
  if (survivor == engine::contact_id{})
    return turn;
  const auto owner = survivor_of(turn->contact);
  if (!owner)
    return owner.failure();
  if (*owner != survivor)
    return no_event();
  return turn;
}

engine::result<std::vector<engine::delivery_status>>
reader_actor_state::statuses_of(const engine::turn& what) {
  std::vector<engine::delivery_status> found;
  for (const auto endpoint : what.matched) {
    const auto row = store->delivery({endpoint, what.stamp.turn, 0});
    if (!row && row.failure().code != errc::not_found)
      return row.failure();
    found.push_back(row ? row->status : engine::delivery_status::pending);
  }
  return found;
}

messages::decision_found
reader_actor_state::explain(const messages::decision_search& search) {
  messages::decision_found found;
  engine::contact_id survivor{};
  if (search.contact.who || search.contact.id != engine::contact_id{}) {
    const auto contact = contact_of(search.contact);
    if (!contact)
      return failed(contact.failure());
    const auto shown
      = show({{search.contact.workspace, *contact, {}}, false, {}, 0});
    if (shown.failure)
      return failed(*shown.failure);
    survivor = shown.merged_into == engine::contact_id{} ? *contact
                                                         : shown.merged_into;
  }
  if (search.event != engine::position{}) {
    auto turn = event_turn(search, survivor);
    if (!turn)
      return failed(turn.failure());
    found.turn = std::move(*turn);
  } else {
    persistence::event_query newest;
    newest.workspace = search.contact.workspace;
    newest.contact = survivor;
    newest.limit = 1;
    auto page = store->events(newest);
    if (!page)
      return failed(page.failure());
    if (!page->turns.empty())
      found.turn = std::move(page->turns.front());
  }
  const auto whose = found.turn ? found.turn->contact : survivor;
  auto before = run_turns(
    whose, found.turn ? found.turn->stamp.turn : engine::position{}, {});
  if (!before)
    return failed(before.failure());
  // Those that it absorbed number their runs for themselves.
  for (auto turn = before->rbegin(); turn != before->rend(); ++turn)
    if (turn->contact == whose)
      found.before.add(*turn);
  found.after = found.before;
  if (found.turn) {
    found.after.add(*found.turn);
    auto statuses = statuses_of(*found.turn);
    if (!statuses)
      return failed(statuses.failure());
    found.deliveries = std::move(*statuses);
    if (search.with_executions)
      if (auto good = add_executions(found); !good)
        return failed(good.failure());
  }
  return found;
}

} // namespace troupe::actors
