// Contacts as they are: one with its turns, or a page of many.
#include "actors/reader.hpp"
#include "engine/unicode.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

using engine::errc;

constexpr std::size_t run_turns_max = 20'000; // looked at for a contact's runs
constexpr std::size_t chunk_turns = 500;
constexpr std::size_t contacts_scanned = 1000; // looked at for one page
// Identities that begin with what was asked for; of each kind.
constexpr std::size_t matches_max = 1000;

bool is_of_run(const engine::change& what) {
  return std::holds_alternative<engine::run_started>(what)
         || std::holds_alternative<engine::run_moved>(what)
         || std::holds_alternative<engine::run_ended>(what)
         || std::holds_alternative<engine::run_paused>(what)
         || std::holds_alternative<engine::run_resumed>(what)
         || std::holds_alternative<engine::run_inherited>(what);
}

// All that what is said of runs needs of the turn.
void keep_runs_only(engine::turn& turn) {
  turn.trace = {};
  turn.sends = {};
  turn.messages = {};
  if (turn.event) {
    turn.event->body = {};
    turn.event->properties = {};
  }
}

} // namespace

messages::status_answer
reader_actor_state::find_contact(const messages::contact_reference& reference) {
  const auto contact = contact_of(reference);
  if (!contact)
    return {contact.failure(), {}, {}};
  return {std::nullopt, {}, *contact};
}

engine::result<std::vector<engine::turn>>
reader_actor_state::run_turns(engine::contact_id contact,
                              engine::position before, engine::position since) {
  std::vector<engine::turn> found;
  for (std::size_t looked = 0; looked < run_turns_max; looked += chunk_turns) {
    auto page = store->timeline(contact, before, chunk_turns);
    if (!page)
      return page.failure();
    for (auto& turn : page->turns) {
      before = turn.stamp.turn;
      if (before < since)
        return found;
      if (!std::any_of(turn.changes.begin(), turn.changes.end(), is_of_run))
        continue;
      keep_runs_only(turn);
      found.push_back(std::move(turn));
    }
    if (!page->has_more)
      break;
  }
  return found;
}

engine::result<engine::contact_id>
reader_actor_state::contact_at(engine::position turn) {
  const auto found = store->turn_at(turn);
  if (!found)
    return found.failure();
  return found->contact;
}

engine::status
reader_actor_state::add_turns(messages::contact_shown& shown,
                              const messages::timeline_search& what) {
  const auto survivor = shown.merged_into == engine::contact_id{}
                          ? shown.state.id
                          : shown.merged_into;
  if (what.runs_only) {
    auto turns = run_turns(survivor, {}, what.since_turn);
    if (!turns)
      return turns.failure();
    shown.turns = std::move(*turns);
    const auto is_cut
      = what.since_turn != engine::position{}
        && (shown.turns.empty()
            || shown.turns.back().stamp.turn != what.since_turn);
    if (!is_cut)
      return engine::success();
    auto first = store->turn_at(what.since_turn); // which says what began
    if (!first)
      return first.failure();
    shown.turns.push_back(std::move(*first));
    return engine::success();
  }
  if (what.limit == 0)
    return engine::success();
  auto turns = store->timeline(survivor, what.before, what.limit);
  if (!turns)
    return turns.failure();
  shown.turns = std::move(turns->turns);
  shown.has_more = turns->has_more;
  return engine::success();
}

messages::contact_shown
reader_actor_state::show(const messages::timeline_search& what) {
  messages::contact_shown shown;
  const auto contact = what.since_turn == engine::position{}
                         ? contact_of(what.contact)
                         : contact_at(what.since_turn);
  if (!contact) {
    shown.failure = contact.failure();
    return shown;
  }
  auto loaded = store->load(*contact);
  if (!loaded || loaded->state.workspace != what.contact.workspace) {
    shown.failure = loaded || loaded.failure().code == errc::not_found
                      ? no_contact()
                      : loaded.failure();
    return shown;
  }
  shown.state = std::move(loaded->state);
  shown.merged_into = loaded->merged_into;
  if (auto added = add_turns(shown, what); !added)
    shown.failure = added.failure();
  return shown;
}

// Newest first, all before `search.before`.
engine::result<std::vector<engine::contact_id>>
reader_actor_state::candidates(const messages::contact_search& search) {
  if (search.query.empty() && search.segment)
    return store->segment_contacts(*search.segment, search.before,
                                   contacts_scanned + 1);
  if (search.query.empty())
    return store->newest_contacts(search.workspace, search.before,
                                  contacts_scanned + 1);
  std::vector<engine::contact_id> found;
  for (const auto kind :
       {engine::identity_kind::external_id, engine::identity_kind::email,
        engine::identity_kind::phone, engine::identity_kind::anonymous_id}) {
    auto who = engine::make_identity(kind, search.query);
    if (!who)
      continue;
    const auto owners = store->resolve(search.workspace, std::span{&*who, 1});
    if (!owners)
      return owners.failure();
    if (owners->front().contact != engine::contact_id{})
      found.push_back(owners->front().contact);
  }
  for (const auto kind :
       {engine::identity_kind::external_id, engine::identity_kind::email}) {
    // Keys of addresses are in lower case; so may the beginning of one be.
    const auto prefix = kind == engine::identity_kind::email
                          ? engine::to_lower_nfc(search.query)
                          : std::optional{search.query};
    if (!prefix)
      continue;
    const auto more
      = store->contacts_by_prefix(search.workspace, kind, *prefix, matches_max);
    if (!more)
      return more.failure();
    found.insert(found.end(), more->begin(), more->end());
  }
  std::sort(found.begin(), found.end(), engine::is_newer);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (search.before != engine::contact_id{})
    std::erase_if(found, [&](engine::contact_id each) {
      return !engine::is_newer(search.before, each);
    });
  return found;
}

messages::contacts_found
reader_actor_state::find_contacts(const messages::contact_search& search) {
  messages::contacts_found found;
  const auto all = candidates(search);
  if (!all)
    return {all.failure(), {}, false, {}};
  found.next = search.before;
  std::size_t looked = 0;
  for (const auto contact : *all) {
    found.has_more
      = found.contacts.size() == search.limit || looked == contacts_scanned;
    if (found.has_more)
      break;
    ++looked;
    found.next = contact;
    auto loaded = store->load(contact);
    if (!loaded && loaded.failure().code == engine::errc::not_found)
      continue; // it was erased meanwhile
    if (!loaded)
      return {loaded.failure(), {}, false, {}};
    const auto& tags = *loaded->state.tags;
    if (loaded->merged_into == engine::contact_id{}
        && (search.tag.empty()
            || std::binary_search(tags.begin(), tags.end(), search.tag))
        && (!search.segment || loaded->state.segments->is_in(*search.segment)))
      found.contacts.push_back(std::move(loaded->state));
  }
  return found;
}

} // namespace troupe::actors
