// Many callers at the same instant.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <barrier>
#include <set>
#include <thread>

using namespace troupe::test;

namespace {

constexpr int callers = 100;

// The answers of `callers` clients that send at once; `body` by number.
template <class Body>
std::vector<api_answer> at_once(Body body, const std::string& key) {
  std::vector<api_answer> answers(callers);
  std::barrier together{callers};
  std::vector<std::thread> threads;
  const auto& server = shared_server();
  for (std::size_t i = 0; i < callers; ++i)
    threads.emplace_back([&, i] {
      auto api = server.client();
      api.get("/healthz"); // the connection is made before the race
      together.arrive_and_wait();
      answers[i] = api.emit(body(i), key);
    });
  for (auto& thread : threads)
    thread.join();
  return answers;
}

std::set<std::string> distinct(const std::vector<api_answer>& answers,
                               const std::string& pointer) {
  std::set<std::string> out;
  for (const auto& each : answers)
    out.insert(each.text(pointer));
  return out;
}

} // namespace

TEST_CASE_METHOD(with_server,
                 "G55 100 concurrent calls with one key are one "
                 "event, one transition and one answer",
                 "[system][concurrency]") {
  const auto who = fresh("usr_");
  const auto type = fresh("g55.raced.");
  publish(api, R"({"key":")" + fresh("g55_")
                 + R"(","status":"active","reentry":"always",
    "trigger":{"any":[{"event":")"
                 + type + R"("}]},"entry":"add","nodes":{
    "add":{"type":"update","score_add":1,"then":"done"},
    "done":{"type":"exit"}}})");
  const auto body = event_body(type, by_external_id(who), R"({"n":1})");
  const auto answers = at_once(
    [&](std::size_t) {
      return body;
    },
    fresh("g55:"));
  int first = 0;
  for (const auto& each : answers) {
    INFO(each.body);
    CHECK(each.status == 200);
    first += each.header("idempotent-replay").empty() ? 1 : 0;
  }
  CHECK(first == 1);
  CHECK(distinct(answers, "/id").size() == 1);
  CHECK(api.get("/v1/events?type=" + type).at("/data").as_array().size() == 1);
  CHECK(contact_of(api, who).number("/score") == 1);
}

TEST_CASE_METHOD(with_server,
                 "G35 100 concurrent first events of one "
                 "external_id are one contact with 100 events",
                 "[system][concurrency]") {
  const auto who = fresh("usr_");
  const auto type = fresh("g35.raced.");
  const auto answers = at_once(
    [&](std::size_t) {
      return event_body(type, by_external_id(who));
    },
    "");
  for (const auto& each : answers)
    CHECK(each.status == 200);
  CHECK(distinct(answers, "/id").size() == callers);
  const auto found = api.get("/v1/events?type=" + type + "&limit=100");
  REQUIRE(found.at("/data").as_array().size() == callers);
  std::set<std::string> contacts;
  for (const auto& each : found.at("/data").as_array())
    contacts.insert(each.at("contact").at("id").as_string().c_str());
  CHECK(contacts.size() == 1);
}

TEST_CASE_METHOD(with_server,
                 "G35 100 concurrent first events that give "
                 "external_id and e-mail are one contact",
                 "[system][concurrency]") {
  const auto who = fresh("usr_");
  const auto address = fresh("race") + "@example.com";
  const auto type = fresh("g35.both.");
  const auto both
    = R"({"external_id":")" + who + R"(","email":")" + address + "\"}";
  const auto answers = at_once(
    [&](std::size_t i) {
      return event_body(type, i % 2 == 0 ? both : by_email(address));
    },
    "");
  for (const auto& each : answers) {
    INFO(each.body);
    CHECK(each.status == 200);
  }
  const auto found = api.get("/v1/events?type=" + type + "&limit=100");
  REQUIRE(found.at("/data").as_array().size() == callers);
  std::set<std::string> contacts;
  for (const auto& each : found.at("/data").as_array())
    contacts.insert(each.at("contact").at("id").as_string().c_str());
  CHECK(contacts.size() == 1);
}

TEST_CASE_METHOD(with_server,
                 "100 concurrent sign-ups that claim one e-mail "
                 "leave it with one contact and warn the others",
                 "[system][concurrency]") {
  const auto address = fresh("claimed") + "@example.com";
  const auto type = fresh("claim.raced.");
  const auto prefix = fresh("claimer_");
  const auto answers = at_once(
    [&](std::size_t i) {
      return event_body(type, R"({"external_id":")" + prefix + "_"
                                + std::to_string(i) + R"(","email":")" + address
                                + "\"}");
    },
    "");
  int owners = 0;
  for (std::size_t i = 0; i < callers; ++i) {
    INFO(answers[i].body);
    CHECK(answers[i].status == 200);
    owners += contact_of(api, prefix + "_" + std::to_string(i))
                  .text("/email")
                  .empty()
                ? 0
                : 1;
  }
  CHECK(owners == 1);
}

TEST_CASE_METHOD(with_server,
                 "one client's events of one contact keep the "
                 "order in which they were answered",
                 "[system][concurrency]") {
  std::vector<std::thread> threads;
  std::vector<std::vector<std::string>> sent(8);
  const auto prefix = fresh("ordered_");
  const auto& server = shared_server();
  for (std::size_t i = 0; i < sent.size(); ++i)
    threads.emplace_back([&, i] {
      auto client = server.client();
      for (int n = 0; n < 40; ++n)
        sent[i].push_back(
          client
            .emit(event_body("order.kept",
                             by_external_id(prefix + std::to_string(i % 2))))
            .text("/id"));
    });
  for (auto& thread : threads)
    thread.join();
  for (std::size_t contact = 0; contact < 2; ++contact) {
    const auto timeline = contact_of(api, prefix + std::to_string(contact),
                                     "/timeline?limit=200");
    std::map<std::string, std::int64_t> seq;
    for (const auto& each : timeline.at("/data").as_array())
      seq[each.at("event").at("id").as_string().c_str()]
        = each.at("seq").as_int64();
    CHECK(seq.size() == 160);
    for (std::size_t i = contact; i < sent.size(); i += 2)
      for (std::size_t n = 1; n < sent[i].size(); ++n)
        CHECK(seq[sent[i][n - 1]] < seq[sent[i][n]]);
  }
}
