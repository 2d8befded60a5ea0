// X1: explanations say what the live turn recorded.
#include "engine/check_inputs.hpp"
#include "engine/explain.hpp"
#include "tests/support/random_sequence.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;
using namespace troupe::engine;

namespace {

known_sequence known(std::uint32_t id,
                     std::shared_ptr<const sequence_definition> definition) {
  known_sequence out;
  out.id = sequence_id{id};
  out.versions.push_back({1, true, {}, std::move(definition)});
  return out;
}

bool are_about(const std::vector<event_clause>& clauses,
               const std::string& type) {
  return std::any_of(clauses.begin(), clauses.end(), [&](const auto& each) {
    return each.event.matches(type);
  });
}

// What the turn did with the sequence, of its changes and the state before.
verdict recorded(const known_sequence& of, const contact_state& before,
                 const turn& came) {
  const auto is_ours = [&](std::uint32_t number) {
    const auto* run = before.find_run(number);
    return run != nullptr && run->sequence == of.id;
  };
  auto advanced = false;
  auto counted = false;
  for (const auto& each : came.changes) {
    if (const auto* start = std::get_if<run_started>(&each))
      if (start->sequence == of.id)
        return verdict::started;
    if (const auto* move = std::get_if<run_moved>(&each))
      advanced = advanced || is_ours(move->number);
    if (const auto* end = std::get_if<run_ended>(&each))
      advanced = advanced || is_ours(end->number);
    if (const auto* count = std::get_if<run_counted>(&each))
      counted = counted || is_ours(count->number);
  }
  if (advanced || counted)
    return advanced ? verdict::advanced : verdict::waited;
  const auto& definition = *of.versions.front().definition;
  auto asked = are_about(definition.triggers, came.event->type);
  for (const auto& live : *before.runs)
    asked = asked
            || (live->sequence == of.id
                && listens(definition,
                           definition.nodes[definition.find(live->node)],
                           came.event->type));
  for (const auto& each : came.trace) // by a node of another one
    asked = asked || (each.asked == rule::start && each.sequence == of.id);
  return asked ? verdict::refused : verdict::not_listening;
}

explanation explained(const known_sequence& of, const turn& came,
                      const past_runs& before = {}) {
  auto after = before;
  after.add(came);
  return explain(of, &came, before, after);
}

void check_explanation(const known_sequence& of, const contact_state& before,
                       const turn& came, const past_runs& runs) {
  const auto said = explained(of, came, runs);
  CHECK(name_of(said.what) == name_of(recorded(of, before, came)));
  const auto happened = said.what == verdict::started
                        || said.what == verdict::advanced
                        || said.what == verdict::waited;
  CHECK((happened || said.first_failed));
  CHECK((!happened || said.run));
  if (said.first_failed)
    CHECK(said.checks.at(*said.first_failed).result == false);
  if (said.run)
    CHECK(said.run->sequence == of.id);
}

void check_runs(const past_runs& told, const contact_state& state) {
  for (const auto& live : *state.runs) {
    const auto* run = told.find(live->number);
    REQUIRE(run != nullptr);
    CHECK(run->node == live->node);
    CHECK(run->version == live->version);
    CHECK(run->wake_at == live->wake_at);
    CHECK(run->started_turn == live->started_turn);
    CHECK(run->ordinal == live->ordinal);
    CHECK(is_live(run->status));
  }
}

} // namespace

TEST_CASE("X1 in random worlds the verdict is what the live turn recorded",
          "[explain]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  std::size_t verdicts[6] = {};
  for (int world = 0; world < 12; ++world) {
    stepper one;
    std::vector<known_sequence> sequences;
    random_sequence make{from};
    for (std::uint32_t id = 1; id <= 8; ++id) {
      auto definition = make.make();
      one.publish(definition, id);
      sequences.push_back(known(id, std::move(definition)));
    }
    past_runs runs;
    for (int i = 0; i < 120; ++i) {
      one.now += std::chrono::minutes{from.below(40)};
      if (!one.timers().empty() && one.timers().begin()->due <= one.now) {
        runs.add(one.fire(*one.timers().begin()));
        continue;
      }
      const auto before = one.state();
      const auto& turn
        = one.see(from.of(world_events()),
                  R"({"n":)" + std::to_string(from.below(100)) + R"(,"id":)"
                    + std::to_string(from.below(4)) + "}");
      for (const auto& of : sequences) {
        check_explanation(of, before, turn, runs);
        ++verdicts[static_cast<std::size_t>(explained(of, turn, runs).what)];
      }
      for (const auto& each : turn.trace)
        CHECK(each.inputs.size() <= check_inputs_bytes_max);
      runs.add(turn);
      check_runs(runs, one.state());
    }
  }
  for (const auto what : {verdict::started, verdict::advanced, verdict::waited,
                          verdict::refused, verdict::not_listening})
    CHECK(verdicts[static_cast<std::size_t>(what)] > 0);
}

TEST_CASE("X1 the inputs of a check are a JSON object of at most 512 bytes",
          "[explain]") {
  const auto data
    = json(R"({"event":{"properties":{"s":")" + std::string(600, 'x')
           + R"(","l":[1,2,"a"],"o":{"a":1,"b":2},"n":1.5}},
    "contact":{"tags":["t","t","t"]}})");
  const auto asked = [&](const std::string& rule) {
    const auto compiled = condition::compile(json(rule));
    REQUIRE(compiled);
    auto text = check_inputs{}.add(*compiled, value_data{data}).take();
    CHECK(text.size() <= check_inputs_bytes_max);
    return json(text).as_object();
  };
  const auto read = asked(R"({"and":[{"var":"event.properties.l"},
    {"var":"event.properties.o"},{"var":["event.properties.none",5]},
    {"has_tag":"vip"},{"var":"event.properties.n"}]})");
  CHECK(read.at("event.properties.l") == json(R"([1,2,"a"])"));
  CHECK(read.at("event.properties.o") == "an object of 2");
  CHECK(read.at("event.properties.none").is_null());
  CHECK(read.at("event.properties.n") == 1.5);
  CHECK(read.at("contact.tags") == json(R"(["t","t","t"])"));
  const auto text = asked(R"({"var":"event.properties.s"})");
  CHECK(text.at("event.properties.s").as_string().size() < 120);
  std::string many = R"({"or":[)";
  for (int i = 0; i < 200; ++i)
    many += (i == 0 ? "" : ",")
            + (R"({"var":"event.properties.x)" + std::to_string(i) + "\"}");
  CHECK(asked(many + "]}").size() > 5);
  CHECK(asked(R"({"some":[{"var":"event.properties.l"},{"var":""}]})").size()
        == 1); // a body reads elements
}

TEST_CASE("X1 a condition shows the rule it was made of", "[explain]") {
  const auto rule = json(R"({"==":[{"var":"contact.score"},1]})");
  CHECK(condition::compile(rule)->source() == rule);
}

TEST_CASE("X1 of several triggers the one that led on is explained",
          "[explain]") {
  stepper one;
  const auto definition = sequence(R"({"key":"k","entry":"x",
    "trigger":{"any":[{"event":"go","where":{"has_tag":"a"}},{"event":"go"}]},
    "filter":{"has_tag":"b"},"nodes":{"x":{"type":"exit"}}})");
  one.publish(definition);
  const auto said = explained(known(1, definition), one.see("go"));
  REQUIRE(said.first_failed);
  CHECK(said.checks[*said.first_failed].name == "filter");
  CHECK(*said.unblock.by_condition == json(R"({"has_tag":"b"})"));
}

TEST_CASE("X1 a run in an older version says which version would listen",
          "[explain]") {
  stepper one;
  const auto resting = [](const std::string& event) {
    return sequence_of(R"("r":{"type":"state","on":[{"event":")" + event
                         + R"(","then":"r"}]})",
                       "r");
  };
  auto of = known(1, resting("old"));
  one.publish(of.versions[0].definition);
  past_runs runs;
  runs.add(one.see("go"));
  one.now += 1h;
  of.versions.push_back({2, true, one.now, resting("new")});
  one.publish(of.versions[1].definition, 1, 2);
  one.now += 1h;
  const auto said = explained(of, one.see("new"), runs);
  CHECK(said.what == verdict::not_listening);
  REQUIRE(said.first_failed);
  const auto& failed = said.checks[*said.first_failed];
  CHECK(failed.name == "version");
  CHECK(failed.inputs.at("run_version") == 1);
  CHECK(failed.inputs.at("listens_from_version") == 2);
  CHECK(said.from_node == "r");
}

TEST_CASE("X1 an event whose decision failed says so", "[explain]") {
  stepper one;
  const auto definition = sequence_of(R"("x":{"type":"exit"})", "x");
  auto parked = park(one.state(), event("go"), one.now, "it threw");
  const auto said = explained(known(1, definition), parked);
  CHECK(said.what == verdict::ignored);
  REQUIRE(said.first_failed == std::size_t{0});
  CHECK(said.checks[0].name == "parked");
  CHECK(said.checks[0].inputs.at("failure") == "it threw");
  CHECK(said.unblock.by_event == std::vector<std::string>{"go"});
}
