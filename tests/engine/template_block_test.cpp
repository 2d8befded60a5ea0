// What stands here is what handlebars.js renders; tests/handlebars compares
// thousands of random templates with it.
#include "engine/strict_json.hpp"
#include "engine/template_text.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using boost::json::value;

namespace {

const std::string shop = R"({"name":"Ada","zero":0,"empty":"","none":null,
  "no":false,"yes":true,"list":["a","b"],"nothing":[],
  "items":[{"sku":"x","n":2,"tags":["p","q"]},{"sku":"y","n":0,"tags":[]}],
  "prices":{"eur":5,"usd":6},"a b":{"c.d":1},"html":"<b>","cur":"usd",
  "years":{"b":0,"10":1,"9":2}})";

rendered_text rendered(std::string_view source, bool escape_html = false) {
  const auto data = *parse_json(shop);
  const value* bare[] = {&data};
  const auto compiled = template_text::compile(source, {escape_html});
  INFO(source);
  REQUIRE(compiled);
  const auto outcome = compiled->render({{}, bare});
  REQUIRE(outcome);
  return *outcome;
}

std::string shown(std::string_view source, bool escape_html = false) {
  return rendered(source, escape_html).text;
}

} // namespace

TEST_CASE("a template shows a value raw when asked to", "[engine][template]") {
  CHECK(shown("{{html}} {{{html}}} {{&html}}", true) == "&lt;b&gt; <b> <b>");
}

TEST_CASE("a path may name any member", "[engine][template]") {
  CHECK(shown("{{[a b].[c.d]}}") == "1");
  CHECK(shown("{{items.0.sku}}{{items.[1].sku}}{{items/0/n}}{{list.1}}")
        == "xy2b");
  CHECK(shown("{{list.length}} {{name.length}} {{name.0}}") == "2 3 A");
  CHECK(shown("{{this.name}} {{./name}} {{@root.name}} {{\"name\"}}")
        == "Ada Ada Ada Ada");
}

TEST_CASE("if and unless ask for JavaScript's truth, and no empty list",
          "[engine][template]") {
  const auto holds = [](const std::string& what) {
    const auto yes = shown("{{#if " + what + "}}1{{else}}0{{/if}}");
    const auto no = shown("{{#unless " + what + "}}1{{else}}0{{/unless}}");
    CHECK(yes != no);
    return yes == "1";
  };
  CHECK(holds("name"));
  CHECK(holds("yes"));
  CHECK(holds("list"));
  CHECK(holds("prices"));
  CHECK(holds("'text'"));
  CHECK(holds("1.5"));
  CHECK_FALSE(holds("zero"));
  CHECK_FALSE(holds("empty"));
  CHECK_FALSE(holds("none"));
  CHECK_FALSE(holds("no"));
  CHECK_FALSE(holds("nothing"));
  CHECK_FALSE(holds("missing"));
  CHECK_FALSE(holds("undefined"));
}

TEST_CASE("else if goes on asking", "[engine][template]") {
  CHECK(shown("{{#if no}}1{{else if zero}}2{{else if yes}}3{{else}}4{{/if}}")
        == "3");
  CHECK(shown("{{#if no}}1{{else each list}}{{this}}{{/if}}") == "ab");
  CHECK(shown("{{#each nothing}}1{{else unless no}}2{{/each}}") == "2");
}

TEST_CASE("each repeats for elements and members", "[engine][template]") {
  CHECK(shown("{{#each items}}{{@index}}:{{sku}}{{#unless @last}}, "
              "{{/unless}}{{/each}}")
        == "0:x, 1:y");
  CHECK(shown("{{#each prices}}{{#if @first}}[{{/if}}{{@key}}={{this}};"
              "{{#if @last}}]{{/if}}{{/each}}")
        == "[eur=5;usd=6;]");
  CHECK(shown("{{#each nothing}}1{{else}}none{{/each}}"
              "{{#each missing}}1{{else}}none{{/each}}"
              "{{#each name}}1{{else}}none{{/each}}")
        == "nonenonenone");
  CHECK(shown("{{#each years}}{{@key}} {{/each}}") == "9 10 b ");
}

TEST_CASE("a block sees what is around it by ../ and @root",
          "[engine][template]") {
  CHECK(shown("{{#each items}}{{#each tags}}{{../sku}}{{@../index}}{{this}}"
              "{{../../name}}{{@root.cur}} {{/each}}{{/each}}")
        == "x0pAdausd x0qAdausd ");
  // if is about no value of its own, so it is no level
  CHECK(shown("{{#each list}}{{#if ../yes}}{{../name}}{{/if}}{{/each}}")
        == "AdaAda");
  CHECK(shown("{{../name}}{{#each list}}{{../../name}}{{/each}}").empty());
  CHECK(shown("{{#each list}}{{name}}{{/each}}").empty());
}

TEST_CASE("with is about one value", "[engine][template]") {
  CHECK(shown("{{#with prices}}{{eur}}{{../name}}{{/with}}") == "5Ada");
  CHECK(shown("{{#with zero}}{{this}}{{/with}}") == "0");
  CHECK(shown("{{#with none}}1{{else}}{{name}}{{/with}}") == "Ada");
}

TEST_CASE("lookup takes a name from the data", "[engine][template]") {
  CHECK(shown("{{lookup prices cur}}") == "6");
  CHECK(shown("{{#each list}}{{lookup ../list @index}}{{/each}}") == "ab");
  CHECK(shown("{{#with (lookup items 1)}}{{sku}}{{/with}}") == "y");
  CHECK(shown("{{lookup (lookup items 0) 'sku'}}") == "x");
  CHECK(shown("{{lookup list.length 'x'}}{{lookup missing 'x'}}").empty());
}

TEST_CASE("a plain section is an if, a with or an each by its value",
          "[engine][template]") {
  CHECK(shown("{{#yes}}{{name}}{{/yes}}{{#no}}1{{/no}}{{^no}}2{{/no}}")
        == "Ada2");
  CHECK(shown("{{#items}}{{sku}}{{/items}}{{#nothing}}1{{else}}2{{/nothing}}")
        == "xy2");
  CHECK(shown("{{#prices}}{{usd}}{{/prices}}{{#zero}}{{this}}{{/zero}}")
        == "60");
  CHECK(shown("{{#yes}}1{{^}}2{{/yes}}{{^yes}}1{{else}}2{{/yes}}") == "12");
  CHECK(shown("{{^if no}}1{{/if}}") == "1");
}

TEST_CASE("comments show nothing", "[engine][template]") {
  CHECK(shown("a{{! {{x}}b{{!-- {{x}} --}}c{{!--}}d") == "abcd");
  CHECK(shown("a\n  {{! alone }}\nb") == "a\nb");
}

TEST_CASE("a tilde takes the white space on its side away",
          "[engine][template]") {
  CHECK(shown("a \n {{~name~}} \n b") == "aAdab");
  CHECK(shown("a {{~#if yes~}} b {{~else~}} c {{~/if~}} d") == "abd");
  CHECK(shown("a {{~! c ~}} b {{~{name}~}} c") == "abAdac");
}

TEST_CASE("a line with nothing but a block's tag leaves no line behind",
          "[engine][template]") {
  CHECK(
    shown("<ul>\n  {{#each list}}\n  <li>{{this}}</li>\n  {{/each}}\n</ul>\n")
    == "<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>\n");
  CHECK(shown("{{#if no}}\r\n1\r\n{{else}}\r\n2\r\n{{/if}}\r\n3") == "2\r\n3");
  CHECK(shown("  {{name}}  \n") == "  Ada  \n");
}

TEST_CASE("what is only asked for is not reported as missing",
          "[engine][template]") {
  CHECK(rendered("{{#if a}}{{/if}}{{#unless b}}{{/unless}}{{#c}}{{/c}}"
                 "{{^d}}{{/d}}{{#each e}}{{else}}{{/each}}")
          .unresolved.empty());
  CHECK(rendered("{{#each items}}{{color}}{{../size}}{{/each}}"
                 "{{#each gone}}{{/each}}{{#with away.x}}{{/with}}"
                 "{{lookup lost 'x'}}{{none}}")
          .unresolved
        == unresolved_paths{"color", "../size", "gone", "away.x", "lost"});
  std::string many;
  for (int i = 0; i < 300; ++i)
    many += "{{missing" + std::to_string(i) + "}}";
  CHECK(rendered(many).unresolved.size() == 100);
}

TEST_CASE("the roots and the bare names together are the root",
          "[engine][template]") {
  const value event = {{"properties", {{"total", 5}}}};
  const value vars = {{"code", "X"}};
  const template_root roots[] = {{"event", &event}, {"contact", nullptr}};
  const value* bare[] = {&vars, &event.at("properties")};
  const auto show = [&](std::string_view source) {
    return template_text::compile(source)->render({roots, bare})->text;
  };
  CHECK(show("{{#with event.metadata}}{{total}}{{../code}}{{/with}}") == "5X");
  CHECK(show("{{#with event}}{{event_data.total}}{{@root.code}}{{/with}}")
        == "5X");
  CHECK(show("{{#each this}}{{@key}} {{/each}}") == "event code total ");
  CHECK(show("{{lookup this 'code'}}{{#if this}}!{{/if}}{{contact.x}}")
        == "X!");
}
