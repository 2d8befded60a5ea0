// Templates by the API, and the messages that are made of them.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class templates : protected with_server {
protected:
  api_answer save(const std::string& key, const std::string& parts) {
    return api.post("/v1/templates", R"({"key":")" + key
                                       + R"(","channel":"email",)" + parts
                                       + "}");
  }

  api_answer preview(const std::string& body) {
    return api.post("/v1/templates/preview", body);
  }
};

} // namespace

TEST_CASE_METHOD(templates,
                 "saving a template again makes its next version; all are "
                 "shown and listed",
                 "[system][template_api]") {
  const auto key = fresh("welcome_");
  const auto first = save(key, R"("subject":"Hi {{name}}")");
  INFO(first.body);
  REQUIRE(first.status == 201);
  CHECK(first.number("/version") == 1);
  CHECK(first.text("/id").starts_with("tpl_"));
  const auto second = save(key, R"("subject":"Hello","body":{"a":"{{b}}"})");
  REQUIRE(second.status == 201);
  CHECK(second.number("/version") == 2);
  CHECK(second.text("/id") == first.text("/id"));
  for (const auto& name : {key, first.text("/id")}) {
    const auto shown = api.get("/v1/templates/" + name);
    INFO(shown.body);
    CHECK(shown.text("/key") == key);
    CHECK(shown.text("/status") == "active");
    CHECK(shown.text("/subject") == "Hello");
    CHECK(shown.text("/body/a") == "{{b}}");
    CHECK(shown.number("/versions/0/version") == 1);
    CHECK(shown.number("/versions/1/version") == 2);
  }
  save(fresh("other_"), R"("text":"x")");
  const auto page = api.get("/v1/templates?limit=1");
  CHECK(page.at("/data").as_array().size() == 1);
  CHECK(page.at("/has_more").as_bool());
  const auto rest
    = api.get("/v1/templates?limit=200&cursor=" + page.text("/next_cursor"));
  CHECK_FALSE(rest.at("/has_more").as_bool());
  CHECK(api.get("/v1/templates/nobody").code() == "template_not_found");
}

TEST_CASE_METHOD(templates,
                 "a template with a mistake is refused with its place",
                 "[system][template_api]") {
  const auto refused = save(fresh("t_"), R"("html":"<p>\n{{#if a}}")");
  INFO(refused.body);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "template_syntax");
  CHECK(refused.text("/errors/0/pointer") == "/html");
  CHECK(refused.body.find("Line 2, column 1") != std::string::npos);
  CHECK(save(fresh("t_"), R"("text":"x","colour":"red")").code()
        == "field_unknown");
  CHECK(save("", R"("text":"x")").text("/errors/0/pointer") == "/key");
  CHECK(api.post("/v1/templates", R"({"key":"k","channel":"email"})").status
        == 422);
}

TEST_CASE_METHOD(templates,
                 "a preview renders parts with data, and says what led nowhere",
                 "[system][template_api]") {
  const auto shown = preview(R"({"template":{"subject":"{{code}} {{total}}",
      "html":"{{#each event.metadata.items}}<i>{{this}}</i>{{/each}}{{gone}}",
      "body":{"to":"{{contact.email}}","vip":"{{plan}}"}},
      "data":{"vars":{"code":"X"},"event":{"type":"t","properties":{"total":5,
      "items":["a","<b>"]}},"contact":{"email":"ada@example.com",
      "attributes":{"plan":"pro","total":7}}}})");
  INFO(shown.body);
  REQUIRE(shown.status == 200);
  CHECK(shown.text("/subject") == "X 5");
  CHECK(shown.text("/html") == "<i>a</i><i>&lt;b&gt;</i>");
  CHECK(shown.text("/body/to") == "ada@example.com");
  CHECK(shown.text("/body/vip") == "pro");
  CHECK(shown.at("/warnings").as_array().size() == 1);
  CHECK(shown.text("/warnings/0/path") == "gone");
}

TEST_CASE_METHOD(templates,
                 "a preview of a saved template may use a stored contact",
                 "[system][template_api]") {
  const auto key = fresh("hello_");
  const auto who = fresh("usr_");
  REQUIRE(save(key, R"("text":"{{contact.external_id}} {{x}}")").status == 201);
  REQUIRE(api.emit(event_body(fresh("seen."), by_external_id(who))).status
          == 200);
  const auto shown
    = preview(R"({"template":")" + key + R"(","contact":"external_id:)" + who
              + R"(","data":{"vars":{"x":1}}})");
  INFO(shown.body);
  CHECK(shown.text("/text") == who + " 1");
  CHECK(preview(R"({"template":"nobody"})").code() == "template_not_found");
  CHECK(preview(R"({"template":{"text":"x"},"contact":"external_id:nobody"})")
          .status
        == 404);
  CHECK(preview(R"({"template":{"text":"{{"}})").text("/errors/0/pointer")
        == "/template/text");
  CHECK(preview(R"({"template":{"text":"x"},"data":{"y":{}}})")
          .text("/errors/0/pointer")
        == "/data/y");
  CHECK(preview("{}").code() == "field_required");
}

TEST_CASE_METHOD(templates, "P2 a preview beyond the limits is refused",
                 "[system][template_api]") {
  std::string list = "0";
  for (int i = 1; i < 200; ++i)
    list += "," + std::to_string(i);
  const auto refused = preview(
    R"({"template":{"text":"{{#each l}}{{#each ../l}}{{#each ../../l}}x{{/each}}{{/each}}{{/each}}"},
      "data":{"vars":{"l":[)"
    + list + "]}}}");
  INFO(refused.body);
  CHECK(refused.status == 422);
  CHECK(refused.code() == "template_limit");
}

TEST_CASE_METHOD(templates,
                 "a send says what its template says, in the newest version",
                 "[system][template_api]") {
  webhook_sink sink;
  const auto channel = fresh("mail_");
  const auto key = fresh("order_");
  const auto event = fresh("template.used.");
  const auto sequence = fresh("sends_");
  REQUIRE(
    api
      .post("/v1/channels",
            R"({"key":")" + channel + R"(","type":"http","url":")" + sink.url()
              + R"(","body":{"html":"{{html}}","v":"{{template.version}}"}})")
      .status
    == 201);
  REQUIRE(save(key, R"("html":"old")").status == 201);
  const auto definition = [&](const std::string& named) {
    return R"({"key":")" + sequence + R"(","status":"active",
      "trigger":{"any":[{"event":")"
           + event + R"("}]},"entry":"tell","nodes":{"tell":{"type":"send",
      "channel":")"
           + channel + R"(","template":")" + named
           + R"(","vars":{"code":"{{total}}!"},"then":"done"},
      "done":{"type":"exit"}}})";
  };
  const auto unknown = api.post("/v1/sequences", definition(key + "x"));
  INFO(unknown.body);
  CHECK(unknown.code() == "unknown_template");
  CHECK(unknown.text("/errors/0/pointer") == "/nodes/tell/template");
  CHECK(unknown.body.find("did you mean `" + key) != std::string::npos);
  publish(api, definition(key));
  REQUIRE(save(key, R"("html":"<p>{{code}} {{who}}</p>")").status == 201);
  REQUIRE(api
            .emit(event_body(event, by_external_id(fresh("usr_")),
                             R"({"total":5,"who":"<Ada>"})"))
            .status
          == 200);
  const auto got = sink.wait_for(1, std::chrono::seconds{20});
  REQUIRE(got.size() == 1);
  CHECK(got.front().body == R"({"html":"<p>5! &lt;Ada&gt;</p>","v":"2"})");
  const auto in_use = api.post("/v1/templates/" + key + "/archive", "");
  INFO(in_use.body);
  CHECK(in_use.code() == "in_use");
  CHECK(in_use.text("/dependants/0/key") == sequence);
  REQUIRE(api.post("/v1/sequences/" + sequence + "/archive", "").status == 200);
  const auto archived = api.post("/v1/templates/" + key + "/archive", "");
  CHECK(archived.text("/status") == "archived");
  CHECK(save(key, R"("text":"x")").code() == "template_archived");
  CHECK(api.post("/v1/sequences", definition(key)).code()
        == "unknown_template");
}
