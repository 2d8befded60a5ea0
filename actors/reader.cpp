#include "actors/reader.hpp"

#include "actors/test_instant.hpp"
#include "engine/history.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

using engine::errc;
using engine::error;

namespace {

constexpr std::size_t history_max = 10'000; // events a look back can see
// Of a contact that is shown by a reference alone.
constexpr std::size_t shown_turns = 500;
// Of a search of the audit log, whose page may then be short.
constexpr std::size_t scanned_turns = 20'000;

boost::json::object properties_of(const engine::event_record& event) {
  boost::json::error_code failure;
  auto value = boost::json::parse(event.properties_text(), failure);
  return !failure && value.is_object() ? std::move(value.get_object())
                                       : boost::json::object{};
}

} // namespace

contact_loaded reader_actor_state::load(engine::contact_id contact) {
  auto loaded = store->load(contact);
  if (!loaded)
    return {loaded.failure(), {}};
  return {std::nullopt, std::move(*loaded)};
}

identities_resolved reader_actor_state::resolve(const identity_query& query) {
  auto owners = store->resolve(query.workspace, query.asked);
  if (!owners)
    return {owners.failure(), {}};
  return {std::nullopt, std::move(*owners)};
}

history_found reader_actor_state::history(const history_query& query) {
  persistence::event_query asked;
  asked.workspace = query.workspace;
  asked.contact = query.contact;
  asked.also = query.also;
  asked.since = query.what.since;
  asked.limit = history_max;
  asked.scanned_max = scanned_turns;
  for (const auto& event : query.what.events)
    if (event.text() != "*") {
      asked.types.push_back(event.text());
      asked.types.insert(asked.types.end(), event.others().begin(),
                         event.others().end());
    }
  auto page = store->events(asked);
  if (!page)
    return {page.failure(), {}};
  history_found found;
  for (auto turn = page->turns.rbegin(); turn != page->turns.rend(); ++turn)
    found.events.push_back({turn->event->type, engine::came_at(*turn),
                            properties_of(*turn->event),
                            turn->event->occurred_at, turn->event->value});
  return found;
}

turn_found reader_actor_state::replay(engine::position turn) {
  auto found = store->turn_at(turn);
  if (!found)
    return {found.failure(), {}};
  return {std::nullopt, std::move(*found)};
}

engine::error no_contact() {
  return {errc::not_found, "contact_not_found", "there is no such contact", {}};
}

engine::result<engine::contact_id>
reader_actor_state::contact_of(const messages::contact_reference& reference) {
  if (!reference.who)
    return reference.id;
  const auto owners
    = store->resolve(reference.workspace, std::span{&*reference.who, 1});
  if (!owners)
    return owners.failure();
  if (owners->front().contact == engine::contact_id{})
    return no_contact();
  return owners->front().contact;
}

engine::result<engine::contact_id>
reader_actor_state::survivor_of(engine::contact_id contact) {
  const auto into = store->merged_into(contact);
  if (!into)
    return into.failure();
  return *into == engine::contact_id{} ? contact : *into;
}

engine::result<persistence::turn_page>
reader_actor_state::page_of(const messages::event_search& search,
                            persistence::event_query asked) {
  asked.workspace = search.contact.workspace;
  asked.types = search.types;
  asked.with_platform = search.with_platform;
  asked.since = search.since;
  asked.until = search.until;
  asked.before = search.before;
  asked.limit = search.limit;
  if (search.contact.who || search.contact.id != engine::contact_id{}) {
    const auto contact = contact_of(search.contact);
    if (!contact)
      return contact.failure();
    const auto survivor = survivor_of(*contact);
    if (!survivor)
      return survivor.failure();
    asked.contact = *survivor;
  }
  return store->events(asked);
}

messages::events_found
reader_actor_state::find(const messages::event_search& search) {
  persistence::event_query asked;
  asked.scanned_max = scanned_turns;
  auto page = page_of(search, std::move(asked));
  if (!page && page.failure().code == errc::not_found) // it has none (G52)
    return {std::nullopt, {}, false, true};
  if (!page)
    return {page.failure(), {}};
  return {std::nullopt, std::move(page->turns), page->has_more, false,
          page->next};
}

messages::audit_found
reader_actor_state::audit(const messages::audit_search& search) {
  messages::audit_found found;
  if (search.with_events || !search.interventions.empty()) {
    persistence::event_query asked;
    asked.with_events = search.with_events;
    asked.interventions = search.interventions;
    asked.request_id = search.request_id;
    asked.scanned_max = scanned_turns;
    auto page = page_of(search.events, std::move(asked));
    if (!page && page.failure().code == errc::not_found)
      return found;
    if (!page) {
      found.failure = page.failure();
      return found;
    }
    found.turns = std::move(page->turns);
    found.more_turns = page->has_more;
    found.next = page->next;
  }
  if (!search.with_notes)
    return found;
  const auto limit = search.events.limit;
  auto rows = store->admin_rows(
    {search.events.contact.workspace, search.action, search.events.since,
     search.events.until, search.request_id, search.notes_before, limit + 1});
  if (!rows) {
    found.failure = rows.failure();
    return found;
  }
  found.more_notes = rows->size() > limit;
  rows->resize(std::min(rows->size(), limit));
  for (auto& row : *rows)
    found.notes.push_back({row.id, row.at, std::move(row.action),
                           std::move(row.actor), std::move(row.request_id),
                           std::move(row.subject), std::move(row.details)});
  return found;
}

messages::erasures_found
reader_actor_state::find_erasures(const messages::erasure_search& search) {
  auto rows = store->erasures(
    {search.workspace, search.text_id, search.before, search.limit + 1});
  if (!rows)
    return {rows.failure(), {}, false};
  const auto has_more = rows->size() > search.limit;
  rows->resize(std::min(rows->size(), search.limit));
  return {std::nullopt, std::move(*rows), has_more};
}

due_page reader_actor_state::due(const due_query& query) {
  if (query.test_workspace != engine::workspace_id{})
    return due_in_test(query);
  auto timers = store->timers(query.until, query.after_timer, query.limit);
  if (!timers)
    return {timers.failure(), {}, {}};
  auto messages = store->inbox(query.until, query.after_message, query.limit);
  if (!messages)
    return {messages.failure(), {}, {}};
  return {std::nullopt, std::move(*timers), std::move(*messages)};
}

due_page reader_actor_state::due_in_test(const due_query& query) {
  auto timers = store->test_timers(query.test_workspace,
                                   end_of_instant(query.until), query.limit);
  if (!timers)
    return {timers.failure(), {}, {}};
  auto messages = store->test_inbox(query.test_workspace,
                                    end_of_messages(query.until), query.limit);
  if (!messages)
    return {messages.failure(), {}, {}};
  return {std::nullopt, std::move(*timers), std::move(*messages)};
}

// The turn asked before it sent. Its contact is looked at again only when it
// has had another turn since, or is part of another one.
engine::result<bool> reader_actor_state::is_wanted(const engine::turn& sender,
                                                   std::uint32_t ordinal,
                                                   const std::string& channel) {
  if (channel.empty() || ordinal == 0 || ordinal > sender.sends.size())
    return true;
  const auto who = survivor_of(sender.contact);
  if (!who)
    return who.failure();
  if (*who == sender.contact) {
    const auto newest = store->turns(*who, {}, 1);
    if (!newest)
      return newest.failure();
    if (!newest->turns.empty()
        && newest->turns.front().stamp.turn == sender.stamp.turn)
      return true;
  }
  const auto now = store->load(*who);
  if (!now && now.failure().code == errc::not_found)
    return false; // it is being erased
  if (!now)
    return now.failure();
  return engine::refusal_of(
           *now->state.preferences, channel,
           engine::category_of(sender.sends[ordinal - 1].request))
         == nullptr;
}

deliveries_pulled reader_actor_state::pull(const delivery_pull& what) {
  deliveries_pulled pulled;
  const auto add = [&](const persistence::delivery_key& key,
                       std::uint32_t attempts, std::uint32_t replayed_after) {
    auto turn = store->turn_at(key.turn);
    if (!turn) {
      pulled.failure = turn.failure();
      return;
    }
    // Erased since the page was read: what is behind it is looked for again.
    if (turn->kind == engine::turn_kind::erased) {
      pulled.failure = engine::interrupted();
      return;
    }
    const auto wanted = is_wanted(*turn, key.ordinal, what.channel);
    if (wanted)
      pulled.deliveries.push_back(
        {key, attempts, replayed_after, std::move(*turn), *wanted});
    else
      pulled.failure = wanted.failure();
  };
  if (what.retries) {
    const auto due
      = store->deliveries_due(what.after.destination, what.now, what.limit);
    if (!due)
      return {due.failure(), {}};
    for (const auto& delivery : *due)
      add(delivery.key, delivery.attempts, delivery.replayed_after);
    return pulled;
  }
  const auto keys = store->outbox(what.after, what.limit);
  if (!keys)
    return {keys.failure(), {}};
  for (const auto& key : *keys)
    add(key, 0, 0);
  return pulled;
}

rows_loaded reader_actor_state::rows() {
  rows_loaded all;
  const auto read = [&all](auto rows, auto& target) {
    if (rows)
      target = std::move(*rows);
    else
      all.failure = rows.failure();
  };
  // Before the rest: what a job is about was stored with it.
  read(store->newest_job(), all.newest_job);
  read(store->workspaces(), all.workspaces);
  read(store->keys(), all.keys);
  read(store->sequences(), all.sequences);
  read(store->destinations(), all.destinations);
  read(store->described_event_types(), all.event_types);
  read(store->templates(), all.templates);
  read(store->segments(), all.segments);
  read(store->named_definitions(), all.named);
  return all;
}

messages::reader_actor::behavior_type
reader(messages::reader_actor::stateful_pointer<reader_actor_state> self,
       std::shared_ptr<persistence::store_reader> store) {
  auto& state = self->state; // lives as long as the handlers
  state.store = std::move(store);
  return {
    [&state](atom::load_atom, std::uint64_t contact) {
      return state.load(engine::contact_id{contact});
    },
    [&state](atom::resolve_atom, const identity_query& query) {
      return state.resolve(query);
    },
    [&state](atom::history_atom, const history_query& query) {
      return state.history(query);
    },
    [&state](atom::replay_atom, std::uint64_t turn) {
      return state.replay(engine::position{turn});
    },
    [&state](atom::find_atom, const messages::event_search& search) {
      return state.find(search);
    },
    [&state](atom::show_atom, const messages::contact_reference& reference) {
      return state.show({reference, false, {}, shown_turns});
    },
    [&state](atom::follow_atom, const follow_query& query) {
      return state.follow(query);
    },
    [&state](atom::show_atom, const messages::timeline_search& what) {
      return state.show(what);
    },
    [&state](atom::find_atom, const messages::contact_reference& reference) {
      return state.find_contact(reference);
    },
    [&state](atom::find_atom, const messages::contact_search& search) {
      return state.find_contacts(search);
    },
    [&state](atom::find_atom, const messages::trigger_search& search) {
      return state.find_trigger(search);
    },
    [&state](atom::load_atom, const trigger_query& query) {
      return state.load_trigger(query);
    },
    [&state](atom::find_atom, const messages::rejected_search& search) {
      return state.find_rejected(search);
    },
    [&state](atom::find_atom, const messages::nudge_search& search) {
      return state.find_nudges(search);
    },
    [&state](atom::audit_atom, const messages::audit_search& search) {
      return state.audit(search);
    },
    [&state](atom::find_atom, const messages::delivery_search& search) {
      return state.find_deliveries(search);
    },
    [&state](atom::show_atom, const messages::delivery_reference& one) {
      return state.show_delivery(one);
    },
    [&state](atom::explain_atom, const messages::decision_search& search) {
      return state.explain(search);
    },
    [&state](atom::explain_atom, const messages::trace_search& search) {
      return state.trace(search);
    },
    [&state](atom::explain_atom, const caused_search& search) {
      return state.caused(search);
    },
    [&state](atom::find_atom, const messages::test_outbox_search& search) {
      return state.find_kept(search);
    },
    [&state](atom::find_atom, const messages::definition_lookup& asked) {
      return state.look_up(asked);
    },
    [&state](atom::find_atom, const messages::erasure_search& search) {
      return state.find_erasures(search);
    },
    [&state](atom::due_atom, const due_query& query) {
      return state.due(query);
    },
    [&state](atom::pull_atom, const delivery_pull& what) {
      return state.pull(what);
    },
    [&state](atom::pull_atom, const review_query& what) {
      return state.pull(what);
    },
    [&state](atom::rows_atom) {
      return state.rows();
    },
  };
}

} // namespace troupe::actors
