#include "actors/test_clocks.hpp"

#include "actors/test_instant.hpp"
#include "engine/json_text.hpp"
#include "persistence/trigger_rows.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

using std::chrono::milliseconds;

constexpr auto retry_delay = std::chrono::seconds{1};
// As far as times are read.
constexpr auto clock_end
  = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};

engine::error no_clock() {
  return {engine::errc::forbidden,
          "test_workspace_only",
          "only workspaces of kind `test` have a clock that can be moved",
          {}};
}

engine::error too_far() {
  return engine::invalid("field_invalid",
                         "a test clock goes to the end of the year 2199", "");
}

engine::error is_moving() {
  return {engine::errc::conflict,
          "test_clock_moving",
          "this clock is being moved already; wait for the answer",
          {}};
}

engine::error backwards(engine::timestamp now) {
  return {engine::errc::conflict,
          "clock_backwards",
          "a test clock goes forward only; it shows " + engine::to_iso8601(now),
          {}};
}

engine::error does_not_go() {
  return {engine::errc::internal,
          "test_clock_stuck",
          "something that was due is still due after it happened",
          {}};
}

bool is_same(const persistence::due_timer& a, const persistence::due_timer& b) {
  return a.contact == b.contact && a.what == b.what;
}

persistence::admin_row note_of(const messages::test_clock_wish& wish,
                               const messages::catalog& known,
                               engine::timestamp at, engine::timestamp now) {
  persistence::admin_row note;
  note.workspace = wish.workspace;
  note.at = at;
  note.action = "test_clock.moved";
  if (const auto* key = messages::key_numbered(known, wish.key))
    note.actor = key->text_id;
  note.request_id = wish.request_id;
  note.details
    = engine::to_json(boost::json::object{{"now", engine::to_iso8601(now)}});
  return note;
}

} // namespace

test_clocks_actor_state::promise
test_clocks_actor_state::move(const messages::test_clock_wish& wish) {
  auto answer = self->make_response_promise<messages::test_clock_moved>();
  const auto refuse = [&answer](engine::error why) {
    messages::test_clock_moved refused;
    refused.failure = std::move(why);
    answer.deliver(std::move(refused));
    return answer;
  };
  const auto clock
    = messages::clock_of(*options.catalog->get(), wish.workspace);
  if (!clock)
    return refuse(no_clock());
  auto& of = all_[wish.workspace];
  of.clock = clock;
  if (of.on_the_way)
    return refuse(is_moving());
  const auto target = wish.to.value_or(clock->now() + wish.by);
  if (target < std::chrono::floor<milliseconds>(clock->now()))
    return refuse(backwards(clock->now()));
  if (target >= clock_end)
    return refuse(too_far());
  of.on_the_way = journey{wish, answer, target, {}, {}, false};
  call(wish.workspace);
  return answer;
}

void test_clocks_actor_state::hear(const durable_notice& notice) {
  const auto known = options.catalog->get();
  if (!known->has_tests)
    return;
  for (const auto& timer : notice.timers)
    if (const auto end = end_in(*known, timer.workspace);
        end && timer.what.due <= end_of_instant(*end))
      call(timer.workspace);
  for (const auto& message : notice.messages)
    if (const auto end = end_in(*known, message.workspace);
        end && message.due <= end_of_messages(*end))
      call(message.workspace);
  if (notice.timers_released)
    start();
}

// Where the workspace's clock stands, or goes; nothing for a live one.
std::optional<engine::timestamp>
test_clocks_actor_state::end_in(const messages::catalog& known,
                                engine::workspace_id workspace) const {
  const auto clock = messages::clock_of(known, workspace);
  if (!clock)
    return std::nullopt;
  const auto of = all_.find(workspace);
  return of == all_.end() || !of->second.on_the_way
           ? clock->now()
           : std::max(clock->now(), of->second.on_the_way->target);
}

void test_clocks_actor_state::start() {
  const auto catalog = options.catalog->get(); // a newer may come
  for (const auto& [id, each] : catalog->workspaces)
    if (each.clock)
      call(id);
}

void test_clocks_actor_state::tick(engine::workspace_id workspace) {
  call(workspace);
}

void test_clocks_actor_state::call(engine::workspace_id workspace) {
  auto& of = all_[workspace];
  if (!of.clock)
    of.clock = messages::clock_of(*options.catalog->get(), workspace);
  of.is_called = true;
  if (!of.is_busy)
    begin(workspace);
}

void test_clocks_actor_state::begin(engine::workspace_id workspace) {
  auto& of = all_[workspace];
  of.is_busy = true;
  of.is_called = false;
  of.last_timer.reset();
  of.last_message.reset();
  of.has_begun = of.on_the_way.has_value();
  if (of.has_begun)
    of.on_the_way->began = steady::now();
  settle(workspace);
}

// What was written so far is kept before time goes on: what mail tells is due
// when it was sent.
void test_clocks_actor_state::settle(engine::workspace_id workspace) {
  ask(
    workspace, options.dispatch,
    [this, workspace](const messages::status_answer&) {
      look(workspace);
    },
    atom::settle_atom::value, engine::number(workspace));
}

void test_clocks_actor_state::look(engine::workspace_id workspace) {
  const auto& of = all_[workspace];
  due_query query;
  query.test_workspace = workspace;
  query.until = of.has_begun ? std::max(of.on_the_way->target, of.clock->now())
                             : of.clock->now();
  query.limit = 1;
  ask(
    workspace, options.reader,
    [this, workspace](const due_page& page) {
      take(workspace, page);
    },
    atom::due_atom::value, std::move(query));
}

// Messages go before timers of the same time: they were there first.
void test_clocks_actor_state::take(engine::workspace_id workspace,
                                   const due_page& page) {
  auto& of = all_[workspace];
  if (page.failure)
    return fail(workspace, *page.failure);
  if (!of.has_begun && of.on_the_way)
    return rest(workspace); // a wish goes first: it has its limits
  if (page.timers.empty() && page.messages.empty())
    return arrive(workspace);
  if (of.has_begun && is_over(*of.on_the_way, options))
    return arrive(workspace);
  if (page.timers.empty()
      || (!page.messages.empty()
          && page.messages.front().due <= page.timers.front().what.due))
    deliver(workspace, page.messages.front());
  else
    fire(workspace, page.timers.front());
}

bool test_clocks_actor_state::is_over(journey& on_the_way,
                                      const test_clocks_options& options) {
  on_the_way.has_more = on_the_way.turns.size() >= options.turns_max
                        || steady::now() - on_the_way.began > options.time_max;
  return on_the_way.has_more;
}

void test_clocks_actor_state::fire(engine::workspace_id workspace,
                                   const persistence::due_timer& due) {
  auto& of = all_[workspace];
  if (of.last_timer && is_same(*of.last_timer, due))
    return fail(workspace, does_not_go());
  of.last_timer = due;
  of.clock->move_to(due.what.due);
  const auto shard = (*options.shards)(engine::shard_of(due.contact));
  ask(
    workspace, shard,
    [this, workspace](const messages::status_answer& answer) {
      happened(workspace, answer);
    },
    atom::fire_atom::value, due);
}

void test_clocks_actor_state::deliver(engine::workspace_id workspace,
                                      const persistence::inbox_row& row) {
  auto& of = all_[workspace];
  if (of.last_message == row.id)
    return fail(workspace, does_not_go());
  of.last_message = row.id;
  of.clock->move_to(row.due);
  const auto done = [this, workspace](const messages::status_answer& answer) {
    happened(workspace, answer);
  };
  if (persistence::is_of_trigger(row))
    return ask(workspace, options.triggers, done, atom::deliver_atom::value,
               row);
  const auto shard = (*options.shards)(
    row.target ? engine::shard_of(options.seed, row.workspace, row.target->kind,
                                  row.target->key)
               : engine::shard_of(row.sender));
  ask(workspace, shard, done, atom::deliver_atom::value, row);
}

// A timer or message that was taken meanwhile has no turn.
void test_clocks_actor_state::happened(engine::workspace_id workspace,
                                       const messages::status_answer& answer) {
  auto& of = all_[workspace];
  if (answer.failure)
    return fail(workspace, *answer.failure);
  if (answer.turn == engine::position{})
    return look(workspace);
  if (of.has_begun)
    of.on_the_way->turns.push_back(answer.turn);
  settle(workspace);
}

// Nothing is due any more, or enough has happened for one wish.
void test_clocks_actor_state::arrive(engine::workspace_id workspace) {
  auto& of = all_[workspace];
  if (!of.has_begun)
    return rest(workspace);
  const auto& done = *of.on_the_way;
  const auto known = options.catalog->get();
  const auto now
    = done.has_more ? of.clock->now() : std::max(of.clock->now(), done.target);
  persistence::test_clock_row row{workspace,
                                  known->workspaces.at(workspace).text_id, now};
  ask(
    workspace, options.persistence,
    [this, workspace, now](const row_changed& answer) {
      if (answer.failure)
        return fail(workspace, *answer.failure);
      all_[workspace].clock->move_to(now);
      tell(workspace);
    },
    atom::store_atom::value,
    row_change{{std::move(row)},
               note_of(done.wish, *known, options.clock(), now)});
}

void test_clocks_actor_state::tell(engine::workspace_id workspace) {
  ask(
    workspace, options.lister,
    [this, workspace](messages::trace_found& found) {
      const auto& of = all_[workspace];
      messages::test_clock_moved what;
      what.failure = std::move(found.failure);
      what.now = of.clock->now();
      what.target = of.on_the_way->target;
      what.turns = std::move(found.turns);
      what.has_more = of.on_the_way->has_more;
      finish(workspace, std::move(what));
    },
    atom::explain_atom::value,
    caused_search{all_[workspace].on_the_way->turns});
}

// What is due stays due: who asks again goes on, and without a wish it is tried
// again by itself.
void test_clocks_actor_state::fail(engine::workspace_id workspace,
                                   const engine::error& why) {
  if (all_[workspace].has_begun) {
    messages::test_clock_moved failed;
    failed.failure = why;
    finish(workspace, std::move(failed));
    return;
  }
  self->delayed_send(self, retry_delay, atom::tick_atom::value,
                     engine::number(workspace));
  rest(workspace);
}

void test_clocks_actor_state::finish(engine::workspace_id workspace,
                                     messages::test_clock_moved what) {
  auto& of = all_[workspace];
  of.on_the_way->answer.deliver(std::move(what));
  of.on_the_way.reset();
  of.has_begun = false;
  rest(workspace);
}

void test_clocks_actor_state::rest(engine::workspace_id workspace) {
  auto& of = all_[workspace];
  of.is_busy = false;
  if (of.is_called || of.on_the_way)
    begin(workspace);
}

messages::test_clocks_actor::behavior_type test_clocks(
  messages::test_clocks_actor::stateful_pointer<test_clocks_actor_state> self,
  test_clocks_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.start();
  return {
    [&state](atom::notice_atom, const durable_notice& notice) {
      state.hear(notice);
    },
    [&state](atom::change_atom, const messages::test_clock_wish& wish) {
      return state.move(wish);
    },
    [&state](atom::tick_atom, std::uint32_t workspace) {
      state.tick(engine::workspace_id{workspace});
    },
  };
}

} // namespace troupe::actors
