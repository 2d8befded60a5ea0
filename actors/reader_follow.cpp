// Events after a position, for those who follow them.
#include "actors/reader.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

constexpr std::size_t page_events = 32;
constexpr std::size_t page_scanned = 1000; // turns of all workspaces

} // namespace

// Leaves the events of the contact, whatever it absorbed since.
engine::status
reader_actor_state::keep_contact(followed_page& page,
                                 const messages::event_search& search) {
  const auto& who = search.contact;
  if (page.turns.empty() || (!who.who && who.id == engine::contact_id{}))
    return engine::success();
  const auto contact = contact_of(who);
  if (!contact && contact.failure().code != engine::errc::not_found)
    return contact.failure();
  if (!contact) {
    page.turns.clear(); // so far it is nobody
    return engine::success();
  }
  const auto survivor = survivor_of(*contact);
  if (!survivor)
    return survivor.failure();
  std::vector<engine::turn> kept;
  for (auto& turn : page.turns) {
    const auto owner = survivor_of(turn.contact);
    if (!owner)
      return owner.failure();
    if (*owner == *survivor)
      kept.push_back(std::move(turn));
  }
  page.turns = std::move(kept);
  return engine::success();
}

followed_page reader_actor_state::follow(const follow_query& query) {
  followed_page page;
  if (!query.after) {
    const auto newest = store->newest_turn();
    if (!newest)
      page.failure = newest.failure();
    else
      page.seen = *newest;
    return page;
  }
  persistence::event_query asked;
  asked.workspace = query.search.contact.workspace;
  asked.types = query.search.types;
  asked.with_platform = query.search.with_platform;
  asked.since = query.search.since;
  asked.limit = page_events;
  asked.scanned_max = page_scanned;
  auto found = store->events_after(asked, *query.after);
  if (!found) {
    page.failure = found.failure();
    return page;
  }
  page.turns = std::move(found->turns);
  page.seen = found->next;
  page.has_more = found->has_more;
  if (query.search.before == engine::position{1}) // of nobody
    page.turns.clear();
  if (auto good = keep_contact(page, query.search); !good)
    page.failure = good.failure();
  return page;
}

} // namespace troupe::actors
