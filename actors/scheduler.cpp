#include "actors/scheduler.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

using std::chrono::milliseconds;

constexpr auto plan_max = milliseconds{500}; // between two looks
constexpr auto retry_delay = std::chrono::seconds{1};

} // namespace

void scheduler_actor_state::start() {
  page_in();
  plan();
}

void scheduler_actor_state::hear(const durable_notice& notice) {
  for (const auto& timer : notice.timers)
    if (timer.what.due <= loaded_until_)
      timers_.add(timer);
  for (const auto& message : notice.messages)
    if (message.due <= loaded_until_)
      messages_.add(message);
  wake_due();
  plan();
}

void scheduler_actor_state::tick(std::uint64_t generation) {
  if (generation != generation_)
    return; // planned anew since
  planned_ = {};
  const auto now = options.clock();
  if (!paging_ && now + options.horizon / 2 > loaded_until_)
    page_in();
  wake_due();
  plan();
}

// Reads everything due until the horizon, page by page.
void scheduler_actor_state::page_in() {
  paging_ = true;
  query_ = {};
  query_.until = options.clock() + options.horizon;
  query_.limit = options.page;
  // From here on what becomes durable within the horizon is heard, so nothing
  // falls between the page and the notices.
  loaded_until_ = query_.until;
  self->request(options.reader, caf::infinite, atom::due_atom::value, query_)
    .then(
      [this](const due_page& page) {
        take_page(page);
      },
      [this](const caf::error&) {
        paging_ = false;
      });
}

void scheduler_actor_state::take_page(const due_page& page) {
  if (page.failure) {
    paging_ = false;
    loaded_until_ = {}; // read again at the next look
    return;
  }
  for (const auto& timer : page.timers)
    timers_.add(timer);
  for (const auto& message : page.messages)
    messages_.add(message);
  const auto more_timers = page.timers.size() == query_.limit;
  const auto more_messages = page.messages.size() == query_.limit;
  const auto full = timers_.size() >= options.held_max
                    || messages_.size() >= options.held_max;
  if (full) {
    // As far as memory goes; the rest is read when this has been worked off.
    paging_ = false;
    loaded_until_ = {};
  } else if (more_timers || more_messages) {
    if (!page.timers.empty())
      query_.after_timer = page.timers.back();
    if (!page.messages.empty())
      query_.after_message = page.messages.back();
    self->request(options.reader, caf::infinite, atom::due_atom::value, query_)
      .then(
        [this](const due_page& next) {
          take_page(next);
        },
        [this](const caf::error&) {
          paging_ = false;
        });
  } else {
    paging_ = false;
  }
  wake_due();
  plan();
}

void scheduler_actor_state::wake_due() {
  const auto now = options.clock();
  const auto room = [this](std::size_t under_way) {
    return options.under_way_max - std::min(options.under_way_max, under_way);
  };
  for (const auto& due : timers_.take(now, room(timers_.under_way())))
    fire(due);
  for (const auto& row : messages_.take(now, room(messages_.under_way())))
    deliver(row);
}

void scheduler_actor_state::fire(const persistence::due_timer& due) {
  const auto shard = (*options.shards)(engine::shard_of(due.contact));
  self->request(shard, caf::infinite, atom::fire_atom::value, due)
    .then(
      [this, due](const messages::status_answer& answer) {
        settle(timers_, due, answer);
      },
      [this, due](const caf::error&) {
        settle(timers_, due, {engine::error{}});
      });
}

void scheduler_actor_state::deliver(const persistence::inbox_row& row) {
  const auto shard = (*options.shards)(
    row.target ? engine::shard_of(options.seed, row.workspace, row.target->kind,
                                  row.target->key)
               : engine::shard_of(row.sender));
  self->request(shard, caf::infinite, atom::deliver_atom::value, row)
    .then(
      [this, row](const messages::status_answer& answer) {
        settle(messages_, row, answer);
      },
      [this, row](const caf::error&) {
        settle(messages_, row, {engine::error{}});
      });
}

// A wake-up that failed stays under way until the store is read again, a
// second later: its row is still there.
template <class Queue, class Item>
void scheduler_actor_state::settle(Queue& queue, const Item& item,
                                   const messages::status_answer& answer) {
  queue.done(item);
  if (answer.failure)
    loaded_until_ = std::min(loaded_until_, options.clock() + retry_delay);
  wake_due();
}

// `delayed_send` cannot be cancelled: a newer generation voids it.
void scheduler_actor_state::plan() {
  const auto now = options.clock();
  auto delay = std::chrono::duration_cast<engine::duration>(plan_max);
  for (const auto& next : {timers_.next(), messages_.next()})
    if (next)
      delay = std::min(delay, *next - now);
  delay = std::max(delay, engine::duration{1000});
  if (planned_ > now && planned_ <= now + delay)
    return; // soon enough
  planned_ = now + delay;
  self->delayed_send(self, delay, atom::tick_atom::value, ++generation_);
}

messages::scheduler_actor::behavior_type scheduler(
  messages::scheduler_actor::stateful_pointer<scheduler_actor_state> self,
  scheduler_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.start();
  return {
    [&state](atom::notice_atom, const durable_notice& notice) {
      state.hear(notice);
    },
    [&state](atom::tick_atom, std::uint64_t generation) {
      state.tick(generation);
    },
  };
}

} // namespace troupe::actors
