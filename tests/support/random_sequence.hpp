// Definitions no one would write, but all of them valid.
#pragma once

#include "engine/sequence_definition.hpp"
#include "tests/support/events.hpp"
#include "tests/support/random_values.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>

namespace troupe::test {

/// The names of events that random sequences listen to and send.
inline const std::vector<std::string>& world_events() {
  static const std::vector<std::string> names{"a", "b", "order.paid",
                                              "order.sent", "user.seen"};
  return names;
}

class random_sequence {
public:
  explicit random_sequence(dice& from) : from_(from) {}

  /// @returns a sequence whose channels are "email"
  std::shared_ptr<const engine::sequence_definition> make() {
    for (;;) { // some have a cycle without a wait
      auto parsed = engine::parse_sequence(definition(), {"email"});
      if (parsed)
        return *parsed;
      if (parsed.failure().name != "cycle_without_wait")
        throw std::logic_error{parsed.failure().name + " at "
                               + parsed.failure().pointer};
    }
  }

private:
  boost::json::value definition() {
    nodes_ = 2 + from_.below(7);
    starts_ = false;
    boost::json::object nodes;
    for (std::uint64_t i = 0; i < nodes_; ++i)
      nodes["n" + std::to_string(i)] = node();
    boost::json::object made{{"key", "k" + std::to_string(++made_)},
                             {"entry", "n0"},
                             {"nodes", std::move(nodes)},
                             {"trigger", {{"any", events(false)}}}};
    made["reentry"] = json(from_.of(std::vector<std::string>{
      R"("never")", R"("after_exit")", R"("always")", R"({"after":"2h"})",
      R"({"per_key":{"var":"event.properties.id"}})"}));
    if (from_.chance(30))
      made["cooldown"] = span();
    if (from_.chance(30))
      made["filter"] = condition();
    if (from_.chance(30))
      made["exit_when"] = events(false);
    add_limits(made);
    if (from_.chance(50))
      made["vars"] = {{"id", {{"var", "event.properties.id"}}},
                      {"half", {{"/", {{{"var", "event.properties.n"}}, 7}}}}};
    return made;
  }

  void add_limits(boost::json::object& made) {
    if (from_.chance(20))
      made["goals"] = events(false);
    if (from_.chance(30))
      made["frequency_cap"] = json(from_.of(std::vector<std::string>{
        R"({"max":1,"within":"2h"})", R"({"max":3,"within":"1d"})",
        R"({"max":2,"within":"15m","channel":"email"})"}));
    if (from_.chance(30))
      made["quiet_hours"] = json(from_.of(std::vector<std::string>{
        R"({"from":"12:30","to":"14:00","timezone":"UTC"})",
        R"({"from":"22:00","to":"08:00"})"}));
    if (from_.chance(20))
      made["max_event_age"] = span();
    if (from_.chance(30))
      made["on_resume"] = "skip_overdue";
  }

  std::string target() {
    return "n" + std::to_string(from_.below(nodes_));
  }

  std::string span() {
    return from_.of(std::vector<std::string>{"1s", "90s", "15m", "2h", "1d"});
  }

  boost::json::value condition() {
    return json(from_.of(std::vector<std::string>{
      R"({">":[{"var":"event.properties.n"},50]})",
      R"({"==":[{"var":"event.properties.id"},{"var":"run.vars.id"}]})",
      R"({"has_tag":"t1"})", R"({"<":[{"var":"contact.score"},20]})",
      R"({"!":[{"var":"contact.attributes.x"}]})",
      R"({"==":[{"%":[{"var":"now"},2]},0]})",
      R"({">=":[{"event_count":{"event":"a","within":"2h"}},2]})",
      R"({">":[{"event_sum":{"event":"order.*","of":"properties.n"}},200]})",
      R"({"in_segment":"busy"})"}));
  }

  boost::json::array events(bool with_then) {
    boost::json::array out;
    for (auto n = 1 + from_.below(3); n > 0; --n) {
      auto name = from_.of(world_events());
      if (from_.chance(15))
        name = from_.chance(50) ? "order.*" : "*";
      boost::json::object clause{{"event", name}};
      if (from_.chance(40))
        clause["where"] = condition();
      if (with_then)
        clause["then"] = target();
      out.push_back(std::move(clause));
    }
    return out;
  }

  boost::json::object call() {
    boost::json::object made{{"type", "http"},
                             {"url", "https://x.example/{{id}}"},
                             {"body", {{"n", {{"var", "contact.score"}}}}},
                             {"then", target()}};
    if (from_.chance(50)) {
      made["await"] = true;
      made["timeout"] = span();
      if (from_.chance(50))
        made["on_failure"] = target();
    }
    return made;
  }

  boost::json::object node() {
    switch (from_.below(13)) {
      case 7:
        return split();
      case 8:
        return start();
      case 9:
        return {{"type", "wait"}, {"until", until()}, {"then", target()}};
      case 0:
        return {{"type", "exit"}};
      case 1:
        return {{"type", "state"}, {"on", events(true)}};
      case 2:
        return {{"type", "branch"},
                {"cases", {{{"if", condition()}, {"then", target()}}}},
                {"else", target()}};
      case 3:
        return update();
      case 4:
        return {{"type", "send"},
                {"channel", "email"},
                {"text", "{{external_id}} {{event.properties.n}}"},
                {"then", target()}};
      case 5:
        return call();
      case 6:
        return emit();
      default:
        return wait();
    }
  }

  boost::json::object update() {
    const auto tag = "t" + std::to_string(from_.below(3));
    boost::json::object made{{"type", "update"}, {"then", target()}};
    made[from_.chance(60) ? "tags_add" : "tags_remove"]
      = boost::json::array{boost::json::string{tag}};
    made["set"] = json(from_.of(std::vector<std::string>{
      R"({"x":{"/":[{"var":"event.properties.n"},3]}})",
      R"({"y":{"var":"event.properties"}})", R"({"x":"{{run.vars.half}}"})",
      R"({"z":{"merge":[{"var":"contact.attributes.z"},
                        {"var":"event.properties.id"}]}})",
      R"({"y":null})", R"({"timezone":"Pacific/Auckland"})",
      R"({"timezone":"Nowhere"})", "{}"}));
    if (from_.chance(50))
      made["score_add"] = static_cast<std::int64_t>(from_.below(20));
    if (from_.chance(20))
      made["unset"] = {"x"};
    return made;
  }

  boost::json::object emit() {
    boost::json::object made{{"type", "emit"},
                             {"event", from_.of(world_events())},
                             {"then", target()}};
    made["properties"] = json(R"({"id":{"var":"event.properties.id"},"n":1})");
    if (from_.chance(30))
      made["contact"] = {
        {"external_id", {{"cat", {"usr_", {{"var", "event.properties.id"}}}}}}};
    return made;
  }

  boost::json::object split() {
    boost::json::array ways;
    for (auto n = 1 + from_.below(3); n > 0; --n)
      ways.push_back({{"weight", static_cast<std::int64_t>(n + from_.below(5))},
                      {"then", target()}});
    return {{"type", "split"}, {"weights", std::move(ways)}};
  }

  // One a sequence: several in a row would fill each turn with starts.
  boost::json::object start() {
    if (std::exchange(starts_, true))
      return {{"type", "exit"}};
    return {{"type", "start"},
            {"sequence", "k" + std::to_string(1 + from_.below(13))},
            {"vars", {{"id", "{{run.vars.id}}{{n}}"}}},
            {"then", target()}};
  }

  boost::json::value until() {
    return json(from_.of(std::vector<std::string>{
      R"({"time":"13:00"})", R"({"weekdays":["mon","thu"]})",
      R"({"time":"09:00","timezone":"America/New_York"})",
      R"({"date":{"var":"now"}})",
      R"({"date":"2026-03-02","weekdays":["tue"]})",
      R"({"date":"2026-03-01","time":"13:30"})"}));
  }

  boost::json::object wait() {
    if (from_.chance(35))
      return {{"type", "wait"}, {"for", span()}, {"then", target()}};
    const auto all = from_.chance(30);
    auto clauses = events(!all && from_.chance(50));
    for (auto& each : clauses)
      if (from_.chance(30))
        each.as_object()["count"]
          = static_cast<std::int64_t>(1 + from_.below(3));
    boost::json::object made{{"type", "wait"}, {"then", target()}};
    made[all ? "all" : "any"] = std::move(clauses);
    if (from_.chance(60)) {
      made["timeout"] = span();
      made["on_timeout"] = target();
    }
    made["look_back"]
      = from_.of(std::vector<std::string>{"none", "none", "entry", "30m"});
    return made;
  }

  dice& from_;
  std::uint64_t nodes_ = 0;
  bool starts_ = false;
  int made_ = 0;
};

} // namespace troupe::test
