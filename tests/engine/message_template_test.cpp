// Templates of messages, and the sends that use them.
#include "engine/json_text.hpp"
#include "engine/message_template.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

result<message_template> compiled(std::string_view parts) {
  return message_template::compile(json(parts).as_object(), "/template");
}

std::shared_ptr<const published_template> welcome(std::uint32_t version,
                                                  std::string_view parts) {
  return std::make_shared<const published_template>(
    published_template{"welcome", version, *compiled(parts)});
}

std::shared_ptr<const sequence_definition>
sending(const std::string& template_key, const std::string& more = "") {
  return sequence_of(R"("s":{"type":"send","channel":"email","template":")"
                       + template_key + "\"," + more
                       + R"("then":"x"},"x":{"type":"exit"})",
                     "s", R"("reentry":"always",)");
}

std::vector<std::string> missing_in(const turn& of) {
  std::vector<std::string> found;
  for (const auto& each : of.trace)
    if (each.asked == rule::template_path)
      found.push_back(std::string{json(each.inputs).at("node").as_string()}
                      + ": "
                      + std::string{json(each.inputs).at("path").as_string()});
  return found;
}

} // namespace

TEST_CASE("P1 only the HTML of a message is escaped", "[engine][template]") {
  const auto made = compiled(R"({"subject":"{{v}}","html":"{{v}} {{{v}}}",
      "text":"{{v}}","body":{"a":["{{v}}"]}})");
  REQUIRE(made);
  const boost::json::value data = {{"v", "<b>"}};
  const boost::json::value* bare[] = {&data};
  const auto shown = made->render({{}, bare});
  REQUIRE(shown);
  CHECK(to_json(shown->parts)
        == R"({"subject":"<b>","html":"&lt;b&gt; <b>","text":"<b>",)"
           R"("body":{"a":["<b>"]}})");
}

TEST_CASE("what is wrong with a part of a message is said with its place",
          "[engine][template]") {
  const auto fault = [](std::string_view parts) {
    const auto made = compiled(parts);
    REQUIRE_FALSE(made);
    return made.failure().name + " " + made.failure().pointer;
  };
  CHECK(fault("{}") == "field_required /template");
  CHECK(fault(R"({"html":"{{#if}}"})") == "template_syntax /template/html");
  CHECK(fault(R"({"body":{"a":["","{{"]}})")
        == "template_syntax /template/body/a/1");
  CHECK(fault(R"({"text":5})") == "field_type_mismatch /template/text");
  CHECK(fault("{\"text\":\"" + std::string(128 * 1024 + 1, 'x') + "\"}")
        == "template_limit /template/text");
}

TEST_CASE("P2 the parts of a message share one budget", "[engine][template]") {
  const boost::json::value data
    = {{"v", std::string(1024, 'x')}, {"l", boost::json::array(140, 1)}};
  const boost::json::value* bare[] = {&data};
  const std::string part = "{{#each l}}{{../v}}{{/each}}";
  CHECK(compiled("{\"text\":\"" + part + "\"}")->render({{}, bare}));
  const auto both
    = compiled("{\"text\":\"" + part + "\",\"html\":\"" + part + "\"}")
        ->render({{}, bare});
  REQUIRE_FALSE(both);
  CHECK(both.failure().name == "template_limit");
}

TEST_CASE("a send renders its template with its variables before all else",
          "[nodes][template]") {
  stepper one;
  one.with().add(welcome(3, R"({"subject":"{{greeting}} {{name}}",
      "html":"{{event.type}} {{name}} {{nope}} {{contact.external_id}}"})"));
  one.publish(sending("welcome", R"("category":"news","vars":{
      "greeting":"Hi","name":{"cat":[{"var":"event.properties.name"},"!"]}},)"));
  const auto& made = one.see("go", R"({"name":"<Ada>"})", {external("usr_1")});
  REQUIRE(made.sends.size() == 1);
  auto request = made.sends.front().request;
  request.erase("to");
  CHECK(to_json(request)
        == R"({"category":"news","subject":"Hi <Ada>!",)"
           R"("html":"go &lt;Ada&gt;!  usr_1",)"
           R"("template":{"key":"welcome","version":3},"sequence":"k"})");
  CHECK(missing_in(made) == std::vector<std::string>{"s: nope"});
}

TEST_CASE("a send uses the template as it is when the turn is decided",
          "[nodes][template]") {
  stepper one;
  one.publish(sending("welcome"));
  const auto text_of = [](const turn& made) {
    return made.sends.at(0).request.at("text").as_string();
  };
  one.with().add(welcome(1, R"({"text":"old"})"));
  CHECK(text_of(one.see("go", "{}", {external("usr_1")})) == "old");
  one.with().add(welcome(2, R"({"text":"new"})"));
  CHECK(text_of(one.see("go")) == "new");
}

TEST_CASE("P2 a template beyond its limits sends nothing and the run goes on",
          "[nodes][template]") {
  stepper one;
  one.with().add(welcome(1,
                         R"({"text":"{{#each l}}{{#each ../l}})"
                         R"({{#each ../../l}}x{{/each}}{{/each}}{{/each}}"})"));
  one.publish(sending("welcome"));
  std::string list = "{}";
  for (int i = 0; i < 99; ++i)
    list += ",{}";
  const auto& made
    = one.see("go", "{\"l\":[" + list + "]}", {external("usr_1")});
  CHECK(made.sends.empty());
  CHECK(nodes_of(made) == "s x");
  const auto limited = [](const check& each) {
    return each.asked == rule::template_limit
           && each.inputs == R"({"node":"s","template":"welcome"})";
  };
  CHECK(std::any_of(made.trace.begin(), made.trace.end(), limited));
}

TEST_CASE("the HTML of a send's own parts is escaped too",
          "[nodes][template]") {
  stepper one;
  one.publish(sequence_of(
    R"("s":{"type":"send","channel":"email","html":"{{v}}","text":"{{v}}",
        "subject":"{{w}}","then":"x"},"x":{"type":"exit"})",
    "s"));
  const auto& made = one.see("go", R"({"v":"<b>"})", {external("usr_1")});
  CHECK(made.sends.at(0).request.at("html").as_string() == "&lt;b&gt;");
  CHECK(made.sends.at(0).request.at("text").as_string() == "<b>");
  CHECK(missing_in(made) == std::vector<std::string>{"s: w"});
}

TEST_CASE("a sequence names a template that there is", "[engine][template]") {
  const std::set<std::string> channels{"email"};
  const std::set<std::string> templates{"welcome", "goodbye"};
  const auto parsed = [&](const std::string& node) {
    return parse_sequence(json(R"({"key":"k","entry":"s","nodes":{"s":{
      "type":"send","channel":"email",)"
                               + node
                               + R"(,"then":"x"},"x":{"type":"exit"}}})"),
                          channels, &templates);
  };
  CHECK(parsed(R"("template":"welcome","vars":{"a":1},"category":"c")"));
  const auto unknown = parsed(R"("template":"welcme")").failure();
  CHECK(unknown.name == "unknown_template");
  CHECK(unknown.pointer == "/nodes/s/template");
  CHECK_THAT(unknown.message, Catch::Contains("did you mean `welcome`?"));
  CHECK(parsed(R"("template":"welcome","text":"x")").failure().pointer
        == "/nodes/s/text");
  CHECK(parsed(R"("vars":{},"text":"x")").failure().pointer == "/nodes/s/vars");
}
