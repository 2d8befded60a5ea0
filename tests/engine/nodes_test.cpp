// What each kind of node does, and how many are counted.
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::string done = R"("x":{"type":"exit"})";

stepper started(const std::string& nodes, const std::string& entry,
                std::string_view properties = "{}") {
  stepper one;
  one.publish(sequence_of(nodes + "," + done, entry));
  one.see("go", properties, {external("usr_1"), email("ada@example.com")});
  return one;
}

} // namespace

TEST_CASE("a branch takes the first case that holds, else else", "[nodes]") {
  const std::string nodes = R"("b":{"type":"branch","cases":[
      {"if":{">":[{"var":"event.properties.n"},10]},"then":"big"},
      {"if":{">":[{"var":"event.properties.n"},5]},"then":"mid"}],
      "else":"low"},
    "big":{"type":"update","tags_add":["big"],"then":"x"},
    "mid":{"type":"update","tags_add":["mid"],"then":"x"},
    "low":{"type":"update","tags_add":["low"],"then":"x"})";
  const auto tag_of = [&](std::string_view properties) {
    return started(nodes, "b", properties).state().tags->front();
  };
  CHECK(tag_of(R"({"n":11})") == "big");
  CHECK(tag_of(R"({"n":10})") == "mid");
  CHECK(tag_of(R"({"n":1})") == "low");
  CHECK(tag_of("{}") == "low");
  const auto one = started(nodes, "b", R"({"n":7})");
  CHECK(edges_of(one.turns().back()) == "trigger:go case:1 then");
  CHECK(nodes_of(one.turns().back()) == "b mid x");
}

TEST_CASE("fan_out counts every node entered, entry and exit included",
          "[nodes]") {
  const auto one = started(
    R"("a":{"type":"update","tags_add":["a"],"then":"b"},
       "b":{"type":"update","tags_add":["b"],"then":"x"})",
    "a");
  CHECK(one.turns().back().nodes_entered == 3);
  CHECK(one.state().runs->empty());
}

TEST_CASE("an update changes attributes, tags and score in its order",
          "[nodes]") {
  auto one = started(
    R"("u":{"type":"update","set":{"plan":"{{event.properties.plan}}",
        "first":{"var":"event.properties.list.0"},"copy":
        {"var":"contact.attributes.plan"},"whole":{"a":[1,"{{run.node}}"]}},
        "unset":["first"],"tags_add":["b","a"],"tags_remove":["b"],
        "score_add":-7,"then":"x"})",
    "u", R"({"plan":"pro","list":[5]})");
  CHECK(*one.state().attributes
        == json(R"({"plan":"pro","copy":"pro","whole":{"a":[1,"u"]}})")
             .as_object());
  CHECK(*one.state().tags == std::vector<std::string>{"a"});
  CHECK(one.state().score == -7);
}

TEST_CASE("attributes made of attributes do not grow without end", "[nodes]") {
  stepper one;
  one.publish(sequence_of(
    R"("u":{"type":"update","set":{"a":{"merge":[
         {"var":"contact.attributes.a"},{"var":"contact.attributes.a"},
         {"var":"event.properties.n"}]},
         "b":{"map":[[1],{"var":"contact.attributes"}]}},"then":"x"},)"
      + done,
    "u"));
  for (int i = 0; i < 200; ++i)
    one.see("go", R"({"n":[1,2,3]})");
  std::size_t limited = 0;
  for (const auto& check : one.turns().back().trace)
    limited += check.asked == rule::attribute_limit ? 1 : 0;
  CHECK(limited > 0);
  CHECK(one.state().attributes->at("a").as_array().size() < 20'000);
}

TEST_CASE("a send is rendered for its channel", "[nodes]") {
  const auto one = started(
    R"("s":{"type":"send","channel":"email","subject":"Hi {{name}}",
        "text":"{{contact.external_id}} {{event.properties.name}}",
        "then":"x"})",
    "s", R"({"name":"Ada"})");
  const auto& turn = one.turns().back();
  REQUIRE(turn.sends.size() == 1);
  const auto& send = turn.sends[0];
  CHECK(send.destination == destination_id{70});
  CHECK(send.run == 1);
  CHECK(send.visit == 1);
  CHECK(send.node == "s");
  CHECK(send.request.at("subject") == "Hi Ada");
  CHECK(send.request.at("text") == "usr_1 Ada");
  CHECK(send.request.at("to").at("email").as_string() == "ada@example.com");
}

TEST_CASE("a send whose channel is gone is passed by", "[nodes]") {
  stepper one;
  one.publish(sequence_of(R"("s":{"type":"send","channel":"sms","text":"x",
                              "then":"x"},)"
                            + done,
                          "s"));
  CHECK(one.see("go").sends.empty());
  CHECK(one.state().runs->empty());
}

TEST_CASE("an http node's call is rendered, bodies of any shape", "[nodes]") {
  const auto one = started(
    R"("h":{"type":"http","method":"PUT","url":"https://x.example/{{id}}",
        "headers":{"X-Id":"{{contact.external_id}}"},
        "body":{"id":"{{contact.external_id}}"},"then":"i"},
       "i":{"type":"http","url":"https://x.example/",
        "body":{"var":"event.properties"},"then":"x"})",
    "h", R"({"id":42})");
  const auto& sends = one.turns().back().sends;
  REQUIRE(sends.size() == 2);
  CHECK(sends[0].destination == destination_id{71});
  CHECK(sends[0].request
        == json(R"({"method":"PUT","url":"https://x.example/42",
                    "headers":{"X-Id":"usr_1"},"body":{"id":"usr_1"}})")
             .as_object());
  CHECK(sends[1].visit == 2);
  CHECK(sends[1].request.at("method") == "POST");
  CHECK(sends[1].request.at("body") == json(R"({"id":42})"));
}

TEST_CASE("emit sends an event to this contact or another", "[nodes]") {
  const auto one = started(
    R"("e":{"type":"emit","event":"told","properties":{"n":1,"t":"{{who}}",
        "v":{"var":"event.properties.list"}},"then":"f"},
       "f":{"type":"emit","event":"referred","contact":
        {"email":{"var":"event.properties.who"}},"then":"x"})",
    "e", R"({"who":"Bob@Example.com","list":[1]})");
  const auto& messages = one.turns().back().messages;
  REQUIRE(messages.size() == 2);
  CHECK_FALSE(messages[0].target);
  CHECK(messages[0].type == "told");
  CHECK(json(messages[0].properties)
        == json(R"({"n":1,"t":"Bob@Example.com","v":[1]})"));
  CHECK(messages[0].hops == 1);
  CHECK(messages[1].target == email("Bob@Example.com"));
  CHECK(messages[1].properties == "{}");
}

TEST_CASE("emit to what is no identity sends nothing and says so", "[nodes]") {
  const auto* value = GENERATE(R"("nobody")", "7", "null", R"("null")");
  const auto one = started(
    R"("f":{"type":"emit","event":"referred","contact":
        {"email":{"var":"event.properties.who"}},"then":"x"})",
    "f", std::string{R"({"who":)"} + value + "}");
  CHECK(one.turns().back().messages.empty());
  CHECK(one.turns().back().trace.back().asked == rule::identity);
  CHECK(one.state().runs->empty());
}

TEST_CASE("a chain of events ends after 16 hops", "[nodes]") {
  stepper one;
  one.publish(
    sequence_of(R"("e":{"type":"emit","event":"go","then":"x"},)" + done, "e"));
  std::uint32_t hops = 0;
  const auto* turn = &one.see("go");
  while (!turn->messages.empty()) {
    REQUIRE(turn->messages[0].hops == ++hops);
    turn
      = &one.step(inbox_input{{1, hops}, hops, std::nullopt, record("go"), {}});
    CHECK(turn->hops == hops);
  }
  CHECK(hops == hops_max);
  CHECK(turn->trace.back().asked == rule::loop);
  CHECK_FALSE(turn->trace.back().passed);
}

TEST_CASE("a state rests until one of its events", "[nodes]") {
  auto one = started(
    R"("s":{"type":"state","on":[
       {"event":"a","where":{"==":[{"var":"event.properties.n"},1]},
        "then":"x"},{"event":"b","then":"t"}]},
       "t":{"type":"state","on":[{"event":"c","then":"x"}]})",
    "s");
  CHECK(one.node() == "s");
  one.see("c");
  one.see("a");
  CHECK(one.node() == "s");
  CHECK(edges_of(one.see("b")) == "event:b");
  CHECK(one.node() == "t");
  one.see("c");
  CHECK(one.state().runs->empty());
}

TEST_CASE("an exit completes the run", "[nodes]") {
  const auto one = started(R"("n":{"type":"update","then":"x"})", "n");
  const auto& ended = std::get<run_ended>(one.turns().back().changes.back());
  CHECK(ended.status == run_status::completed);
  CHECK(ended.reason == "x");
}

TEST_CASE("a run that enters 200 nodes in one turn has failed", "[nodes]") {
  std::string nodes;
  for (int i = 0; i < 200; ++i)
    nodes += "\"n" + std::to_string(i) + R"(":{"type":"update","then":"n)"
             + std::to_string(i + 1) + "\"},";
  stepper one;
  one.publish(sequence_of(nodes + R"("n200":{"type":"exit"})", "n0"));
  const auto& turn = one.see("go");
  const auto& ended = std::get<run_ended>(turn.changes.back());
  CHECK(ended.status == run_status::failed);
  CHECK(ended.reason == "node_limit");
  CHECK(turn.nodes_entered == 200);
  CHECK(one.state().runs->empty());
}

TEST_CASE("a run whose definition is not known rests untouched", "[nodes]") {
  auto one
    = started(R"("s":{"type":"state","on":[{"event":"*","then":"x"}]})", "s");
  const definitions empty{2};
  const auto turn = decided(one.state(), event("a"), empty, noon + 1s);
  CHECK(turn.changes.empty());
}
