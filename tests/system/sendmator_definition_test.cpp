// Sendmator's door: workflows as they are defined.
#include "tests/system/sendmator.hpp"

using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

struct definitions {
  team here{shared_server(), "test"};

  void add_template(const std::string& key) {
    const auto made = here.api.post(
      "/v1/templates", R"({"key":")" + key
                         + R"(","channel":"capture","text":"T )" + key + "\"}");
    INFO(made.body);
    REQUIRE(made.status < 300);
  }

  api_answer make(const std::string& body) {
    auto made = here.post("/workflows", body);
    INFO(made.body);
    REQUIRE(made.status == 201);
    return made;
  }

  static std::string step(const std::string& message, int delay,
                          const std::string& more = "") {
    return R"({"channel_type":"capture",)" + more
           + R"("configuration":{"template_id":")" + message
           + R"(","delay_minutes":)" + std::to_string(delay) + "}}";
  }

  bool has_sent(std::size_t count) {
    return eventually([&] {
      return here.api.get("/v1/test-outbox").at("/data").as_array().size()
             == count;
    });
  }

  /// @returns the runs that the contact then has
  std::size_t runs_after(const std::string& event, const std::string& who) {
    const auto sent = here.send(event_for(event, who));
    INFO(sent.body);
    REQUIRE(sent.status == 201);
    return contact_of(here.api, who, "/runs").at("/data").as_array().size();
  }
};

} // namespace

TEST_CASE_METHOD(definitions,
                 "S41 a workflow of steps is made, sends them in their order, "
                 "and is shown as it was made",
                 "[system][sendmator_definitions]") {
  add_template("hello");
  add_template("later");
  const auto type = here.type("user_signup_");
  const auto made = make(
    R"({"name":"Welcome Series","description":"For new users","event_type":")"
    + type + R"(","steps":[)" + step("later", 1440, R"("step_order":2,)") + ","
    + step("hello", 0, R"("step_order":1,"step_name":"Welcome",)") + ","
    + step("hello", 60, R"("step_order":3,)") + "]}");
  CHECK(made.text("/name") == "Welcome Series");
  CHECK(made.text("/description") == "For new users");
  CHECK(made.text("/event_type") == type);
  CHECK(made.at("/is_active") == true);
  CHECK(made.number("/steps/0/step_order") == 1);
  CHECK(made.text("/steps/0/step_name") == "Welcome");
  CHECK(made.text("/steps/0/channel_type") == "capture");
  CHECK(made.text("/steps/0/configuration/template_id") == "hello");
  CHECK(made.number("/steps/0/configuration/delay_minutes") == 0);
  CHECK(made.text("/steps/1/step_name") == "step_2");
  CHECK(made.text("/steps/1/configuration/template_id") == "later");
  CHECK(made.number("/steps/1/configuration/delay_minutes") == 1440);
  CHECK(made.number("/steps/2/configuration/delay_minutes") == 60);
  CHECK(made.has("/definition/nodes/Welcome"));
  CHECK(here.get("/workflows/" + made.text("/id")).body == made.body);
  CHECK(runs_after(type, "u") == 1);
  CHECK(has_sent(1));
  REQUIRE(here.api.post("/v1/test-clock/advance", R"({"by":"24h"})").status
          == 200);
  CHECK(has_sent(2));
  CHECK(here.api.get("/v1/test-outbox").body.find("T later")
        != std::string::npos);
  REQUIRE(here.api.post("/v1/test-clock/advance", R"({"by":"1h"})").status
          == 200);
  CHECK(has_sent(3));
}

TEST_CASE_METHOD(definitions,
                 "S41 a workflow that is more than steps is a definition, and "
                 "is begun by its id and name",
                 "[system][sendmator_definitions]") {
  const std::string definition = R"({"filter":{"has_tag":"vip"},"entry":"a",
    "nodes":{"a":{"type":"branch","cases":[{"if":{"has_tag":"x"},"then":"s"}],
    "else":"s"},"s":)" + message("hi", "x")
                                 + R"(,"x":{"type":"exit"}}})";
  const auto made
    = make(R"({"name":"Two Ways","definition":)" + definition + "}");
  CHECK(made.at("/steps").as_array().empty());
  CHECK(made.at("/event_type").is_null());
  CHECK(made.at("/definition/filter/has_tag").as_string() == "vip");
  CHECK_FALSE(made.has("/definition/key"));
  REQUIRE(here.post("/contacts", R"({"external_id":"u","tags":["vip"]})").status
          == 201);
  for (const auto& named : {R"("workflow_id":")" + made.text("/id") + "\"",
                            std::string{R"("workflow_name":"Two Ways")"}})
    CHECK(here
            .over(here.post("/workflows/trigger",
                            "{" + named + R"(,"contact_external_id":"u"})"))
            .number("/summary/sent")
          == 1);
}

TEST_CASE_METHOD(definitions,
                 "S41 a workflow is changed member by member, held, and let "
                 "go on",
                 "[system][sendmator_definitions]") {
  add_template("one");
  add_template("two");
  const auto type = here.type("changed_");
  const auto made = make(R"({"name":"First","is_active":false,"event_type":")"
                         + type + R"(","steps":[)" + step("one", 0) + "]}");
  const auto path = "/workflows/" + made.text("/id");
  CHECK(made.at("/is_active") == false);
  CHECK(runs_after(type, "u") == 0);
  const auto change = [&](const std::string& body) {
    const auto changed = here.ask("PUT", path, body);
    INFO(changed.body);
    REQUIRE(changed.status == 200);
    CHECK(here.get(path).body == changed.body);
    return changed;
  };
  // What is not given stays, and it is still not active.
  const auto renamed = change(R"({"name":"Second","description":"D"})");
  CHECK(renamed.text("/name") == "Second");
  CHECK(renamed.text("/description") == "D");
  CHECK(renamed.text("/steps/0/configuration/template_id") == "one");
  CHECK(renamed.text("/event_type") == type);
  CHECK(renamed.at("/is_active") == false);
  CHECK(change(R"({"is_active":true})").at("/is_active") == true);
  CHECK(runs_after(type, "v") == 1);
  CHECK(has_sent(1));
  // Held, also while it gets other steps.
  const auto held
    = change(R"({"is_active":false,"steps":[)" + step("two", 0) + "]}");
  CHECK(held.at("/is_active") == false);
  CHECK(runs_after(type, "w") == 0);
  CHECK(
    change(R"({"is_active":true})").text("/steps/0/configuration/template_id")
    == "two");
  CHECK(runs_after(type, "y") == 1);
  CHECK(has_sent(2));
  CHECK(here.api.get("/v1/test-outbox").body.find("T two")
        != std::string::npos);
  const auto still = here.ask("PATCH", path, R"({"description":null})");
  CHECK(still.at("/description").is_null());
  CHECK(still.at("/is_active") == true);
}

TEST_CASE_METHOD(definitions,
                 "S41 a workflow that is deleted begins for nobody and is "
                 "known no more",
                 "[system][sendmator_definitions]") {
  add_template("one");
  const auto type = here.type("deleted_");
  const auto made = make(R"({"name":"Gone","event_type":")" + type
                         + R"(","steps":[)" + step("one", 0) + "]}");
  const auto path = "/workflows/" + made.text("/id");
  const auto gone = here.ask("DELETE", path);
  INFO(gone.body);
  REQUIRE(gone.status == 200);
  CHECK(runs_after(type, "u") == 0);
  for (const auto* method : {"GET", "PUT", "DELETE"})
    check_refused(
      here.ask(method, path, std::string{method} == "PUT" ? "{}" : ""), 404,
      "Workflow not found", "Not Found");
  check_refused(
    here.post("/workflows/trigger", R"({"workflow_id":")" + made.text("/id")
                                      + R"(","recipient_type":"all"})"),
    404, "Workflow not found", "Not Found");
  CHECK(here.get("/workflows").number("/total") == 0);
}

TEST_CASE_METHOD(definitions,
                 "S41 workflows are listed by page, event, state and text",
                 "[system][sendmator_definitions]") {
  add_template("one");
  const auto type = here.type("listed_");
  const auto add = [&](const std::string& name, const std::string& more) {
    make(R"({"name":")" + name + "\"," + more + R"("steps":[)" + step("one", 0)
         + "]}");
  };
  add("Alpha", R"("event_type":")" + type + "\",");
  add("Beta", R"("description":"with an alpha",)");
  add("Gamma", R"("is_active":false,)");
  const auto count = [&](const std::string& query) {
    return here.get("/workflows?" + query).number("/total");
  };
  CHECK(count("") == 3);
  CHECK(count("event_type=" + type) == 1);
  CHECK(count("is_active=false") == 1);
  CHECK(count("is_active=true") == 2);
  CHECK(count("search=ALPHA") == 1);
  const auto last = here.get("/workflows?page=2&limit=2");
  INFO(last.body);
  CHECK(last.number("/page") == 2);
  CHECK(last.number("/limit") == 2);
  CHECK(last.number("/totalPages") == 2);
  REQUIRE(last.at("/workflows").as_array().size() == 1);
  CHECK(last.text("/workflows/0/name") == "Gamma");
  CHECK_FALSE(last.has("/workflows/0/definition"));
  CHECK(here.get("/workflows?page=9").at("/workflows").as_array().empty());
  for (const auto* wrong : {"page=0", "limit=101", "is_active=1", "sort=name"})
    CHECK(here.get("/workflows?" + std::string{wrong}).status == 400);
}

TEST_CASE_METHOD(definitions,
                 "S41 what is wrong with a workflow is refused in Sendmator's "
                 "words, in its order of checks",
                 "[system][sendmator_definitions]") {
  add_template("one");
  const auto refused = [&](const std::string& body, const std::string& why) {
    check_refused(here.post("/workflows", body), 400, why, "Bad Request");
  };
  const auto steps = R"("steps":[)" + step("one", 0) + "]";
  refused("{" + steps + "}", "name is required");
  refused(R"({"name":"N"})", "steps is required; or give a definition");
  refused(R"({"name":"N","definition":{},)" + steps + "}",
          "give steps or a definition, not both");
  refused(R"({"name":"N","definition":{"key":"k"}})",
          "a definition has no key and no status here");
  refused(R"({"name":"N","steps":[]})", "steps is a list of 1 to 100 steps");
  refused(R"({"name":"N","is_active":1,)" + steps + "}",
          "is_active is true or false");
  refused(R"({"name":"N","steps":[{"configuration":{"template_id":"one"}}]})",
          "a step's channel_type is the key of a channel");
  refused(R"({"name":"N","steps":[)" + step("one", -1) + "]}",
          "delay_minutes is a whole number from 0 to 527040");
  refused(R"({"name":"N","steps":[)" + step("one", 0, R"("step_name":"end",)")
            + "]}",
          "step names differ, and none is `end`");
  for (const auto& wrong :
       {R"({"name":"N","steps":[)" + step("unknown", 0) + "]}",
        R"({"name":"N","nodes":{},)" + steps + "}",
        std::string{
          R"({"name":"N","definition":{"nodes":{"a":{"type":"?"}}}})"},
        std::string{R"({"name":"N","steps":[{"channel_type":"pigeon",
          "configuration":{"template_id":"one"}}]})"},
        std::string{"{"}})
    CHECK(here.post("/workflows", wrong).status == 400);
  CHECK(here.get("/workflows").number("/total") == 0);
  check_refused(here.get("/workflows/none"), 404, "Workflow not found",
                "Not Found");
  const auto path = "/api/v1/workflows";
  check_refused(here.plain.post(path, "{"), 401, "Unauthorized",
                "Unauthorized");
  check_refused(here.plain.post(path, "{", {{"X-API-Key", here.key}}), 401,
                "Invalid team context", "Unauthorized");
  const auto reader
    = here.api.post("/v1/keys", R"({"name":"r","scopes":["events:read"]})");
  check_refused(here.plain.get(path, {{"X-API-Key", reader.text("/key")},
                                      {"X-Team-ID", here.id}}),
                403, "this API key lacks the scope `manage`", "Forbidden");
}
