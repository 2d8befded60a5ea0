// Deliveries: finds their endpoint, shows what came of them, has them made
// again.
#include "actors/delivery.hpp"
#include "actors/gateway_read.hpp"
#include "engine/erasure.hpp"
#include "engine/json_text.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

using messages::deliveries_found;
using messages::delivery_shown;
using persistence::definition_status;
using persistence::destination_kind;

engine::error absent(std::string_view what) {
  return {engine::errc::not_found,
          std::string{what} + "_not_found",
          "there is no such " + std::string{what},
          {}};
}

engine::error under_way() {
  return {engine::errc::conflict,
          "delivery_under_way",
          "an attempt of this delivery is under way; wait for what it comes to",
          {}};
}

engine::error removed() {
  return {engine::errc::conflict,
          "webhook_removed",
          "the endpoint of these deliveries was removed",
          {}};
}

template <class Answer>
void fail(const messages::reply_slot<Answer>& slot, engine::error why) {
  Answer failed;
  failed.failure = std::move(why);
  (*slot.complete)(std::move(failed));
}

bool is_active(const destination_table::entry& entry) {
  return entry.row.status == definition_status::active;
}

bool is_removed(const destination_table::entry* entry) {
  return entry != nullptr && entry->row.status == definition_status::archived;
}

} // namespace

const destination_table::entry*
gateway_actor_state::endpoint_of(const destination_table& all,
                                 const messages::delivery_search& search) {
  const auto found = std::find_if(
    all.entries.begin(), all.entries.end(), [&](const auto& entry) {
      return entry.row.workspace == search.workspace
             && entry.row.kind == destination_kind::webhook
             && entry.row.text_id == search.endpoint;
    });
  return found == all.entries.end() ? nullptr : &*found;
}

const destination_table::entry*
gateway_actor_state::endpoint_of(const destination_table& all,
                                 const messages::delivery_reference& one) {
  const auto found = std::find_if(
    all.entries.begin(), all.entries.end(), [&](const auto& entry) {
      return entry.row.workspace == one.workspace
             && entry.row.id == one.name.destination;
    });
  return found == all.entries.end() ? nullptr : &*found;
}

void gateway_actor_state::find_deliveries(
  messages::delivery_search search, const messages::deliveries_slot& slot) {
  const auto all = options.destinations->get();
  const auto* endpoint = endpoint_of(*all, search);
  if (endpoint == nullptr)
    return fail(slot, absent("webhook"));
  search.destination = endpoint->row.id;
  search.active = is_active(*endpoint);
  const auto complete
    = [slot, text_id = endpoint->row.text_id](deliveries_found found) {
        for (auto& each : found.deliveries)
          each.endpoint = text_id;
        (*slot.complete)(std::move(found));
      };
  read(search.workspace, atom::find_atom::value, search,
       slot_to<deliveries_found>(complete));
}

void gateway_actor_state::show_delivery(
  messages::delivery_reference one, const messages::delivery_shown_slot& slot) {
  const auto all = options.destinations->get();
  const auto* endpoint = endpoint_of(*all, one);
  if (endpoint == nullptr)
    return fail(slot, absent("delivery"));
  one.active = is_active(*endpoint);
  const auto complete = [this, all, endpoint, slot](delivery_shown shown) {
    auto& seen = shown.seen;
    seen.endpoint = endpoint->row.text_id;
    if (!shown.failure && seen.turn.kind != engine::turn_kind::erased)
      shown.body = shown_body(
        {{seen.name.destination, seen.name.turn, seen.name.ordinal},
         0,
         0,
         seen.turn},
        endpoint->row, *options.ids, endpoint->tenant);
    (*slot.complete)(std::move(shown));
  };
  read(one.workspace, atom::show_atom::value, one,
       slot_to<delivery_shown>(complete));
}

void gateway_actor_state::replay(const messages::replay_wish& wish,
                                 const messages::replayed_slot& slot) {
  const auto all = options.destinations->get();
  if (is_removed(wish.one ? endpoint_of(*all, *wish.one)
                          : endpoint_of(*all, wish.search)))
    return fail(slot, removed());
  if (wish.one)
    replay_one(wish, slot);
  else
    replay_all(wish, slot);
}

void gateway_actor_state::replay_one(const messages::replay_wish& wish,
                                     const messages::replayed_slot& slot) {
  const auto act = [this, wish, slot](delivery_shown shown) {
    if (shown.failure)
      return fail(slot, *shown.failure);
    auto& seen = shown.seen;
    if (seen.turn.kind == engine::turn_kind::erased)
      return fail(slot, engine::contact_erased());
    const auto is_held = seen.status == engine::delivery_status::held;
    if (seen.attempts.empty() && !is_held)
      return fail(slot, under_way());
    messages::replayed done;
    done.count = 1;
    done.seen = std::move(seen);
    if (done.seen.attempts.empty()) { // it is made when the endpoint goes on
      (*slot.complete)(std::move(done));
      return;
    }
    const auto all = options.destinations->get();
    const auto* endpoint = endpoint_of(*all, *wish.one);
    done.seen.status = endpoint != nullptr && is_active(*endpoint)
                         ? engine::delivery_status::pending
                         : engine::delivery_status::held;
    done.seen.next_attempt_at.reset();
    const auto& which = done.seen.name;
    delivery_replay made;
    made.destination = which.destination;
    made.keys = {{which.destination, which.turn, which.ordinal}};
    made.note = note_of(wish, "delivery.replayed");
    made.note.subject = engine::delivery_id(done.seen.turn, which.destination,
                                            which.ordinal, *options.ids);
    made.note.details
      = engine::to_json(boost::json::object{{"webhook", done.seen.endpoint}});
    have_made(std::move(made), std::move(done), slot);
  };
  show_delivery(*wish.one, slot_to<delivery_shown>(act));
}

void gateway_actor_state::replay_all(const messages::replay_wish& wish,
                                     const messages::replayed_slot& slot) {
  const auto act = [this, wish, slot](deliveries_found found) {
    if (found.failure)
      return fail(slot, *found.failure);
    messages::replayed done;
    done.has_more = found.has_more;
    done.next = found.next;
    delivery_replay made;
    for (const auto& each : found.deliveries) {
      made.destination = each.name.destination;
      made.keys.push_back(
        {each.name.destination, each.name.turn, each.name.ordinal});
    }
    if (made.keys.empty()) {
      (*slot.complete)(std::move(done));
      return;
    }
    made.note = note_of(wish, "webhook.replayed");
    made.note.subject = wish.search.endpoint;
    boost::json::object details{{"deliveries", made.keys.size()}};
    if (wish.search.since)
      details["since"] = engine::to_iso8601(*wish.search.since);
    if (wish.search.until)
      details["until"] = engine::to_iso8601(*wish.search.until);
    made.note.details = engine::to_json(details);
    have_made(std::move(made), std::move(done), slot);
  };
  find_deliveries(wish.search, slot_to<deliveries_found>(act));
}

persistence::admin_row
gateway_actor_state::note_of(const messages::replay_wish& wish,
                             std::string action) {
  persistence::admin_row note;
  note.workspace = wish.one ? wish.one->workspace : wish.search.workspace;
  note.action = std::move(action);
  note.actor = wish.by;
  note.request_id = wish.request_id;
  return note;
}

void gateway_actor_state::have_made(delivery_replay wish,
                                    messages::replayed done,
                                    const messages::replayed_slot& slot) {
  const auto is_one = done.count == 1;
  self
    ->request(options.dispatch, caf::infinite, atom::replay_atom::value,
              std::move(wish))
    .then(
      [slot, done, is_one](const delivery_replayed& made) mutable {
        done.failure = made.failure;
        done.count = made.count;
        if (!made.failure && made.count == 0 && is_one)
          done.failure = under_way();
        (*slot.complete)(std::move(done));
      },
      [slot](const caf::error&) {
        fail(slot, engine::interrupted());
      });
}

} // namespace troupe::actors
