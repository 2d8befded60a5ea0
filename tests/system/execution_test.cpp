// What became of the sequences that an event started, over the real socket.
#include "engine/json_text.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

std::string call(const std::string& url, const std::string& then,
                 const std::string& more = "") {
  return R"({"type":"http","url":")" + url + R"(",)" + more + R"("then":")"
         + then + "\"}";
}

std::string send(const std::string& text, const std::string& then) {
  return R"({"type":"send","channel":"capture","text":")" + text
         + R"(","then":")" + then + "\"}";
}

class executions : protected with_server {
protected:
  api_answer emit(const std::string& type, const std::string& who,
                  const std::string& metadata = "{}") {
    auto answer = api.emit(event_body(type, by_external_id(who), metadata));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer;
  }

  api_answer executions_of(const api_answer& emitted,
                           const std::string& query = "") {
    return api.get("/v1/events/" + emitted.text("/id") + "/executions" + query);
  }

  api_answer completed(const api_answer& emitted) {
    api_answer seen;
    REQUIRE(eventually([&] {
      seen = executions_of(emitted);
      return seen.text("/status") == "completed";
    }));
    INFO(seen.body);
    CHECK(seen.number("/summary/sent") + seen.number("/summary/failed")
            + seen.number("/summary/filtered")
          == seen.number("/summary/total_contacts"));
    return seen;
  }
};

} // namespace

TEST_CASE_METHOD(executions,
                 "S28 the steps of a workflow go to their channels in order",
                 "[system][executions]") {
  webhook_sink sink;
  const auto type = fresh("s28.go.");
  const auto nodes
    = "\"s\":" + send("one", "b") + ",\"b\":" + call(sink.url(), "c")
      + ",\"c\":" + send("three", "d") + ",\"d\":" + call(sink.url(), "x");
  publish(api, sequence_on(fresh("s28_"), type, nodes));
  const auto seen = completed(emit(type, fresh("usr_")));
  std::string order;
  for (const auto& step : seen.at("/data/0/steps").as_array()) {
    order += step.at("node").as_string().c_str();
    order += step.at("channel").as_string() == "http" ? "h " : "c ";
    CHECK(step.at("status").as_string() == "delivered");
    CHECK(step.at("attempts").to_number<int>() == 1);
  }
  CHECK(order == "sc bh cc dh ");
  CHECK(seen.text("/data/0/status") == "sent");
  CHECK(seen.number("/summary/sent") == 1);
}

TEST_CASE_METHOD(executions,
                 "S29 the status of what an event set going follows its runs",
                 "[system][executions]") {
  const auto type = fresh("s29.go.");
  publish(api, sequence_on(fresh("s29_"), type,
                           R"("s":{"type":"state","on":[{"event":")" + type
                             + R"(.on","then":"b"}]},"b":)" + send("hi", "x")));
  const auto who = fresh("usr_");
  const auto made = emit(type, who);
  const auto early = executions_of(made);
  INFO(early.body);
  CHECK(early.text("/status") == "processing");
  CHECK(early.at("/completed_at").is_null());
  CHECK(early.text("/data/0/status") == "processing");
  CHECK(early.text("/data/0/run_status") == "active");
  CHECK(early.number("/summary/sent") == 0);
  CHECK(executions_of(made, "?status=sent").at("/data").as_array().empty());
  emit(type + ".on", who);
  const auto late = completed(made);
  CHECK(late.text("/data/0/status") == "sent");
  CHECK(late.text("/data/0/run_status") == "completed");
  CHECK(late.text("/started_at") <= late.text("/completed_at"));
}

TEST_CASE_METHOD(executions,
                 "S30 a step that fails is tried again by itself, and what is "
                 "given up is shown as failed",
                 "[system][executions]") {
  webhook_sink flaky{[](std::size_t n) {
    return n == 0 ? 503 : 200;
  }};
  webhook_sink refusing{[](std::size_t) {
    return 404;
  }};
  const auto type = fresh("s30.go.");
  publish(
    api, sequence_on(fresh("s30_a_"), type, "\"s\":" + call(flaky.url(), "x")));
  publish(
    api, sequence_on(fresh("s30_b_"), type,
                     "\"s\":" + call(refusing.url(), "x", R"("await":true,)")));
  const auto made = emit(type, fresh("usr_"));
  const auto seen = completed(made);
  REQUIRE(seen.at("/data").as_array().size() == 2);
  CHECK(seen.text("/data/0/status") == "sent");
  CHECK(seen.number("/data/0/steps/0/attempts") == 2);
  CHECK(seen.text("/data/1/status") == "failed");
  CHECK(seen.text("/data/1/steps/0/status") == "failed");
  CHECK(seen.text("/data/1/steps/0/error") == "status_404");
  CHECK(seen.text("/data/1/reason/inputs/reason") == "call_failed");
  CHECK(seen.number("/summary/failed") == 1);
  const auto delivery = seen.text("/data/1/steps/0/delivery");
  CHECK(api.get("/v1/deliveries/" + delivery).text("/status") == "failed");
}

TEST_CASE_METHOD(executions,
                 "S36 sent, failed and filtered add up to all contacts",
                 "[system][executions]") {
  const auto type = fresh("s36.go.");
  const auto nobody = completed(emit(type, fresh("usr_")));
  CHECK(nobody.number("/summary/total_contacts") == 1);
  CHECK(nobody.number("/summary/filtered") == 1);
  CHECK(nobody.at("/data").as_array().empty());
  publish(api, sequence_on(fresh("s36_a_"), type, "\"s\":" + send("hi", "x"),
                           R"("filter":{"has_tag":"vip"},)"));
  CHECK(completed(emit(type, fresh("usr_"))).number("/summary/filtered") == 1);
  publish(api,
          sequence_on(fresh("s36_b_"), type,
                      R"("s":{"type":"update","tags_add":["t"],"then":"x"})"));
  const auto silent = completed(emit(type, fresh("usr_")));
  CHECK(silent.number("/summary/filtered") == 1);
  CHECK(silent.text("/data/1/reason/rule") == "no_messages");
  publish(api, sequence_on(fresh("s36_c_"), type, "\"s\":" + send("hi", "x")));
  CHECK(completed(emit(type, fresh("usr_"))).number("/summary/sent") == 1);
}

TEST_CASE_METHOD(executions,
                 "S37 the details of a workflow say per contact what was sent, "
                 "and why not",
                 "[system][executions]") {
  const auto type = fresh("s37.go.");
  publish(api, sequence_on(fresh("s37_a_"), type, "\"s\":" + send("hi", "x"),
                           R"("filter":{"has_tag":"vip"},)"));
  publish(api,
          sequence_on(fresh("s37_b_"), type,
                      R"("s":{"type":"send","channel":"capture","text":"hi",
                      "category":"news","then":"x"})"));
  publish(api, sequence_on(fresh("s37_c_"), type, "\"s\":" + send("hi", "x")));
  const auto who = fresh("usr_");
  emit("s37.seen", who);
  REQUIRE(
    api
      .send(
        "PUT", "/v1/contacts/external_id:" + who + "/preferences",
        R"({"data":[{"channel":"capture","category":"news","subscribed":false}]})",
        {{"Content-Type", "application/json"}})
      .status
    == 200);
  const auto made = emit(type, who);
  const auto all = completed(made);
  REQUIRE(all.at("/data").as_array().size() == 3);
  CHECK(all.number("/summary/sent") == 1);
  const auto left_out = executions_of(made, "?status=filtered");
  REQUIRE(left_out.at("/data").as_array().size() == 2);
  CHECK(left_out.at("/data/0/id").is_null());
  CHECK(left_out.text("/data/0/reason/rule") == "filter");
  CHECK(left_out.text("/data/1/reason/rule") == "consent");
  CHECK(left_out.text("/data/1/steps/0/status") == "filtered");
  CHECK(left_out.text("/data/1/steps/0/reason/inputs/category") == "news");
  const auto first = executions_of(made, "?limit=1");
  CHECK(first.at("/data").as_array().size() == 1);
  CHECK(first.at("/has_more") == true);
  const auto second
    = executions_of(made, "?limit=2&cursor=" + first.text("/next_cursor"));
  CHECK(second.at("/data").as_array().size() == 2);
  CHECK(second.at("/has_more") == false);
  CHECK(executions_of(made, "?status=late").text("/errors/0/pointer")
        == "/status");
}

TEST_CASE_METHOD(
  executions,
  "S32 values in HTML are escaped, and a name that leads nowhere "
  "is empty, with a warning on the execution",
  "[system][executions]") {
  const auto type = fresh("s32.go.");
  publish(api, sequence_on(fresh("s32_"), type,
                           R"("s":{"type":"send","channel":"capture",
        "html":"<p>{{event.name}} {{contact.external_id}} {{nothing}}</p>",
        "text":"{{event.properties.name}}","then":"x"})"));
  const auto who = fresh("usr_");
  const auto seen = completed(emit(type, who, R"({"name":"<b>"})"));
  const auto warnings = seen.at("/data/0/steps/0/warnings").as_array();
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].at("path").as_string() == "event.name");
  CHECK(warnings[1].at("path").as_string() == "nothing");
  const auto sent
    = api.get("/v1/deliveries/" + seen.text("/data/0/steps/0/delivery"));
  INFO(sent.body);
  const auto body = sent.text("/attempts/0/request/body");
  CHECK(body.find("<p> " + who + " </p>") != body.npos);
  CHECK(body.find(R"("text":"<b>")") != body.npos);
}

TEST_CASE_METHOD(executions,
                 "S50 a variable comes before the event's data, and that "
                 "before the contact's",
                 "[system][executions]") {
  const auto type = fresh("s50.go.");
  const auto key = fresh("s50_");
  publish(api, sequence_on(key, type,
                           R"("s":{"type":"send","channel":"capture",
        "text":"{{a}} {{b}} {{c}} {{d}}","then":"x"})",
                           R"("vars":{"a":"var","b":"var"},)"));
  const auto who = fresh("usr_");
  REQUIRE(api
            .emit(R"({"name":")" + type + R"(","userId":")" + who
                  + R"(","traits":{"a":"contact","b":"contact","c":"contact",
                 "d":"contact"},"properties":{"a":"event","c":"event"}})")
            .status
          == 200);
  const auto again = completed(emit(type, who, R"({"a":"event","c":"event"})"));
  const auto sent
    = api.get("/v1/deliveries/" + again.text("/data/0/steps/0/delivery"));
  const auto body = sent.text("/attempts/0/request/body");
  INFO(sent.body);
  CHECK(body.find("var var event contact") != body.npos);
}

TEST_CASE_METHOD(executions,
                 "S33 an enrolment gives variables to the texts of one channel",
                 "[system][executions]") {
  webhook_sink sink;
  const auto sms = fresh("sms_");
  REQUIRE(api
            .post("/v1/channels", R"({"key":")" + sms
                                    + R"(","type":"http","url":")" + sink.url()
                                    + R"(","body":{"text":"{{text}}"}})")
            .status
          == 201);
  const auto key = fresh("s33_");
  publish(api,
          sequence_on(key, fresh("s33.go."),
                      R"("s":{"type":"send","channel":"capture",
        "text":"{{code}} {{name}}","then":"b"},
      "b":{"type":"send","channel":")"
                        + sms + R"(","text":"{{code}} {{name}}","then":"x"})"));
  const auto who = fresh("usr_");
  emit("s33.seen", who);
  const auto run = api.post(
    "/v1/sequences/" + key + "/enrol",
    R"({"contact":{"external_id":")" + who
      + R"("},"vars":{"code":"all","name":"Ada"},"channel_variables":{")" + sms
      + R"(":{"code":"short"}}})");
  INFO(run.body);
  REQUIRE(run.status == 201);
  const auto calls = sink.wait_for(1, std::chrono::seconds{20});
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].json.at("text").as_string() == "short Ada");
  CHECK(api
          .post("/v1/sequences/" + key + "/enrol",
                R"({"contact":{"external_id":")" + who
                  + R"("},"channel_variables":{"sms":1}})")
          .text("/errors/0/pointer")
        == "/channel_variables/sms");
}
