#include "actors/gateway.hpp"

#include "actors/gateway_read.hpp"
#include "messages/definition_lookup.hpp"
#include "messages/explain.hpp"
#include "messages/nudges.hpp"
#include "messages/rejected.hpp"
#include "messages/statistics.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace troupe::actors {

namespace {

constexpr auto tick_interval = std::chrono::milliseconds{250};

engine::error too_many_writes() {
  return {engine::errc::rate_limited,
          "concurrent_writes_exceeded",
          "this workspace has as many events under way as it may; wait for "
          "some answers",
          {}};
}

// G62
engine::error still_running() {
  return {engine::errc::conflict,
          "idempotency_key_in_progress",
          "the first request with this idempotency key is still under way; "
          "repeat it in a second to get its answer",
          {}};
}

engine::error names_nobody() {
  return engine::invalid("contact_required",
                         "name the contact by an id, address or number", {});
}

engine::error out_of_time() {
  return {engine::errc::deadline_exceeded,
          "deadline_exceeded",
          "the event was not durable in time; repeat the request, with its "
          "idempotency key if it has one",
          {}};
}

} // namespace

engine::error too_busy() {
  return {engine::errc::overloaded,
          "overloaded",
          "too many requests are waiting; try again in a moment",
          {}};
}

void gateway_actor_state::next_read(read_queue& of) {
  if (of.waiting.empty() || of.under_way >= options.reads_of_workspace_max)
    return;
  ++of.under_way;
  const auto read = std::move(of.waiting.front());
  of.waiting.pop_front();
  read();
}

void gateway_actor_state::ingest(const messages::ingest_batch& batch) {
  const auto now = options.clock();
  for (auto& item : *batch.items)
    ingest_one(item, now);
  if (batch.chains)
    for (auto& chain : *batch.chains)
      begin(chain);
  flush_outgoing();
  if (!is_ticking_ && !under_way_.empty()) {
    is_ticking_ = true;
    self->delayed_send(self, tick_interval, atom::tick_atom::value);
  }
}

void gateway_actor_state::ingest_one(messages::ingest_batch::item& item,
                                     clock::time_point now) {
  const auto& command = *item.command;
  if (command.contact == engine::contact_id{}
      && command.event.identities.empty()) {
    item.complete({names_nobody(), {}});
    return;
  }
  // Stays where it is: one entry per workspace, never taken out.
  auto& of_workspace = of_workspace_[command.workspace];
  if (command.concurrent_max != 0 && of_workspace >= command.concurrent_max) {
    item.complete({too_many_writes(), {}});
    return;
  }
  if (under_way_.size() >= options.under_way_max
      || of_workspace >= options.of_workspace_max) {
    item.complete({too_busy(), {}});
    return;
  }
  ++of_workspace;
  const auto which = under_way_.insert(
    under_way_.end(),
    {now + options.deadline, command.workspace, command.event.key,
     &of_workspace, std::move(item.complete)});
  if (next_due_ == under_way_.end())
    next_due_ = which;
  item.command->reply = std::make_shared<messages::ingest_reply>(
    [who = messages::gateway_actor{self}, answers = answers_,
     which](messages::ingest_answer&& answer) {
      if (answers->add({which, std::move(answer)}))
        caf::anon_send(who, atom::flush_atom::value);
    });
  send_on(std::move(item.command));
}

void gateway_actor_state::send_on(messages::ingest_parcel command) {
  unsigned number = 0;
  if (command->contact != engine::contact_id{}) {
    number = engine::shard_of(command->contact);
  } else {
    const auto& primary = command->event.identities.front();
    number = engine::shard_of(options.seed, command->workspace, primary.kind,
                              primary.key);
  }
  auto shard = (*options.shards)(number);
  auto group = std::find_if(outgoing_.begin(), outgoing_.end(),
                            [&shard](const auto& each) {
                              return each.first == shard;
                            });
  if (group == outgoing_.end())
    group = outgoing_.insert(group, {std::move(shard), {}});
  group->second.events.push_back(std::move(command));
}

void gateway_actor_state::flush_outgoing() {
  for (auto& [shard, group] : outgoing_)
    self->anon_send(shard, atom::ingest_atom::value, std::move(group));
  outgoing_.clear();
}

void gateway_actor_state::flush() {
  for (auto& each : answers_->take())
    answered(each.which, std::move(each.answer));
  flush_outgoing(); // chains went on
}

void gateway_actor_state::answered(place which,
                                   messages::ingest_answer&& answer) {
  if (which->complete)
    which->complete(std::move(answer));
  --*which->of_workspace;
  if (next_due_ == which)
    ++next_due_;
  under_way_.erase(which);
}

// Overdue ones stay in the list until their contact answers: they still count,
// and a repeat of one is told that the first still runs.
void gateway_actor_state::tick() {
  const auto now = options.clock();
  for (; next_due_ != under_way_.end() && next_due_->deadline <= now;
       ++next_due_)
    std::exchange(next_due_->complete, nullptr)(
      {repeats_running(next_due_) ? still_running() : out_of_time(), {}});
  flush_outgoing(); // chains went on
  is_ticking_ = !under_way_.empty();
  if (is_ticking_)
    self->delayed_send(self, tick_interval, atom::tick_atom::value);
}

bool gateway_actor_state::repeats_running(place which) const {
  const auto is_same = [which](const waiting& earlier) {
    return earlier.key && earlier.workspace == which->workspace
           && earlier.key->key_high == which->key->key_high
           && earlier.key->key_low == which->key->key_low;
  };
  return which->key
         && std::any_of(under_way_.begin(),
                        std::list<waiting>::const_iterator{which}, is_same);
}

messages::gateway_actor::behavior_type
gateway(messages::gateway_actor::stateful_pointer<gateway_actor_state> self,
        gateway_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::ingest_atom, const messages::ingest_batch& batch) {
      state.ingest(batch);
    },
    [&state](atom::flush_atom) {
      state.flush();
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
    [&state](atom::erase_atom, messages::erasure_wish& wish,
             const messages::erasures_slot& slot) {
      state.erase(std::move(wish), slot);
    },
    [&state](atom::find_atom, const messages::erasure_search& search,
             const messages::erasures_slot& slot) {
      state.read(search.workspace, atom::find_atom::value, search, slot);
    },
    [&state](atom::intervene_atom, const messages::run_intervention& wish,
             const messages::intervened_slot& slot) {
      state.intervene(wish, slot);
    },
    [&state](atom::find_atom, const messages::event_search& search,
             const messages::events_found_slot& slot) {
      state.read(search.contact.workspace, atom::find_atom::value, search,
                 slot);
    },
    [&state](atom::change_atom, messages::contact_change& wish,
             const messages::contact_changed_slot& slot) {
      state.change_contact(std::move(wish), slot);
    },
    [&state](atom::show_atom, const messages::timeline_search& search,
             const messages::contact_shown_slot& slot) {
      state.read(search.contact.workspace, atom::show_atom::value, search,
                 slot);
    },
    [&state](atom::find_atom, const messages::contact_search& search,
             const messages::contacts_slot& slot) {
      state.read(search.workspace, atom::find_atom::value, search, slot);
    },
    [&state](atom::find_atom, const messages::delivery_search& search,
             const messages::deliveries_slot& slot) {
      state.find_deliveries(search, slot);
    },
    [&state](atom::show_atom, const messages::delivery_reference& one,
             const messages::delivery_shown_slot& slot) {
      state.show_delivery(one, slot);
    },
    [&state](atom::replay_atom, const messages::replay_wish& wish,
             const messages::replayed_slot& slot) {
      state.replay(wish, slot);
    },
    [&state](atom::explain_atom, const messages::decision_search& search,
             const messages::decision_slot& slot) {
      state.read(search.contact.workspace, atom::explain_atom::value, search,
                 slot);
    },
    [&state](atom::explain_atom, const messages::trace_search& search,
             const messages::trace_slot& slot) {
      state.read(search.workspace, atom::explain_atom::value, search, slot);
    },
    [&state](atom::find_atom, const messages::definition_lookup& asked,
             const messages::definition_found_slot& slot) {
      state.read(asked.workspace, atom::find_atom::value, asked, slot);
    },
    [&state](atom::show_atom, const messages::contact_reference& contact,
             const messages::contact_shown_slot& slot) {
      state.read(contact.workspace, atom::show_atom::value, contact, slot);
    },
    [&state](atom::audit_atom, const messages::audit_search& search,
             const messages::audit_found_slot& slot) {
      state.read(search.events.contact.workspace, atom::audit_atom::value,
                 search, slot);
    },
    [&state](atom::find_atom, const messages::nudge_search& search,
             const messages::nudges_slot& slot) {
      state.read(search.contact.workspace, atom::find_atom::value, search,
                 slot);
    },
    [&state](atom::find_atom, const messages::rejected_search& search,
             const messages::rejected_slot& slot) {
      state.read(search.workspace, atom::find_atom::value, search, slot);
    },
    [&state](atom::store_atom, messages::rejected_events& events,
             const messages::status_slot& slot) {
      state.keep_rejected(std::move(events), slot);
    },
    [&state](atom::store_atom, messages::trigger_wish& wish,
             const messages::trigger_kept_slot& slot) {
      state.keep_trigger(std::move(wish), slot);
    },
    [&state](atom::find_atom, const messages::trigger_search& search,
             const messages::trigger_found_slot& slot) {
      state.find_trigger(search, slot);
    },
    [&state](atom::find_atom, const messages::statistics_search& search,
             const messages::statistics_slot& slot) {
      ask(state.self, state.options.statistics, atom::find_atom::value, search,
          slot);
    },
    [&state](atom::change_atom, const messages::test_clock_wish& wish,
             const messages::test_clock_slot& slot) {
      ask(state.self, state.options.test_clocks, atom::change_atom::value, wish,
          slot);
    },
    [&state](atom::find_atom, const messages::test_outbox_search& search,
             const messages::test_outbox_slot& slot) {
      state.find_kept(search, slot);
    },
    [&state](atom::try_atom, const messages::endpoint_test& what,
             const messages::definition_changed_slot& slot) {
      ask(state.self, state.options.dispatch, atom::try_atom::value, what,
          slot);
    },
    [&state](atom::change_atom, messages::definition_change& wish,
             const messages::definition_changed_slot& slot) {
      ask(state.self, state.options.definitions, atom::change_atom::value,
          std::move(wish), slot);
    },
  };
}

} // namespace troupe::actors
