// Contacts that become one, as a client meets them.
#include "tests/system/fixture.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace troupe::test;

namespace {

using members = std::vector<std::pair<std::string, std::string>>;

std::string contact(const members& given) {
  boost::json::object out;
  for (const auto& [kind, value] : given)
    out[kind] = value;
  return boost::json::serialize(out);
}

std::string address() {
  return fresh("merge") + "@example.com";
}

std::string warnings_of(const api_answer& made) {
  std::string out;
  if (made.has("/warnings"))
    for (const auto& each : made.at("/warnings").as_array())
      out += std::string{each.at("code").as_string()} + ":"
             + std::string{each.at("identity").as_string()} + " ";
  return out;
}

std::vector<std::string> types_of(const api_answer& listed) {
  std::vector<std::string> out;
  for (const auto& each : listed.at("/data").as_array())
    out.emplace_back(each.at("type").as_string());
  return out;
}

class merges : protected with_server {
protected:
  api_answer saw(const std::string& type, const members& given) {
    auto made = api.emit(event_body(type, contact(given)));
    INFO(made.body);
    REQUIRE(made.status == 200);
    return made;
  }
};

} // namespace

TEST_CASE_METHOD(merges,
                 "B14 the events of an anonymous visitor appear under the user "
                 "that the visitor turns out to be",
                 "[system][merge]") {
  const auto user = fresh("usr_");
  const auto visitor = fresh("anon-");
  saw("page.seen", {{"anonymous_id", visitor}});
  saw("cart.filled", {{"anonymous_id", visitor}});
  saw("user.known", {{"external_id", user}});
  saw("user.signed_in", {{"external_id", user}, {"anonymous_id", visitor}});
  const std::vector<std::string> all{"user.signed_in", "user.known",
                                     "cart.filled", "page.seen"};
  CHECK(types_of(api.get("/v1/events?contact[external_id]=" + user)) == all);
}

TEST_CASE_METHOD(merges,
                 "G34 G36 a merged contact shows whom it absorbed and all its "
                 "identities; the absorbed one says into whom",
                 "[system][merge]") {
  const auto user = fresh("usr_");
  const auto mail = "Old" + address();
  const auto id = saw("a", {{"external_id", user}}).text("/contact/id");
  const auto first = saw("b", {{"email", mail}});
  const auto gone = first.text("/contact/id");
  saw("c", {{"external_id", user}, {"email", mail}});
  const auto survivor = contact_of(api, user);
  INFO(survivor.body);
  CHECK(survivor.text("/id") == id);
  CHECK(survivor.text("/email") == mail);
  CHECK(survivor.text("/absorbed/0") == gone);
  CHECK_FALSE(survivor.has("/merged_into"));
  REQUIRE(survivor.at("/identities").as_array().size() == 2);
  std::map<std::string, std::string> held;
  for (const auto& each : survivor.at("/identities").as_array())
    held[std::string{each.at("kind").as_string()}]
      = each.at("value").as_string();
  CHECK(held["external_id"] == user);
  CHECK(held["email"] == mail);
  const auto absorbed = api.get("/v1/contacts/" + gone);
  INFO(absorbed.body);
  CHECK(absorbed.status == 200);
  CHECK(absorbed.text("/id") == gone);
  CHECK(absorbed.text("/merged_into") == id);
  CHECK(absorbed.text("/email") == mail); // its last fields
  // Events keep the contact that they were stored with.
  CHECK(event_of(api, first).text("/contact/id") == gone);
}

TEST_CASE_METHOD(merges,
                 "G34 a contact is as old as its first event, not as one that "
                 "was refused",
                 "[system][merge]") {
  const auto key = fresh("key-");
  const auto mail = address();
  const auto visitor = fresh("anon-");
  REQUIRE(
    api.emit(event_body("a", contact({{"external_id", fresh("usr_")}})), key)
      .status
    == 200);
  CHECK(api.emit(event_body("b", contact({{"email", mail}})), key).code()
        == "idempotency_key_mismatch");
  const auto older = saw("c", {{"anonymous_id", visitor}}).text("/contact/id");
  const auto younger = saw("d", {{"email", mail}}).text("/contact/id");
  CHECK(
    saw("e", {{"email", mail}, {"anonymous_id", visitor}}).text("/contact/id")
    == older);
  CHECK(api.get("/v1/contacts/" + younger).text("/merged_into") == older);
}

TEST_CASE_METHOD(merges,
                 "an absorbed contact's id finds the survivor's events, "
                 "timeline and runs, and takes new events there",
                 "[system][merge]") {
  const auto trigger = fresh("merge.started.");
  publish(api, R"({"key":")" + fresh("m_") + R"(","status":"active","entry":"w",
    "trigger":{"any":[{"event":")"
                 + trigger + R"("}]},
    "nodes":{"w":{"type":"wait","for":"1h","then":"end"},
             "end":{"type":"exit"}}})");
  const auto user = fresh("usr_");
  const auto mail = address();
  const auto id = saw("a", {{"external_id", user}}).text("/contact/id");
  const auto gone = saw(trigger, {{"email", mail}}).text("/contact/id");
  const auto run = api.get("/v1/contacts/" + gone + "/runs").text("/data/0/id");
  CHECK(run.starts_with("run_"));
  saw("c", {{"external_id", user}, {"email", mail}});
  CHECK(saw("d", {{"id", gone}}).text("/contact/id") == id);
  const std::vector<std::string> all{"d", "c", trigger, "a"};
  for (const auto& each : {id, gone}) {
    CHECK(types_of(api.get("/v1/events?contact[id]=" + each)) == all);
    const auto runs = api.get("/v1/contacts/" + each + "/runs");
    INFO(runs.body);
    REQUIRE(runs.at("/data").as_array().size() == 1);
    CHECK(runs.text("/data/0/id") == run);
    CHECK(runs.text("/data/0/contact") == id);
    CHECK(runs.text("/data/0/status") == "active");
    const auto timeline = api.get("/v1/contacts/" + each + "/timeline");
    INFO(timeline.body);
    REQUIRE(timeline.at("/data").as_array().size() == 5);
    CHECK(timeline.text("/data/2/kind") == "merge");
    CHECK(timeline.text("/data/2/changes/0/contact_absorbed") == gone);
  }
}

TEST_CASE_METHOD(merges,
                 "two live runs of one sequence: the survivor's goes on, the "
                 "other exits with reason merged",
                 "[system][merge]") {
  const auto trigger = fresh("merge.started.");
  publish(api, R"({"key":")" + fresh("m_") + R"(","status":"active","entry":"w",
    "trigger":{"any":[{"event":")"
                 + trigger + R"("}]},
    "nodes":{"w":{"type":"wait","for":"1h","then":"end"},
             "end":{"type":"exit"}}})");
  const auto user = fresh("usr_");
  const auto mail = address();
  saw(trigger, {{"external_id", user}});
  saw(trigger, {{"email", mail}});
  saw("c", {{"external_id", user}, {"email", mail}});
  const auto runs = contact_of(api, user, "/runs");
  INFO(runs.body);
  REQUIRE(runs.at("/data").as_array().size() == 2);
  CHECK(runs.text("/data/0/status") == "exited");
  CHECK(runs.text("/data/0/reason") == "merged");
  CHECK(runs.text("/data/1/status") == "active");
}

TEST_CASE_METHOD(merges,
                 "G28 G29 an id beside others moves nothing; one of another "
                 "contact makes the answer warn",
                 "[system][merge]") {
  const auto user = fresh("usr_");
  const auto other = fresh("usr_");
  const auto mail = address();
  const auto id = saw("a", {{"external_id", user}}).text("/contact/id");
  const auto other_id = saw("b", {{"external_id", other}}).text("/contact/id");
  CHECK(warnings_of(saw("c", {{"external_id", user}, {"id", id}})).empty());
  for (const auto& named : {other_id, std::string{"con_unknown"}}) {
    const auto made
      = saw("d", {{"external_id", user}, {"email", mail}, {"id", named}});
    CHECK(made.text("/contact/id") == id);
    CHECK(warnings_of(made) == "identity_conflict:id ");
  }
  CHECK(contact_of(api, other).at("/absorbed").as_array().empty());
  // Its own id from before a merge is no other contact's.
  const auto third = address();
  const auto gone = saw("e", {{"email", third}}).text("/contact/id");
  saw("f", {{"external_id", user}, {"email", third}});
  CHECK(warnings_of(saw("g", {{"external_id", user}, {"id", gone}})).empty());
}

TEST_CASE_METHOD(merges,
                 "G33 after a merge the address of the event is the one that "
                 "is shown; the other one still finds the contact",
                 "[system][merge]") {
  const auto user = fresh("usr_");
  const auto mine = address();
  const auto theirs = address();
  const auto id
    = saw("a", {{"external_id", user}, {"email", mine}}).text("/contact/id");
  saw("b", {{"email", theirs}});
  CHECK(
    saw("c", {{"external_id", user}, {"email", theirs}}).text("/contact/email")
    == theirs);
  CHECK(saw("d", {{"email", mine}}).text("/contact/id") == id);
}

TEST_CASE("timers of an absorbed contact fire once on the survivor, also when "
          "the process was killed after the merge",
          "[system][merge]") {
  troupe_server server;
  auto api = server.client();
  publish(api, R"({"key":"timed","status":"active","entry":"rest",
    "trigger":{"any":[{"event":"timer.started"}]},"nodes":{
    "rest":{"type":"wait","for":"2s","then":"add"},
    "add":{"type":"update","score_add":1,"then":"end"},
    "end":{"type":"exit"}}})");
  REQUIRE(api.emit(event_body("a", by_external_id("usr_1"))).status == 200);
  REQUIRE(api.emit(event_body("timer.started", by_email("t@x.com"))).status
          == 200);
  REQUIRE(
    api.emit(event_body("b", R"({"external_id":"usr_1","email":"t@x.com"})"))
      .status
    == 200);
  server.kill();
  server.start();
  api = server.client();
  REQUIRE(eventually([&] {
    return contact_of(api, "usr_1").number("/score") == 1;
  }));
  const auto timeline = contact_of(api, "usr_1", "/timeline");
  std::size_t fired = 0;
  for (const auto& each : timeline.at("/data").as_array())
    fired += each.at("kind").as_string() == "timer" ? 1U : 0U;
  CHECK(fired == 1);
}

TEST_CASE("kill -9 in the middle of merges: each happened or did not, and "
          "repeats finish what was cut off",
          "[system][merge]") {
  troupe_server server;
  constexpr int pairs = 60;
  const auto user = [](int i) {
    return "usr_" + std::to_string(i);
  };
  const auto mail = [](int i) {
    return "p" + std::to_string(i) + "@x.com";
  };
  const auto joined = [&](int i) {
    return event_body("joined",
                      contact({{"external_id", user(i)}, {"email", mail(i)}}));
  };
  for (int i = 0; i < pairs; ++i) {
    auto api = server.client();
    REQUIRE(api.emit(event_body("a", by_external_id(user(i)))).status == 200);
    REQUIRE(api.emit(event_body("b", by_email(mail(i)))).status == 200);
  }
  std::map<int, std::string> answered;
  for (int round = 0; round < 4; ++round) {
    std::mutex mutex;
    std::vector<std::thread> clients;
    for (int client = 0; client < 4; ++client)
      clients.emplace_back([&, client] {
        auto api = server.client();
        for (int i = client; i < pairs; i += 4) {
          const auto got = api.emit(joined(i), "key-" + std::to_string(i));
          if (got.status == 0)
            return;
          const std::lock_guard lock{mutex};
          if (const auto known = answered.find(i); known != answered.end())
            CHECK(known->second == got.body);
          answered[i] = got.body;
          if (answered.size() == static_cast<std::size_t>(10 * (round + 1)))
            server.running().signal(9);
        }
      });
    for (auto& each : clients)
      each.join();
    server.kill();
    server.start();
  }
  auto api = server.client();
  for (int i = 0; i < pairs; ++i) {
    const auto got = api.emit(joined(i), "key-" + std::to_string(i));
    REQUIRE(got.status == 200);
    if (const auto known = answered.find(i); known != answered.end())
      CHECK(known->second == got.body);
    const auto id = contact_of(api, user(i)).text("/id");
    CHECK(api.get("/v1/contacts/email:" + mail(i)).text("/id") == id);
    CHECK(types_of(api.get("/v1/events?contact[external_id]=" + user(i)))
          == std::vector<std::string>{"joined", "b", "a"});
  }
}

TEST_CASE("a server that is told to stop while contacts merge ends in order",
          "[system][merge]") {
  troupe_server server;
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client)
    clients.emplace_back([&, client] {
      auto api = server.client();
      for (int i = 0;; ++i) {
        const auto next = (client + i) % 5;
        const auto got = api.emit(event_body(
          "ring", contact({{"email", "r" + std::to_string(i / 20) + "-"
                                       + std::to_string(next) + "@x.com"},
                           {"anonymous_id", std::to_string(i / 20) + "-"
                                              + std::to_string((next + 1) % 5)
                                              + "x"}})));
        if (got.status != 200)
          return;
      }
    });
  auto api = server.client();
  REQUIRE(eventually([&] {
    return api.get("/v1/events?limit=100").at("/has_more") == true;
  }));
  CHECK(server.stop() == 0);
  for (auto& each : clients)
    each.join();
}
