#include "actors/feed.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

engine::error too_many() {
  return {engine::errc::overloaded,
          "streams_limit",
          "as many event streams are open as may be; close one, or try again "
          "later",
          {}};
}

} // namespace

bool feed_actor_state::is_full(engine::workspace_id workspace) const {
  const auto mine
    = std::count_if(all_.begin(), all_.end(), [&](const auto& each) {
        return each.second.who.search.contact.workspace == workspace;
      });
  return all_.size() >= options.followers_max
         || static_cast<std::size_t>(mine) >= options.of_workspace_max;
}

void feed_actor_state::follow(messages::event_follower who,
                              const messages::followed_slot& slot) {
  // Those who went away unheard make room.
  if (is_full(who.search.contact.workspace))
    drop_gone();
  if (is_full(who.search.contact.workspace)) {
    (*slot.complete)({too_many()});
    return;
  }
  const auto number = ++last_number_;
  all_.emplace(number, following{std::move(who)});
  // Before the place is asked for: no commit after it goes unheard.
  options.followers->store(all_.size());
  if (!is_ticking_) {
    is_ticking_ = true;
    self->delayed_send(self, options.beat, atom::tick_atom::value);
  }
  begin(number, slot);
}

void feed_actor_state::begin(std::uint64_t number,
                             const messages::followed_slot& slot) {
  auto& added = all_.at(number);
  if (added.who.after) {
    (*slot.complete)({});
    pull(number);
    return;
  }
  added.is_busy = true;
  const auto fail = [this, number, slot](engine::error why) {
    drop(number);
    (*slot.complete)({std::move(why)});
  };
  self
    ->request(options.reader, caf::infinite, atom::follow_atom::value,
              follow_query{})
    .then(
      [this, number, slot, fail](const followed_page& page) {
        if (page.failure)
          return fail(*page.failure);
        const auto found = all_.find(number);
        if (found == all_.end())
          return fail(engine::interrupted());
        auto& begun = found->second;
        begun.is_busy = false;
        begun.who.after = page.seen;
        (*slot.complete)({});
        pull(number);
      },
      [fail](const caf::error&) {
        fail(engine::interrupted());
      });
}

void feed_actor_state::nudge() {
  for (auto& [number, each] : all_)
    each.has_more = true;
  pull_all();
}

void feed_actor_state::pull_all() {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, each] : all_)
    numbers.push_back(number);
  for (const auto number : numbers)
    pull(number);
}

void feed_actor_state::pull(std::uint64_t number) {
  const auto found = all_.find(number);
  if (found == all_.end())
    return;
  auto& each = found->second;
  if (each.is_busy || !each.has_more || !each.who.has_room())
    return;
  each.is_busy = true;
  each.has_more = false; // until told otherwise while the question is under way
  self
    ->request(options.reader, caf::infinite, atom::follow_atom::value,
              follow_query{each.who.search, each.who.after})
    .then(
      [this, number](followed_page& page) {
        take(number, page);
      },
      [this, number](const caf::error&) {
        drop(number);
      });
}

void feed_actor_state::take(std::uint64_t number, followed_page& page) {
  const auto found = all_.find(number);
  if (found == all_.end())
    return;
  auto& each = found->second;
  each.is_busy = false;
  if (page.failure) {
    each.has_more = true; // asked again with the next nudge or tick
    return;
  }
  each.who.after = page.seen;
  each.has_more = each.has_more || page.has_more;
  if (!page.turns.empty() && !each.who.take(page.turns))
    drop(number);
  else
    pull(number);
}

// A connection that is gone is heard of when it is written to.
void feed_actor_state::drop(std::uint64_t number) {
  all_.erase(number);
  options.followers->store(all_.size());
}

// A nudge may have been lost.
void feed_actor_state::tick() {
  drop_gone();
  nudge();
  is_ticking_ = !all_.empty();
  if (is_ticking_)
    self->delayed_send(self, options.beat, atom::tick_atom::value);
}

void feed_actor_state::drop_gone() {
  for (auto each = all_.begin(); each != all_.end();)
    each = each->second.who.beat() ? std::next(each) : all_.erase(each);
  options.followers->store(all_.size());
}

messages::feed_actor::behavior_type
feed(messages::feed_actor::stateful_pointer<feed_actor_state> self,
     feed_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::follow_atom, messages::event_follower& who,
             const messages::followed_slot& slot) {
      state.follow(std::move(who), slot);
    },
    [&state](atom::nudge_atom) {
      state.nudge();
    },
    [&state](atom::pull_atom) {
      state.pull_all();
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
