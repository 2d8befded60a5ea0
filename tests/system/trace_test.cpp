// One event as a whole: what every sequence and webhook did about it, what it
// caused, and one run by its id.
#include "tests/support/random_values.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace troupe::test;

namespace json = boost::json;

namespace {

class traced : protected with_server {
protected:
  tenant own{api};

  void save(const std::string& key, const std::string& event,
            const std::string& nodes, const std::string& more = "") {
    publish(own.api,
            R"({"key":")" + key
              + R"(","status":"active","reentry":"always","entry":"s",)" + more
              + R"("trigger":{"any":[{"event":")" + event + R"("}]},"nodes":{)"
              + nodes + R"(,"x":{"type":"exit"}}})");
  }

  api_answer emit(const std::string& type, const std::string& who,
                  const std::string& properties = "{}") {
    auto answer
      = own.api.emit(event_body(type, by_external_id(who), properties));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer;
  }

  api_answer of(const api_answer& event, const std::string& what) {
    auto said = own.api.get("/v1/events/" + event.text("/id") + what);
    UNSCOPED_INFO(said.body);
    REQUIRE(said.status == 200);
    return said;
  }

  // Verdicts by the name of the sequence or the id of the endpoint.
  static std::map<std::string, std::string> verdicts(const json::value& list,
                                                     const char* name) {
    std::map<std::string, std::string> out;
    for (const auto& each : list.as_array())
      out[std::string{each.at(name).as_string()}]
        = each.at("verdict").as_string();
    return out;
  }
};

// Effects of a kind in the list alone, or below it too.
std::size_t count(const json::value& effects, std::string_view kind,
                  bool below = false) {
  std::size_t out = 0;
  for (const auto& each : effects.as_array()) {
    out += each.at("kind") == json::string_view{kind} ? 1U : 0U;
    if (below)
      out += count(each.at("effects"), kind, true);
  }
  return out;
}

} // namespace

TEST_CASE_METHOD(traced,
                 "X1 an event is explained for every sequence and "
                 "webhook, matched or not",
                 "[system][trace]") {
  save("starts", "go", R"("s":{"type":"exit"})");
  save("filtered", "go", R"("s":{"type":"exit"})",
       R"("filter":{"has_tag":"vip"},)");
  save("elsewhere", "other", R"("s":{"type":"exit"})");
  const auto subscribed = [&](const std::string& members) {
    const auto made = own.api.post(
      "/v1/webhooks", R"({"url":"http://127.0.0.1:9/x",)" + members + "}");
    INFO(made.body);
    REQUIRE(made.status == 201);
    return made.text("/id");
  };
  const auto matched = subscribed(R"("events":["go"])");
  const auto paused = subscribed(R"("events":["*"])");
  const auto deaf = subscribed(R"("events":["other"])");
  const auto picky = subscribed(
    R"("events":["go"],"filter":{">":[{"var":"event.properties.n"},5]})");
  const auto held
    = own.api.send("PATCH", "/v1/webhooks/" + paused, R"({"status":"paused"})",
                   {{"Content-Type", "application/json"}});
  REQUIRE(held.status == 200);
  const auto event = emit("go", "u", R"({"n":3})");
  const auto late = subscribed(R"("events":["go"])");
  const auto said = of(event, "/explain");
  CHECK(said.text("/event") == event.text("/id"));
  CHECK(verdicts(said.at("/data"), "sequence")
        == std::map<std::string, std::string>{{"starts", "started"},
                                              {"filtered", "refused"},
                                              {"elsewhere", "not_listening"}});
  CHECK(verdicts(said.at("/webhooks"), "endpoint")
        == std::map<std::string, std::string>{{matched, "matched"},
                                              {paused, "paused"},
                                              {deaf, "not_listening"},
                                              {picky, "filtered"},
                                              {late, "not_listening"}});
  for (const auto& each : said.at("/webhooks").as_array()) {
    const auto& id = each.at("endpoint").as_string();
    if (id == picky) {
      CHECK(each.at("first_failed").at("rule") == "filter");
      CHECK(each.at("first_failed").at("inputs").at("event.properties.n") == 3);
      CHECK(each.at("first_failed").at("expr").is_object());
    }
    if (id == deaf)
      CHECK(each.at("first_failed").at("rule") == "trigger.type");
    if (id == late)
      CHECK(each.at("first_failed").at("rule") == "version");
    if (id == matched)
      CHECK(
        own.api
          .get("/v1/deliveries/" + std::string{each.at("delivery").as_string()})
          .text("/endpoint")
        == matched);
  }
}

TEST_CASE_METHOD(traced, "X1 explanations of an event come in pages",
                 "[system][trace]") {
  std::set<std::string> all;
  for (int i = 0; i < 5; ++i) {
    const auto key = "p" + std::to_string(i);
    save(key, "go", R"("s":{"type":"exit"})");
    all.insert(key);
  }
  for (int i = 0; i < 2; ++i)
    all.insert(subscribe(own.api, "http://127.0.0.1:9/x", "go").text("/id"));
  const auto event = emit("go", "u");
  std::set<std::string> seen;
  std::string next = "/explain?limit=2";
  int pages = 0;
  while (!next.empty()) {
    const auto page = of(event, next);
    for (const auto& [name, verdict] : verdicts(page.at("/data"), "sequence"))
      CHECK(seen.insert(name).second);
    for (const auto& [name, verdict] :
         verdicts(page.at("/webhooks"), "endpoint"))
      CHECK(seen.insert(name).second);
    const auto cursor = page.text("/next_cursor");
    CHECK(page.at("/has_more").as_bool() == !cursor.empty());
    next = cursor.empty() ? "" : "/explain?limit=2&cursor=" + cursor;
    ++pages;
  }
  CHECK(pages == 4);
  CHECK(seen == all);
}

TEST_CASE_METHOD(traced,
                 "X12 the tree of an event sums up to its fan_out and leads "
                 "through messages into other contacts",
                 "[system][trace]") {
  save("first", "go", R"("s":{"type":"send","channel":"capture","text":"hi",
      "then":"e"},
    "e":{"type":"emit","event":"told","contact":{"external_id":
      {"var":"event.properties.friend"}},"then":"w"},
    "w":{"type":"wait","any":[{"event":"back"}],"then":"x"})");
  save("second", "told", R"("s":{"type":"emit","event":"back","contact":
      {"external_id":"u"},"then":"x"})");
  subscribe(own.api, "http://127.0.0.1:9/x", "go");
  const auto event = emit("go", "u", R"({"friend":"f"})");
  api_answer tree;
  REQUIRE(eventually([&] {
    tree = of(event, "/trace");
    return count(tree.at("/effects"), "inbox", true) == 2
           && count(tree.at("/effects"), "transition", true) == 6;
  }));
  INFO(tree.body);
  CHECK(tree.text("/event") == event.text("/id"));
  CHECK(tree.at("/truncated") == false);
  const auto& top = tree.at("/effects");
  CHECK(static_cast<std::int64_t>(count(top, "transition"))
        == event.number("/fan_out/sequences_woken"));
  CHECK(static_cast<std::int64_t>(count(top, "delivery"))
        == event.number("/fan_out/webhooks_dispatched"));
  CHECK(count(top, "send") == 1);
  const auto runs = contact_of(own.api, "u", "/runs");
  CHECK(tree.text("/effects/0/id") == runs.text("/data/0/id"));
  CHECK(tree.text("/effects/0/detail/sequence") == "first");
  const auto& told = top.as_array().back();
  CHECK(told.at("kind") == "inbox");
  CHECK(told.at("detail").at("status") == "taken");
  CHECK(told.at("detail").at("contact")
        == json::string_view{contact_of(own.api, "f").text("/id")});
  // The message is an event of the friend's, whose fan_out sums up as well.
  const auto inner = own.api.get(
    "/v1/events/" + std::string{told.at("detail").at("event").as_string()}
    + "/trace");
  CHECK(inner.at("/effects") == told.at("effects"));
  CHECK(told.at("detail").at("ended").as_array().size() == 1);
  // And back again: the run that waited goes on and ends.
  const auto& back = told.at("effects").as_array().back();
  CHECK(back.at("detail").at("type") == "back");
  CHECK(back.at("effects").at(0).at("id")
        == json::string_view{runs.text("/data/0/id")});
  CHECK(back.at("effects").at(0).at("detail").at("node") == "x");
  CHECK(own.api.get("/v1/events/evt_1/trace").code() == "event_not_found");
}

TEST_CASE_METHOD(traced, "X12 a loop of messages is shown to its end",
                 "[system][trace]") {
  save("loop", "go", R"("s":{"type":"emit","event":"go","then":"x"})");
  const auto event = emit("go", "u");
  api_answer tree;
  // The event and 16 messages behind it; a 17th is not sent.
  REQUIRE(eventually([&] {
    tree = of(event, "/trace");
    return count(tree.at("/effects"), "transition", true) == 2 * 17;
  }));
  INFO(tree.body);
  CHECK(count(tree.at("/effects"), "inbox", true) == 16);
}

TEST_CASE_METHOD(traced, "X12 a tree of many effects is cut at 1,000",
                 "[system][trace]") {
  save("long", "go", R"("s":{"type":"exit"})");
  for (int i = 0; i < 12; ++i) {
    std::string nodes;
    for (int n = 0; n < 90; ++n)
      nodes += (n == 0 ? "\"s" : ",\"n" + std::to_string(n))
               + R"(":{"type":"update","score_add":1,"then":")"
               + (n == 89 ? "x" : "n" + std::to_string(n + 1)) + "\"}";
    save("long" + std::to_string(i), "go", nodes);
  }
  const auto event = emit("go", "u");
  CHECK(event.number("/fan_out/sequences_woken") == 12 * 91 + 1);
  const auto tree = of(event, "/trace");
  CHECK(tree.at("/effects").as_array().size() == 1000);
  CHECK(tree.at("/truncated") == true);
}

TEST_CASE_METHOD(traced,
                 "X1 of random events the verdicts, the tree and the runs say "
                 "what fan_out said",
                 "[system][trace]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  dice from{seed};
  const std::vector<std::string> types{"a", "b", "c"};
  const auto waits = [&](const std::string& more) {
    return R"("s":{"type":"wait","any":[{"event":")" + from.of(types) + "\""
           + more + R"(}],"then":"x"})";
  };
  save("plain", from.of(types), R"("s":{"type":"exit"})");
  save("waits", from.of(types), waits(""));
  save("counts", from.of(types), waits(R"(,"count":2)"));
  save("asks", from.of(types),
       waits(R"(,"where":{">":[{"var":"event.properties.n"},50]})"),
       R"("filter":{"<":[{"var":"event.properties.n"},80]},)");
  save("ends", from.of(types), waits(""),
       R"("exit_when":[{"event":")" + from.of(types) + "\"}],");
  std::map<std::string, std::size_t> started; // by contact
  for (int i = 0; i < 60; ++i) {
    const auto who = "u" + std::to_string(from.below(3));
    const auto event = emit(from.of(types), who,
                            R"({"n":)" + std::to_string(from.below(100)) + "}");
    const auto said = of(event, "/explain");
    auto entered = false;
    for (const auto& each : said.at("/data").as_array()) {
      const auto& verdict = each.at("verdict").as_string();
      started[who] += verdict == "started" ? 1U : 0U;
      entered = entered || verdict == "started"
                || (verdict == "advanced" && !each.at("to_node").is_null());
      const auto failed = verdict == "refused" || verdict == "waited"
                          || verdict == "not_listening";
      CHECK(failed == !each.at("first_failed").is_null());
    }
    const auto woken = event.number("/fan_out/sequences_woken");
    CHECK(entered == (woken > 0));
    CHECK(static_cast<std::int64_t>(
            count(of(event, "/trace").at("/effects"), "transition"))
          == woken);
  }
  for (const auto& [who, runs] : started) {
    const auto all = contact_of(own.api, who, "/runs?limit=200");
    CHECK(all.at("/data").as_array().size() == runs);
  }
}

TEST_CASE_METHOD(traced,
                 "R5 a run is shown by its id, with what caused each "
                 "step",
                 "[system][trace]") {
  save("rests", "go", R"("s":{"type":"wait","any":[{"event":"on"}],
    "then":"r"},"r":{"type":"state","on":[{"event":"never","then":"x"}]})");
  const auto went = emit("go", "u");
  const auto on = emit("on", "u");
  emit("go", "u");
  const auto runs = contact_of(own.api, "u", "/runs");
  for (const auto* at : {"/data/0", "/data/1"}) {
    const auto shown
      = own.api.get("/v1/runs/" + runs.text(std::string{at} + "/id"));
    INFO(shown.body);
    CHECK(shown.status == 200);
    CHECK(shown.json == runs.at(at));
  }
  const auto id = runs.text("/data/1/id");
  const auto shown = own.api.get("/v1/runs/" + id);
  CHECK(shown.text("/cause/event") == went.text("/id"));
  CHECK(shown.text("/history/1/cause/event") == on.text("/id"));
  CHECK(shown.text("/history/1/edge") == "event:on");
  CHECK(shown.has("/history/0/left_at"));
  CHECK(api.get("/v1/runs/" + id).code() == "run_not_found"); // another's
  CHECK(own.api.get("/v1/runs/run_1").code() == "run_not_found");
}
