#include "actors/scheduler.hpp"

#include "persistence/trigger_rows.hpp"

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
  const auto full = timers_.size() >= options.held_max
                    || messages_.size() >= options.held_max;
  if (full || notice.timers_released)
    loaded_until_ = {}; // the store has what is read at the next look
  // What is due in test workspaces is no business of this one.
  const auto known = options.catalog->get();
  const auto is_live = [&known](engine::workspace_id workspace) {
    return messages::clock_of(*known, workspace) == nullptr;
  };
  for (const auto& timer : notice.timers)
    if (timer.what.due <= loaded_until_ && is_live(timer.workspace))
      timers_.add(timer);
  for (const auto& message : notice.messages)
    if (message.due <= loaded_until_ && is_live(message.workspace))
      messages_.add(message);
  wake_due();
  plan();
}

void scheduler_actor_state::tick(std::uint64_t generation) {
  if (generation != generation_)
    return; // planned anew since
  planned_ = {};
  try_again(timers_, failed_timers_);
  try_again(messages_, failed_messages_);
  if (!paging_ && options.clock() + options.horizon / 2 > loaded_until_)
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
        stop_paging();
      });
}

void scheduler_actor_state::take_page(const due_page& page) {
  if (page.failure) {
    stop_paging();
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
          stop_paging();
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
        settle(timers_, failed_timers_, due, answer);
      },
      [this, due](const caf::error&) {
        settle(timers_, failed_timers_, due, {engine::interrupted()});
      });
}

void scheduler_actor_state::deliver(const persistence::inbox_row& row) {
  const auto done = [this, row](const messages::status_answer& answer) {
    settle(messages_, failed_messages_, row, answer);
  };
  const auto lost = [this, row](const caf::error&) {
    settle(messages_, failed_messages_, row, {engine::interrupted(), {}, {}});
  };
  if (persistence::is_of_trigger(row)) {
    self
      ->request(options.triggers, caf::infinite, atom::deliver_atom::value, row)
      .then(done, lost);
    return;
  }
  const auto shard = (*options.shards)(
    row.target ? engine::shard_of(options.seed, row.workspace, row.target->kind,
                                  row.target->key)
               : engine::shard_of(row.sender));
  self->request(shard, caf::infinite, atom::deliver_atom::value, row)
    .then(done, lost);
}

// The row of a wake-up that failed is still there; it stays under way until it
// is tried again.
template <class Queue, class Failed, class Item>
void scheduler_actor_state::settle(Queue& queue, Failed& failed,
                                   const Item& item,
                                   const messages::status_answer& answer) {
  if (answer.failure)
    failed.emplace_back(options.clock() + retry_delay, item);
  else
    queue.done(item);
  wake_due();
}

template <class Queue, class Failed>
void scheduler_actor_state::try_again(Queue& queue, Failed& failed) {
  const auto now = options.clock();
  // Or the clock was set back since it failed.
  const auto is_over = [now](engine::timestamp until) {
    return until <= now || until > now + retry_delay;
  };
  while (!failed.empty() && is_over(failed.front().first)) {
    queue.done(failed.front().second);
    queue.add(std::move(failed.front().second));
    failed.pop_front();
  }
}

// What was not read is read at the next look.
void scheduler_actor_state::stop_paging() {
  paging_ = false;
  loaded_until_ = {};
}

// `delayed_send` cannot be cancelled: a newer generation voids it.
void scheduler_actor_state::plan() {
  const auto now = options.clock();
  auto delay = std::chrono::duration_cast<engine::duration>(plan_max);
  for (const auto& next : {timers_.next(), messages_.next()})
    if (next)
      delay = std::min(delay, *next - now);
  delay = std::max(delay, engine::duration{1000});
  if (planned_ != engine::timestamp{} && planned_ <= now + delay)
    return; // soon enough, or in the mailbox already
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
