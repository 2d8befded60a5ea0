// Sendmator's door: workflows that are begun for one contact, some, or all.
#include "tests/system/sendmator.hpp"

#include <set>

using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

struct workflows {
  team here{shared_server()};

  static void add(team& of, const std::string& who, const std::string& tags) {
    const auto made
      = of.api.post("/v1/contacts", R"({"external_id":")" + who
                                      + R"(","tags":[)" + tags + "]}");
    INFO(made.body);
    REQUIRE(made.status < 300);
  }

  static std::size_t runs(team& of, const std::string& who) {
    return contact_of(of.api, who, "/runs").at("/data").as_array().size();
  }

  /// A workflow that sends a message, started by nothing of its own.
  static std::string workflow(team& of, const std::string& text = "hi",
                              const std::string& more = "") {
    const auto key = fresh("wf_");
    publish(of.api, sequence_on(key, "never." + key,
                                R"("s":)" + message(text, "x"), more));
    return key;
  }
};

} // namespace

TEST_CASE_METHOD(workflows,
                 "S40 S41 a workflow is begun for a contact by its id, key or "
                 "name, with variables of its own",
                 "[system][sendmator_workflows]") {
  team quiet{shared_server(), "test"};
  add(quiet, "u", "");
  const auto key
    = workflow(quiet, "{{code}} {{place}}", R"("name":"The Big One",)");
  const auto shown = quiet.api.get("/v1/sequences/" + key);
  for (const auto& named : {R"("workflow_id":")" + shown.text("/id") + "\"",
                            R"("workflow_id":")" + key + "\"",
                            std::string{R"("workflow_name":"The Big One")"}}) {
    const auto sent = quiet.post(
      "/workflows/trigger",
      "{" + named + R"(,"recipient_type":"contact","contact_external_id":"u",
          "variables":{"code":"A1","place":"all"},
          "channel_variables":{"capture":{"place":"here"}}})");
    INFO(sent.body);
    REQUIRE(sent.status == 201);
    CHECK(sent.text("/message") == "Workflow queued successfully");
    const auto seen = quiet.over(sent);
    CHECK(seen.number("/summary/sent") == 1);
    CHECK(seen.number("/summary/total_contacts") == 1);
  }
  CHECK(runs(quiet, "u") == 3);
  CHECK(quiet.api.get("/v1/test-outbox").body.find("A1 here")
        != std::string::npos);
  CHECK(quiet
          .post("/workflows/send",
                R"({"workflow_id":")" + key + R"(","contact_external_id":"u"})")
          .status
        == 201);
}

TEST_CASE_METHOD(workflows, "S40 what is missing or unknown is refused",
                 "[system][sendmator_workflows]") {
  const auto key = workflow(here);
  const auto refused = [&](const std::string& body, int status,
                           const std::string& why, const std::string& words) {
    check_refused(here.post("/workflows/trigger", body), status, why, words);
  };
  const auto of = R"({"workflow_id":")" + key + "\"";
  refused(R"({"recipient_type":"all"})", 400,
          "workflow_id or workflow_name is required", "Bad Request");
  refused(R"({"workflow_id":"none","recipient_type":"all"})", 404,
          "Workflow not found", "Not Found");
  refused(of + "}", 400, "recipient_type is contact, tag or all",
          "Bad Request");
  refused(of + R"(,"recipient_type":"contact"})", 400,
          "contact_external_id is required", "Bad Request");
  refused(of + R"(,"contact_external_id":"nobody"})", 404, "Contact not found",
          "Not Found");
  refused(of + R"(,"recipient_type":"tag"})", 400,
          "tag is a text or a list of 1 to 20 texts", "Bad Request");
  refused(of + R"(,"recipient_type":"all","trigger_at":"soon"})", 400,
          "Invalid trigger_at format", "Bad Request");
  REQUIRE(here.api.post("/v1/sequences/" + key + "/pause", "").status == 200);
  refused(of + R"(,"recipient_type":"all"})", 409, "Workflow is not active",
          "Conflict");
}

TEST_CASE_METHOD(workflows,
                 "S49 a workflow for contacts with all of some tags, or for "
                 "all, sums over them",
                 "[system][sendmator_workflows]") {
  constexpr int contacts = 150;
  for (int i = 0; i < contacts; ++i)
    add(here, "u" + std::to_string(i),
        i % 3 == 0   ? R"("a","b")"
        : i % 3 == 1 ? R"("a")"
                     : R"("b")");
  const auto key = workflow(here, "hi", R"("filter":{"has_tag":"a"},)");
  const auto by_tags = here.post(
    "/workflows/trigger", R"({"workflow_name":")" + key
                            + R"(","recipient_type":"tag","tag":["a","b"]})");
  INFO(by_tags.body);
  CHECK(here.over(by_tags).number("/summary/total_contacts") == contacts / 3);
  const auto all
    = here.post("/workflows/trigger",
                R"({"workflow_name":")" + key + R"(","recipient_type":"all"})");
  const auto seen = here.over(all);
  INFO(seen.body);
  CHECK(seen.number("/summary/total_contacts") == contacts);
  CHECK(seen.number("/summary/filtered") == contacts / 3);
  CHECK(seen.number("/summary/sent") == contacts - contacts / 3);
  const auto details = here.trigger(all, "/workflow");
  INFO(details.body);
  CHECK(details.number("/workflows/0/summary/total_contacts") == contacts);
  CHECK(details.number("/workflows/0/filter_reasons/filter") == contacts / 3);
  std::set<std::string> listed;
  std::string cursor;
  do {
    const auto page = here.trigger(
      all, "/jobs?limit=40"
             + (cursor.empty() ? std::string{} : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    for (const auto& job : page.at("/data").as_array())
      CHECK(
        listed.insert(std::string{job.at("contact_id").as_string()}).second);
    cursor = page.text("/next_cursor");
  } while (!cursor.empty());
  CHECK(listed.size() == contacts);
  const auto left_out = here.trigger(all, "/jobs?status=filtered&limit=100");
  CHECK(left_out.at("/data").as_array().size() == contacts / 3);
  CHECK(left_out.text("/data/0/reason") == "filter");
}

TEST_CASE("S49 a crash while a workflow is begun for all leaves each contact "
          "with one run",
          "[system][sendmator_workflows]") {
  troupe_server server;
  team here{server};
  constexpr int contacts = 300;
  for (int i = 0; i < contacts; ++i)
    workflows::add(here, "u" + std::to_string(i), "");
  const auto key = workflows::workflow(here);
  const auto sent
    = here.post("/workflows/trigger",
                R"({"workflow_id":")" + key + R"(","recipient_type":"all"})");
  REQUIRE(sent.status == 201);
  REQUIRE(eventually([&] {
    return here.trigger(sent).number("/summary/total_contacts") > 0;
  }));
  server.kill();
  server.start();
  here.find(server);
  CHECK(here.over(sent).number("/summary/total_contacts") == contacts);
  for (int i = 0; i < contacts; ++i)
    REQUIRE(workflows::runs(here, "u" + std::to_string(i)) == 1);
}

TEST_CASE_METHOD(workflows,
                 "S40 a workflow can be scheduled, and called off until then",
                 "[system][sendmator_workflows]") {
  team frozen{shared_server(), "test"};
  add(frozen, "u", "");
  const auto key = workflow(frozen);
  const auto now = troupe::engine::parse_iso8601(
    frozen.api.get("/v1/test-clock").text("/now"));
  const auto due = troupe::engine::to_iso8601(*now + 1h);
  const auto body = R"({"workflow_id":")" + key + R"(","recipient_type":"all")"
                    + at(due) + "}";
  const auto sent = frozen.post("/workflows/trigger", body);
  const auto off = frozen.post("/workflows/trigger", body);
  INFO(sent.body);
  CHECK(sent.text("/scheduled_for") == due);
  CHECK(frozen.trigger(sent).text("/status") == "scheduled");
  CHECK(frozen.cancel(off.text("/trigger_id")).status == 200);
  REQUIRE(frozen.api.post("/v1/test-clock/advance", R"({"by":"1h"})").status
          == 200);
  CHECK(frozen.over(sent).number("/summary/sent") == 1);
  CHECK(frozen.trigger(off).text("/status") == "cancelled");
  CHECK(runs(frozen, "u") == 1);
}
