// The inbox of a contact: what its state holds, with what the turns say.
#include "actors/reader.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

messages::nudge_place place_of(const engine::nudge& what) {
  return {what.turn, what.ordinal};
}

bool is_asked(const engine::nudge& what, const messages::nudge_search& search) {
  if (what.expires_at <= search.now)
    return false;
  if (!search.id.empty())
    return what.id == search.id;
  if (search.before.turn != engine::position{}
      && place_of(what) >= search.before)
    return false;
  return search.status ? what.status == *search.status
                       : what.status != engine::nudge_status::dismissed;
}

} // namespace

// In order of their turns: the times of contacts that became one may cross.
messages::nudges_found
reader_actor_state::find_nudges(const messages::nudge_search& search) {
  const auto fail = [](engine::error why) {
    messages::nudges_found failed;
    failed.failure = std::move(why);
    return failed;
  };
  const auto contact = contact_of(search.contact);
  if (!contact)
    return fail(contact.failure());
  const auto survivor = survivor_of(*contact);
  if (!survivor)
    return fail(survivor.failure());
  const auto loaded = store->load(*survivor);
  if (!loaded && loaded.failure().code != engine::errc::not_found)
    return fail(loaded.failure());
  if (!loaded || loaded->state.workspace != search.contact.workspace)
    return fail(no_contact());
  messages::nudges_found found;
  auto all = *loaded->state.nudges;
  std::sort(all.begin(), all.end(),
            [](const engine::nudge& a, const engine::nudge& b) {
              return place_of(a) < place_of(b);
            });
  for (auto each = all.rbegin(); each != all.rend(); ++each) {
    if (!is_asked(*each, search))
      continue;
    auto turn = store->turn_at(each->turn);
    if (!turn) {
      if (turn.failure().code == engine::errc::not_found)
        continue; // older than what is kept
      return fail(turn.failure());
    }
    if (each->ordinal == 0 || each->ordinal > turn->sends.size())
      continue;
    auto& sent = turn->sends[each->ordinal - 1];
    const auto channel = search.channels.find(sent.destination);
    if (channel != search.channels.end()
        && engine::refusal_of(*loaded->state.preferences, channel->second,
                              engine::category_of(sent.request))
             != nullptr)
      continue;
    if (found.nudges.size() == search.limit) {
      found.has_more = true;
      break;
    }
    found.nudges.push_back({*each, std::move(sent)});
  }
  return found;
}

} // namespace troupe::actors
