// What was kept of a test workspace's deliveries, over all its destinations.
#include "actors/reader.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::actors {

namespace {

// The newest first: by turn, by the turn's deliveries.
bool is_newer(const persistence::delivery_key& a,
              const persistence::delivery_key& b) {
  return std::tie(a.turn, a.ordinal, a.destination)
         > std::tie(b.turn, b.ordinal, b.destination);
}

persistence::delivery_query query_of(const messages::test_outbox_search& search,
                                     engine::destination_id destination) {
  persistence::delivery_query query;
  query.destination = destination;
  query.statuses = {engine::delivery_status::delivered};
  query.limit = search.limit + 1; // the last one says that there is more
  if (search.before.turn != engine::position{})
    query.before = {destination, search.before.turn,
                    search.before.ordinal
                      + (destination < search.before.destination ? 1U : 0U)};
  return query;
}

} // namespace

messages::test_outbox_found
reader_actor_state::find_kept(const messages::test_outbox_search& search) {
  messages::test_outbox_found found;
  std::vector<persistence::delivery_key> all;
  for (const auto destination : search.destinations) {
    const auto page = store->deliveries(query_of(search, destination));
    if (!page)
      return {page.failure(), {}, false};
    for (const auto& each : page->deliveries)
      all.push_back(each.key);
  }
  std::sort(all.begin(), all.end(), is_newer);
  found.has_more = all.size() > search.limit;
  all.resize(std::min(all.size(), search.limit));
  caused_search turns;
  for (const auto& key : all) {
    const auto attempts = store->attempts(key);
    if (!attempts)
      return {attempts.failure(), {}, false};
    auto& kept = found.deliveries.emplace_back();
    kept.name = {key.destination, key.turn, key.ordinal};
    if (!attempts->empty())
      kept.at = attempts->back().at;
    turns.turns.push_back(key.turn);
  }
  auto told = caused(turns);
  if (told.failure)
    return {told.failure, {}, false};
  for (std::size_t i = 0; i < found.deliveries.size(); ++i)
    found.deliveries[i].of = std::move(told.turns[i]);
  return found;
}

} // namespace troupe::actors
