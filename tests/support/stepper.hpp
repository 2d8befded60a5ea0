// One contact without a store: decides inputs one after another, keeps what
// the store would keep, and applies each turn.
#pragma once

#include "engine/sequence_definition.hpp"
#include "tests/support/events.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <set>
#include <string_view>
#include <vector>

namespace troupe::test {

using namespace std::chrono_literals;

inline std::shared_ptr<const engine::sequence_definition>
sequence(std::string_view text) {
  const std::set<std::string> channels{"email", "sms"};
  auto parsed = engine::parse_sequence(json(text), channels);
  if (!parsed)
    throw std::invalid_argument{parsed.failure().name + ": "
                                + parsed.failure().message + " at "
                                + parsed.failure().pointer};
  return *parsed;
}

/// A sequence whose trigger is the event `go`, from its nodes and what else
/// is special about it.
inline std::shared_ptr<const engine::sequence_definition>
sequence_of(const std::string& nodes, const std::string& entry,
            const std::string& more = "") {
  return sequence(R"({"key":"k","trigger":{"any":[{"event":"go"}]},"entry":")"
                  + entry + "\"," + more + "\"nodes\":{" + nodes + "}}");
}

class stepper {
public:
  explicit stepper(engine::contact_id id = engine::contact_id{1}) {
    state_.workspace = engine::workspace_id{1};
    state_.id = id;
    with_.add_channel("email", engine::destination_id{70});
    with_.set_steps(engine::destination_id{71});
  }

  engine::timestamp now = noon;

  [[nodiscard]] const engine::contact_state& state() const {
    return state_;
  }

  engine::definitions& with() {
    return with_;
  }

  void publish(std::shared_ptr<const engine::sequence_definition> what,
               std::uint32_t id = 1, std::uint32_t version = 1,
               bool active = true) {
    with_.add(engine::published_sequence{engine::sequence_id{id}, version,
                                         active, std::move(what)});
  }

  /// @pre those it asks about were published before
  void publish_segment(const std::string& key, std::string_view condition,
                       std::uint32_t version = 1) {
    auto rule = engine::compile_segment(json(condition), "");
    if (!rule)
      throw std::invalid_argument{rule.failure().message};
    with_.add(engine::published_segment{engine::segment_id{++segments_},
                                        version, key, key, std::move(*rule)});
  }

  /// Other definitions from here on, with the same channels.
  void forget_definitions() {
    with_ = engine::definitions{with_.version() + 1};
    with_.add_channel("email", engine::destination_id{70});
    with_.set_steps(engine::destination_id{71});
    segments_ = 0;
  }

  /// Keys of the contact's segments: "rich vip".
  [[nodiscard]] std::string segments() const {
    std::string out;
    for (const auto id : state_.segments->in) {
      const auto* key = with_.segment_key(id);
      out += (out.empty() ? "" : " ") + (key == nullptr ? "?" : *key);
    }
    return out;
  }

  void subscribe(std::uint32_t endpoint, std::vector<std::string> events,
                 std::string_view filter = "") {
    engine::webhook_subscription made;
    made.endpoint = engine::destination_id{endpoint};
    for (auto& each : events)
      made.events.emplace_back(std::move(each));
    if (!filter.empty())
      made.filter = *engine::condition::compile(json(filter));
    with_.add(std::move(made));
  }

  const engine::turn& see(std::string_view type,
                          std::string_view properties = "{}",
                          std::vector<engine::identity> identities = {}) {
    return step(event(type, properties, std::move(identities)));
  }

  const engine::turn& fire(const engine::timer& what) {
    return step(engine::timer_input{what});
  }

  /// Decides, answers a request for history as the store would, and applies.
  const engine::turn& step(const engine::turn_input& input) {
    auto made = engine::decide(state_, input, with_, now, nullptr);
    if (const auto* asked = std::get_if<engine::history_request>(&made)) {
      const auto history = answer(*asked);
      ++histories_read;
      made = engine::decide(state_, input, with_, now, &history);
    }
    auto turn = std::get<engine::turn>(std::move(made));
    turn.stamp.turn = engine::position{100 + turn.stamp.seq};
    engine::apply(state_, turn);
    keep_timers(turn);
    turns_.push_back(std::move(turn));
    return turns_.back();
  }

  /// As the store's table holds them.
  [[nodiscard]] const std::set<engine::timer>& timers() const {
    return timers_;
  }

  [[nodiscard]] const std::deque<engine::turn>& turns() const {
    return turns_;
  }

  /// The node the only live run rests in; "" when there is no run.
  [[nodiscard]] std::string node() const {
    return state_.runs->empty() ? "" : state_.runs->front()->node;
  }

  int histories_read = 0;

private:
  void keep_timers(const engine::turn& turn) {
    if (turn.fired)
      timers_.erase(*turn.fired);
    for (const auto& each : turn.timers_cleared)
      if (timers_.erase(each) != 1)
        throw std::logic_error{"a timer was cleared that was not set"};
    timers_.insert(turn.timers_set.begin(), turn.timers_set.end());
  }

  std::vector<engine::past_event>
  answer(const engine::history_request& asked) const {
    std::vector<engine::past_event> found;
    for (const auto& turn : turns_)
      if (turn.event && turn.stamp.at >= asked.since
          && std::any_of(asked.events.begin(), asked.events.end(),
                         [&](const engine::event_pattern& wanted) {
                           return wanted.matches(turn.event->type);
                         }))
        found.push_back({turn.event->type, turn.stamp.at,
                         json(turn.event->properties_text()).as_object(),
                         turn.event->occurred_at, turn.event->value});
    return found;
  }

  engine::contact_state state_;
  engine::definitions with_{1};
  std::uint32_t segments_ = 0;
  std::set<engine::timer> timers_;
  std::deque<engine::turn> turns_;
};

/// The edges by which a turn's runs came to their nodes: "then timeout".
inline std::string edges_of(const engine::turn& turn) {
  std::string out;
  for (const auto& what : turn.changes)
    if (const auto* moved = std::get_if<engine::run_moved>(&what))
      out += (out.empty() ? "" : " ") + moved->edge;
  return out;
}

/// The nodes a turn's runs entered, in order: "hello nudge_wait".
inline std::string nodes_of(const engine::turn& turn) {
  std::string out;
  for (const auto& what : turn.changes)
    if (const auto* moved = std::get_if<engine::run_moved>(&what))
      out += (out.empty() ? "" : " ") + moved->node;
  return out;
}

inline bool starts_run(const engine::turn& turn) {
  return std::any_of(turn.changes.begin(), turn.changes.end(),
                     [](const engine::change& what) {
                       return std::holds_alternative<engine::run_started>(what);
                     });
}

} // namespace troupe::test
