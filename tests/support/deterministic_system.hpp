// An actor system without threads: messages run when the test says so, CAF's
// timers fire when the test moves the clock. Actors that are detached in the
// product are spawned plainly here.
#pragma once

#include "actors/persistence.hpp"
#include "actors/reader.hpp"
#include "actors/shard.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"
#include "persistence/store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::tests {

/// Asks and keeps the answer for the test to look at.
template <class Answer>
struct asked {
  std::shared_ptr<std::optional<Answer>> answer
    = std::make_shared<std::optional<Answer>>();

  [[nodiscard]] bool has_value() const {
    return answer->has_value();
  }

  [[nodiscard]] const Answer& operator*() const {
    return answer->value();
  }

  [[nodiscard]] const Answer* operator->() const {
    return &answer->value();
  }
};

class deterministic_system {
public:
  deterministic_system();
  ~deterministic_system();
  deterministic_system(const deterministic_system&) = delete;
  deterministic_system& operator=(const deterministic_system&) = delete;

  /// Serves messages until there are none.
  void run();

  /// Moves both clocks and serves what is then due.
  void advance(engine::duration by);

  [[nodiscard]] actors::clock_source clock() const;

  template <class Function, class... Arguments>
  auto spawn(Function function, Arguments&&... arguments) {
    auto actor
      = system_->spawn(function, std::forward<Arguments>(arguments)...);
    spawned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(actor));
    return actor;
  }

  /// Sends a request; the answer is there after run().
  template <class Answer, class Target, class... Parts>
  asked<Answer> ask(const Target& target, Parts&&... parts) {
    asked<Answer> out;
    auto message = std::make_shared<std::tuple<std::decay_t<Parts>...>>(
      std::forward<Parts>(parts)...);
    // With an argument: without one, CAF 0.17 trips over an assertion.
    system_->spawn(
      [out, message](caf::event_based_actor* self, const Target& to) {
        std::apply(
          [&](auto&... each) {
            self->request(to, caf::infinite, std::move(each)...)
              .then(
                [out](Answer& got) {
                  *out.answer = std::move(got);
                },
                [](const caf::error&) {});
          },
          *message);
      },
      target);
    return out;
  }

  caf::actor_system& system() {
    return *system_;
  }

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<engine::timestamp> now_;
  std::vector<caf::strong_actor_ptr> spawned_;
};

} // namespace troupe::tests
