// What became of deliveries, as the store has it.
#include "actors/reader.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

using engine::delivery_status;

constexpr std::size_t scanned_deliveries = 20'000; // for one page
constexpr std::size_t lane_turns = 512; // looked at for the one before
constexpr std::size_t lane_chunk = 64;

// What is pending for an endpoint that is not active is held.
std::vector<delivery_status>
stored_statuses(const messages::delivery_search& search) {
  if (search.active)
    return search.statuses;
  std::vector<delivery_status> out;
  for (const auto each : search.statuses) {
    if (each != delivery_status::pending)
      out.push_back(each);
    if (each == delivery_status::held)
      out.push_back(delivery_status::pending);
  }
  return out;
}

messages::delivery_seen seen_of(const persistence::delivery_row& row,
                                bool active) {
  messages::delivery_seen seen;
  seen.name = {row.key.destination, row.key.turn, row.key.ordinal};
  seen.status = row.status == delivery_status::pending && !active
                  ? delivery_status::held
                  : row.status;
  seen.next_attempt_at = row.next_attempt_at;
  return seen;
}

// The last of the turn's deliveries to the destination below `ordinal`.
std::optional<std::uint32_t> delivery_in(const engine::turn& turn,
                                         engine::destination_id destination,
                                         std::uint32_t below) {
  const auto sends = static_cast<std::uint32_t>(turn.sends.size());
  for (auto ordinal = std::min(below, sends + 1); ordinal-- > 1;)
    if (turn.sends[ordinal - 1].destination == destination)
      return ordinal;
  if (below > 0
      && std::find(turn.matched.begin(), turn.matched.end(), destination)
           != turn.matched.end())
    return 0;
  return std::nullopt;
}

} // namespace

engine::status reader_actor_state::complete(messages::delivery_seen& seen) {
  const auto& which = seen.name;
  auto turn = store->turn_at(which.turn);
  if (!turn)
    return turn.failure();
  seen.turn = std::move(*turn);
  auto attempts
    = store->attempts({which.destination, which.turn, which.ordinal});
  if (!attempts)
    return attempts.failure();
  for (auto& each : *attempts)
    seen.attempts.push_back({each.at, std::move(each.detail)});
  return engine::success();
}

messages::deliveries_found
reader_actor_state::find_deliveries(const messages::delivery_search& search) {
  messages::deliveries_found found;
  persistence::delivery_query query;
  query.destination = search.destination;
  query.statuses = stored_statuses(search);
  query.since = search.since;
  query.until = search.until;
  query.before
    = {search.destination, search.before.turn, search.before.ordinal};
  query.limit = search.limit;
  query.scanned_max = scanned_deliveries;
  // Of an endpoint that is not active nothing is pending.
  if (query.statuses.empty() && !search.statuses.empty())
    return found;
  auto page = store->deliveries(query);
  if (!page)
    return {page.failure(), {}, false, {}};
  found.has_more = page->has_more;
  found.next = {page->next.destination, page->next.turn, page->next.ordinal};
  for (const auto& row : page->deliveries) {
    if (search.attempted_only && row.attempts == 0)
      continue;
    auto seen = seen_of(row, search.active);
    if (!search.attempted_only)
      if (auto good = complete(seen); !good)
        return {good.failure(), {}, false, {}};
    found.deliveries.push_back(std::move(seen));
  }
  return found;
}

messages::delivery_shown
reader_actor_state::show_delivery(const messages::delivery_reference& one) {
  messages::delivery_shown shown;
  const auto fail = [&shown](const engine::error& why) {
    shown.failure = why;
    return std::move(shown);
  };
  const persistence::delivery_key key{one.name.destination, one.name.turn,
                                      one.name.ordinal};
  const auto row = store->delivery(key);
  if (!row)
    return fail(row.failure());
  shown.seen = seen_of(*row, one.active);
  if (auto good = complete(shown.seen); !good)
    return fail(good.failure());
  auto before = delivery_in(shown.seen.turn, key.destination, key.ordinal);
  auto turn = shown.seen.turn.stamp;
  for (std::size_t looked = 0; !before && looked < lane_turns;
       looked += lane_chunk) {
    const auto page
      = store->turns(shown.seen.turn.contact, turn.turn, lane_chunk);
    if (!page)
      return fail(page.failure());
    for (auto each = page->turns.begin(); !before && each != page->turns.end();
         ++each) {
      turn = each->stamp;
      before = delivery_in(*each, key.destination, UINT32_MAX);
    }
    if (!page->has_more)
      break;
  }
  if (before)
    shown.previous = messages::earlier_delivery{turn, *before};
  return shown;
}

} // namespace troupe::actors
