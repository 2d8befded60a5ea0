// TEST CLOCKS: the scheduler of test workspaces. Time stands still in each of
// them; what is due by then happens at once, and when a clock is moved all that
// is due on the way happens in order, one after the other.
// Invariants:
// (1) In a workspace one thing happens at a time: the next one is looked for
//     when the last is durable and its deliveries are kept.
// (2) A clock shows when what happens was due. It is stored where it was asked
//     to go, so that a crash on the way leaves it where it was, and what
//     happened already does not happen again.
#pragma once

#include "actors/shard.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace troupe::actors {

struct test_clocks_options {
  messages::reader_actor reader; // of what is due
  messages::reader_actor lister; // of what has happened
  messages::persistence_actor persistence;
  messages::dispatch_actor dispatch;
  messages::triggers_actor triggers;
  std::shared_ptr<const shard_table> shards;
  std::uint64_t seed = 0; // of the installation
  std::shared_ptr<const messages::published_catalog> catalog;
  clock_source clock = system_time; // of notes
  // By one wish, which then says that there is more.
  std::size_t turns_max = 1000;
  std::chrono::milliseconds time_max{5000};
  std::chrono::milliseconds question_max{5000}; // until it counts as lost
};

struct test_clocks_actor_state {
  static inline const char* name = "test_clocks";

  using promise = caf::typed_response_promise<messages::test_clock_moved>;

  promise move(const messages::test_clock_wish& wish);
  void hear(const durable_notice& notice);
  void tick(engine::workspace_id workspace);
  void start();

  messages::test_clocks_actor::pointer self = nullptr;
  test_clocks_options options;

private:
  using steady = std::chrono::steady_clock;

  /// A wish to move a clock, from when it is asked until it is answered.
  struct journey {
    messages::test_clock_wish wish;
    promise answer;
    engine::timestamp target{};
    steady::time_point began;
    std::vector<engine::position> turns;
    bool has_more = false;
  };

  /// What goes on in a workspace.
  struct workspace_state {
    std::shared_ptr<messages::test_clock> clock;
    bool is_busy = false;
    bool is_called = false; // something may be due that was not looked at
    std::optional<journey> on_the_way;
    bool has_begun = false; // the journey
    // The row that was dealt with last: it is gone from the store.
    std::optional<persistence::due_timer> last_timer;
    std::optional<engine::inbox_id> last_message;
  };

  /// Asks another actor. A question that is lost fails what goes on.
  template <class Target, class Done, class... Question>
  void ask(engine::workspace_id workspace, const Target& target, Done done,
           Question... question) {
    self->request(target, options.question_max, std::move(question)...)
      .then(std::move(done), [this, workspace](const caf::error&) {
        fail(workspace, engine::interrupted());
      });
  }

  [[nodiscard]] std::optional<engine::timestamp>
  end_in(const messages::catalog& known, engine::workspace_id workspace) const;
  void call(engine::workspace_id workspace);
  void begin(engine::workspace_id workspace);
  void settle(engine::workspace_id workspace);
  void look(engine::workspace_id workspace);
  void take(engine::workspace_id workspace, const due_page& page);
  void fire(engine::workspace_id workspace, const persistence::due_timer& due);
  void deliver(engine::workspace_id workspace,
               const persistence::inbox_row& row);
  void happened(engine::workspace_id workspace,
                const messages::status_answer& answer);
  [[nodiscard]] static bool is_over(journey& on_the_way,
                                    const test_clocks_options& options);
  void arrive(engine::workspace_id workspace);
  void tell(engine::workspace_id workspace);
  void fail(engine::workspace_id workspace, const engine::error& why);
  void finish(engine::workspace_id workspace, messages::test_clock_moved what);
  void rest(engine::workspace_id workspace);

  std::unordered_map<engine::workspace_id, workspace_state> all_;
};

messages::test_clocks_actor::behavior_type test_clocks(
  messages::test_clocks_actor::stateful_pointer<test_clocks_actor_state> self,
  test_clocks_options options);

} // namespace troupe::actors
