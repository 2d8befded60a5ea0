#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "engine/template_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <random>

using namespace troupe::engine;
using boost::json::value;

namespace {

struct world {
  value event = *parse_json(
    R"({"type":"order.completed","properties":{"total":42.99,"plan":"pro","x":1,)"
    R"("items":[{"sku":"a"},{"sku":"b"}],"who":"<b>\"O'Hara\" & =`</b>"}})");
  value contact = *parse_json(
    R"({"email":"ada@example.com","tags":["vip",null,["new"]],"score":4299,)"
    R"("attributes":{"name":"Ada","x":4,"none":null}})");
  value run = *parse_json(R"({"vars":{"cart":"c-1","x":2,"deep":{"a":1}}})");
  value variables = *parse_json(R"({"greeting":"Hi","x":0,"deep":{"b":2}})");

  template_root roots[3]
    = {{"event", &event}, {"contact", &contact}, {"run", &run}};
  const value* bare[4] = {&variables, &run.at("vars"), &event.at("properties"),
                          &contact.at("attributes")};

  template_data data() const {
    return {roots, bare};
  }
};

rendered_text rendered(std::string_view source,
                       const template_options& options = {}) {
  const world w;
  const auto compiled = template_text::compile(source, options);
  INFO(source);
  REQUIRE(compiled);
  const auto outcome = compiled->render(w.data());
  REQUIRE(outcome);
  return *outcome;
}

} // namespace

TEST_CASE("a template shows values by their dotted path",
          "[engine][template]") {
  CHECK(rendered("").text.empty());
  CHECK(rendered("no braces } { }} here").text == "no braces } { }} here");
  CHECK(rendered("{{contact.email}}").text == "ada@example.com");
  CHECK(rendered("a{{ event.type }}b{{\tevent.properties.plan\n}}c").text
        == "aorder.completedbproc");
  CHECK(rendered("{{event.properties.items.1.sku}}").text == "b");
  CHECK(rendered("{{event.metadata.plan}}{{event.event_data.plan}}").text
        == "propro");
  CHECK(rendered("{{run.vars.cart}}").text == "c-1");
}

TEST_CASE("a bare name is looked up in variables, run, event, contact",
          "[engine][template]") {
  CHECK(rendered("{{greeting}} {{name}}, {{cart}} {{plan}}").text
        == "Hi Ada, c-1 pro");
  CHECK(rendered("{{x}}").text == "0");
  // the first object that has the name decides, also for what is below it
  CHECK(rendered("{{deep.b}}").text == "2");
  CHECK(rendered("{{deep.a}}").unresolved == unresolved_paths{"deep.a"});
}

TEST_CASE("values are shown as JavaScript shows them", "[engine][template]") {
  CHECK(rendered("{{total}} {{contact.score}}").text == "42.99 4299");
  CHECK(rendered("{{contact.tags}}").text == "vip,,new");
  CHECK(rendered("{{items}}").text == "[object Object],[object Object]");
  CHECK(rendered("{{contact.attributes}}").text == "[object Object]");
  const auto none = rendered("[{{none}}]");
  CHECK(none.text == "[]");
  CHECK(none.unresolved.empty());
  const auto t = template_text::compile("{{a}} {{b}} {{c}} {{d}}");
  const auto v = *parse_json(R"({"a":true,"b":false,"c":1e21,"d":0.000001})");
  const value* bare[] = {&v};
  CHECK(t->render({{}, bare})->text == "true false 1e+21 0.000001");
}

TEST_CASE("what is not there shows as nothing and is reported once",
          "[engine][template]") {
  const auto outcome
    = rendered("{{nope}}|{{contact.nope.deeper}}|{{nope}}|{{event.type.x}}");
  CHECK(outcome.text == "|||");
  CHECK(outcome.unresolved
        == unresolved_paths{"nope", "contact.nope.deeper", "event.type.x"});
  CHECK(template_text::compile("{{event.x}}{{y}}")->render({})->unresolved
        == unresolved_paths{"event.x", "y"});
}

TEST_CASE("HTML is escaped as Handlebars does, when asked for",
          "[engine][template]") {
  CHECK(rendered("<i>{{who}}</i>").text == "<i><b>\"O'Hara\" & =`</b></i>");
  CHECK(rendered("<i>{{who}}</i>", {true}).text
        == "<i>&lt;b&gt;&quot;O&#x27;Hara&quot; &amp; "
           "&#x3D;&#x60;&lt;/b&gt;</i>");
  CHECK(rendered("{{total}}{{contact.tags}}", {true}).text == "42.99vip,,new");
}

TEST_CASE("a backslash keeps the braces", "[engine][template]") {
  CHECK(rendered("\\{{plan}} {{plan}}").text == "{{plan}} pro");
  CHECK(rendered("\\\\{{plan}}").text == "\\pro");
  CHECK(rendered("a\\b {{plan}}").text == "a\\b pro");
}

TEST_CASE("data is never compiled", "[engine][template]") {
  const value v = {{"a", "{{b}}"}, {"b", "secret"}};
  const value* bare[] = {&v};
  CHECK(template_text::compile("{{a}}")->render({{}, bare})->text == "{{b}}");
  const auto json = template_json::compile({"{{a}}", "x{{a}}"});
  CHECK(to_json(json->render({{}, bare})->value) == R"(["{{b}}","x{{b}}"])");
}

TEST_CASE("every text inside a JSON body is a template", "[engine][template]") {
  const world w;
  std::optional<template_json> body;
  {
    boost::json::monotonic_resource memory;
    const auto source = parse_json(
      R"({"id":"{{contact.email}}","n":1,"l":["{{plan}}-{{nope}}",true,null,)"
      R"({"{{plan}}":"plain","score":"{{contact.score}}"}]})",
      {}, &memory);
    REQUIRE(source);
    auto compiled = template_json::compile(*source);
    REQUIRE(compiled);
    body = std::move(*compiled);
  }
  for (int i = 0; i < 2; ++i) {
    const auto outcome = body->render(w.data());
    REQUIRE(outcome);
    CHECK(to_json(outcome->value)
          == R"({"id":"ada@example.com","n":1,"l":["pro-",true,null,)"
             R"({"{{plan}}":"plain","score":"4299"}]})");
    CHECK(outcome->unresolved == unresolved_paths{"nope"});
  }
}

TEST_CASE("a fault inside a JSON body is named by its pointer",
          "[engine][template]") {
  const auto body = template_json::compile(
    *parse_json(R"({"a/b":[1,{"c":"x {{#if}}"}]})"), {}, "/nodes/call/body");
  REQUIRE_FALSE(body);
  CHECK(body.failure().name == "template_syntax");
  CHECK(body.failure().pointer == "/nodes/call/body/a~1b/1/c");
  value deep = "x";
  for (int i = 0; i < 32; ++i)
    deep = boost::json::array{deep};
  CHECK(template_json::compile(deep));
  const auto too_deep = template_json::compile(boost::json::array{deep});
  REQUIRE_FALSE(too_deep);
  CHECK(too_deep.failure().name == "template_too_deep");
}

TEST_CASE("P2 J6 all texts of a JSON body share one bound",
          "[engine][template]") {
  const value v = {{"big", std::string(600, 'x')}};
  const value* bare[] = {&v};
  const auto body
    = template_json::compile({"{{big}}", "{{big}}"}, {false, 1000});
  REQUIRE(body);
  const auto outcome = body->render({{}, bare});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.failure().name == "template_limit");
}

TEST_CASE("arbitrary braces compile or are refused, and render the same twice",
          "[engine][template]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  static const std::string_view pieces[]
    = {"{", "}", "{{", "}}", "\\", "x", "plan", ".", " ", "\n", "#", "é", "~"};
  const world w;
  int compiled_count = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string source;
    for (auto n = random() % 10; n > 0; --n)
      source += pieces[random() % std::size(pieces)];
    CAPTURE(source);
    const auto compiled = template_text::compile(source);
    if (!compiled)
      continue;
    ++compiled_count;
    REQUIRE(compiled->render(w.data())->text
            == compiled->render(w.data())->text);
    if (source.find("{{") == std::string::npos)
      REQUIRE(compiled->render(w.data())->text == source);
  }
  CHECK(compiled_count > 1000);
}
