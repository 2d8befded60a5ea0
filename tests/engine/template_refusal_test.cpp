#include "engine/strict_json.hpp"
#include "engine/template_text.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace troupe::engine;
using boost::json::value;

namespace {

error refusal_of(std::string_view source) {
  const auto compiled = template_text::compile(source, {}, "/html");
  INFO(source);
  REQUIRE_FALSE(compiled);
  CHECK(compiled.failure().code == errc::invalid_request);
  CHECK(compiled.failure().pointer == "/html");
  return compiled.failure();
}

/// The limit that rendering runs into.
error limit_of(std::string_view source, const value& data) {
  const value* bare[] = {&data};
  const auto compiled = template_text::compile(source);
  REQUIRE(compiled);
  const auto outcome = compiled->render({{}, bare});
  REQUIRE_FALSE(outcome);
  CHECK(outcome.failure().name == "template_limit");
  return outcome.failure();
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string made;
  for (std::size_t i = 0; i < count; ++i)
    made += text;
  return made;
}

} // namespace

TEST_CASE("what Troupe's templates do not have is refused, and what to write "
          "instead is said",
          "[engine][template]") {
  const auto [source, says] = GENERATE(table<std::string, std::string>({
    {"{{> part}}", "partials are not supported"},
    {"{{#> part}}{{/part}}", "partials are not supported"},
    {"{{* x}}", "decorators are not supported"},
    {"{{#*inline \"x\"}}{{/inline}}", "decorators are not supported"},
    {"{{{{raw}}}}{{{{/raw}}}}", "raw blocks are not supported"},
    {"{{#each a as |x|}}{{/each}}", "block parameters"},
    {"{{#if x includeZero=true}}{{/if}}", "named arguments"},
    {"{{shout name}}", "there is no helper `shout`"},
    {"{{#eech items}}{{/eech}}", "did you mean `each`?"},
    {"{{lookupp a b}}", "did you mean `lookup`?"},
    {"{{if x}}", "write `{{this.if}}`"},
    {"{{log}}", "write `{{this.log}}`"},
    {"{{lookup a}}", "`lookup` needs two values"},
    {"{{lookup a b c}}", "`lookup` takes exactly two values"},
    {"{{#lookup a b}}{{/lookup}}", "{{#with (lookup a b)}}"},
    {"{{#if (eq a b)}}{{/if}}", "only `(lookup object name)`"},
    {"{{#if}}{{/if}}", "`if` needs a value"},
    {"{{#each a b}}{{/each}}", "`each` takes exactly one value"},
    {"{{@level}}", "there are @index, @key, @first, @last and @root"},
  }));
  CAPTURE(source);
  const auto refused = refusal_of(source);
  CHECK(refused.name == "template_syntax");
  CHECK_THAT(refused.message, Catch::Contains(says));
}

TEST_CASE("a template with a mistake in it is refused", "[engine][template]") {
  const auto source = GENERATE(
    as<std::string>{}, "{{", "{{}}", "{{ }}", "{{x", "{{x}", "{{x}}}", "{{{x}}",
    "{{else}}", "{{^}}", "{{/if}}", "{{#if x}}", "{{#x}}{{/y}}",
    "{{#if x}}{{/unless}}", "{{#a}}{{else}}{{else}}{{/a}}",
    "{{#a}}{{else}}{{else if b}}{{/a}}", "{{^a}}{{else if b}}{{/a}}", "{{.a}}",
    "{{a.}}", "{{a.this}}", "{{a/..}}", "{{a=b}}", "{{a|b}}", "{{[a}}",
    "{{\"a}}", "{{a[b]}}", "{{! x", "{{!-- x }}", "{{@}}", "{{(lookup a b)}}",
    "{{#if (lookup a b}}{{/if}}", "{{ #if x}}{{/if}}");
  CHECK(refusal_of(source).name == "template_syntax");
}

TEST_CASE("a refusal names line and column", "[engine][template]") {
  const auto at = [](std::string_view source) {
    const auto message = refusal_of(source).message;
    return message.substr(0, message.find(':'));
  };
  CHECK(at("{{> a}}") == "Line 1, column 1");
  CHECK(at("ab{{> a}}") == "Line 1, column 3");
  CHECK(at("{{a}}\nab\n  {{#if}}") == "Line 3, column 6");
  CHECK(at("{{#each a}}\n{{/if}}") == "Line 2, column 4");
  CHECK(at("x\n {{#each a}}\n") == "Line 2, column 2");
}

TEST_CASE("P2 blocks are nested 32 deep at most", "[engine][template]") {
  const auto nested = [](std::size_t depth) {
    return repeated("{{#if a}}", depth) + "x" + repeated("{{/if}}", depth);
  };
  const value data = {{"a", true}};
  const value* bare[] = {&data};
  CHECK(template_text::compile(nested(32))->render({{}, bare})->text == "x");
  CHECK(refusal_of(nested(33)).name == "template_limit");
  const auto chained = [](std::size_t links) {
    return "{{#if b}}" + repeated("{{else if b}}", links) + "{{else}}x{{/if}}";
  };
  CHECK(template_text::compile(chained(128))->render({{}, bare})->text == "x");
  CHECK(refusal_of(chained(129)).name == "template_limit");
  CHECK(refusal_of("{{lookup " + repeated("(lookup ", 40)).name
        == "template_limit");
}

TEST_CASE("P2 J6 the output is bounded", "[engine][template]") {
  const value data = {{"big", std::string(1024, 'x')}};
  const value* bare[] = {&data};
  const auto source = repeated("{{big}}", 257);
  CHECK_THAT(limit_of(source, data).message, Catch::Contains("262144 bytes"));
  const auto fits = template_text::compile(source, {false, 257 * 1024});
  CHECK(fits->render({{}, bare})->text.size() == 257 * 1024);
}

TEST_CASE("P2 the steps of a rendering are bounded", "[engine][template]") {
  const value data = {{"l", boost::json::array(100, boost::json::object{})},
                      {"s", std::string(100'000, 'x')}};
  CHECK_THAT(limit_of("{{#each l}}{{#each ../l}}{{#each ../../l}}"
                      "{{/each}}{{/each}}{{/each}}",
                      data)
               .message,
             Catch::Contains("100000 steps"));
  // what takes long in one step counts as many
  limit_of("{{#each l}}{{#if ../s.length}}{{/if}}{{/each}}", data);
  limit_of("{{#each l}}{{#if (lookup ../l ../s)}}{{/if}}{{/each}}", data);
}

TEST_CASE("P3 only what the data itself has can be seen",
          "[engine][template]") {
  const value data = {{"a", {1}}, {"t", "text"}, {"o", boost::json::object{}}};
  const value* bare[] = {&data};
  const auto name
    = GENERATE(as<std::string>{}, "constructor", "__proto__", "toString",
               "helperMissing", "blockHelperMissing", "hasOwnProperty",
               "__defineGetter__", "__lookupGetter__", "prototype");
  CAPTURE(name);
  const auto shown = [&](const std::string& source) {
    return template_text::compile(source)->render({{}, bare})->text;
  };
  CHECK(shown("{{" + name + "}}{{this." + name + "}}{{a." + name + "}}{{t."
              + name + "}}{{o." + name + "}}{{@root." + name + "}}")
          .empty());
  CHECK(shown("{{#" + name + "}}x{{/" + name + "}}{{lookup o \"" + name
              + "\"}}{{#with o}}{{" + name + ".constructor}}{{/with}}")
          .empty());
  // A name like any other when the data has it.
  const value own = {{name, "own"}};
  const value* owned[] = {&own};
  CHECK(template_text::compile("{{" + name + "}}")->render({{}, owned})->text
        == "own");
}
