// Sendmator's door: contacts, their tags, what they want to be sent.
#include "tests/system/sendmator.hpp"

#include <boost/json/serialize.hpp>

#include <set>

using namespace troupe::test;

namespace {

struct contacts {
  team here{shared_server()};

  api_answer make(const std::string& body) {
    auto made = here.post("/contacts", body);
    INFO(made.body);
    REQUIRE(made.status == 201);
    return made;
  }

  static std::string tags_of(const api_answer& shown) {
    return boost::json::serialize(shown.at("/tags"));
  }
};

} // namespace

TEST_CASE_METHOD(contacts,
                 "S41 a contact is made, and read by its id and its external "
                 "id",
                 "[system][sendmator_contacts]") {
  const auto made = make(R"({"external_id":"CRM-001",
    "email":"John.Doe@example.com","first_name":"John","last_name":"Doe",
    "phone":"+14155552671","tags":["vip","customer"],"is_active":true,
    "custom_fields":{"company":"Acme","seats":7},"metadata":{"source":"web"},
    "preferences":{"capture":{"promotional":false}}})");
  CHECK(made.text("/external_id") == "CRM-001");
  CHECK(made.text("/email") == "John.Doe@example.com");
  CHECK(made.text("/phone") == "+14155552671");
  CHECK(made.text("/first_name") == "John");
  CHECK(made.text("/last_name") == "Doe");
  CHECK(tags_of(made) == R"(["customer","vip"])");
  CHECK(made.at("/is_active") == true);
  CHECK(made.at("/is_unsubscribed") == false);
  CHECK(boost::json::serialize(made.at("/custom_fields"))
        == R"({"company":"Acme","seats":7})");
  CHECK(made.text("/metadata/source") == "web");
  CHECK(made.at("/preferences/capture/promotional") == false);
  CHECK(made.has("/created_at"));
  const auto id = made.text("/id");
  CHECK(here.get("/contacts/" + id).body == made.body);
  CHECK(here.get("/contacts/external/CRM-001").body == made.body);
  // The same one that the native door and the door's events know.
  const auto native = contact_of(here.api, "CRM-001");
  CHECK(native.text("/id") == id);
  CHECK(native.text("/attributes/company") == "Acme");
  CHECK(native.text("/attributes/first_name") == "John");
}

TEST_CASE_METHOD(contacts,
                 "S41 a contact that is there already is not made again, and "
                 "stays as it is",
                 "[system][sendmator_contacts]") {
  make(R"({"external_id":"a","email":"a@x.example","first_name":"A"})");
  make(R"({"email":"only@x.example"})");
  make(R"({"phone":"+14155552672"})");
  for (
    const auto* again :
    {R"({"external_id":"a","first_name":"B"})",
     R"({"external_id":"b","email":"a@x.example","first_name":"B"})",
     R"({"email":"only@x.example","external_id":"c"})",
     R"({"external_id":"d","email":"only@x.example","phone":"+14155552672"})"}) {
    const auto refused = here.post("/contacts", again);
    INFO(again << refused.body);
    CHECK(refused.status == 409);
    CHECK(refused.text("/error") == "Conflict");
  }
  CHECK(here.get("/contacts/external/a").text("/first_name") == "A");
  for (const auto* nobody : {"b", "c", "d"})
    CHECK(here.get("/contacts/external/" + std::string{nobody}).status == 404);
  // Nobody was joined either.
  CHECK(here.get("/contacts?limit=100").at("/data").as_array().size() == 3);
}

TEST_CASE_METHOD(contacts, "S41 a contact is changed member by member",
                 "[system][sendmator_contacts]") {
  const auto made = make(R"({"external_id":"u","email":"u@x.example",
    "first_name":"John","last_name":"Doe","tags":["a","b"],
    "custom_fields":{"company":"Acme","job":"dev"}})");
  const auto by_id = "/contacts/" + made.text("/id");
  const auto changed = here.ask("PUT", by_id, R"({"first_name":"Jon",
    "tags":["b","c"],"custom_fields":{"job":"lead","score":95}})");
  INFO(changed.body);
  REQUIRE(changed.status == 200);
  CHECK(changed.text("/first_name") == "Jon");
  CHECK(changed.text("/last_name") == "Doe");
  CHECK(tags_of(changed) == R"(["b","c"])");
  CHECK(changed.text("/custom_fields/company") == "Acme");
  CHECK(changed.text("/custom_fields/job") == "lead");
  CHECK(changed.number("/custom_fields/score") == 95);
  const auto less = here.ask("PATCH", "/contacts/external/u",
                             R"({"email":null,"last_name":null,
      "custom_fields":{"company":null}})");
  INFO(less.body);
  REQUIRE(less.status == 200);
  CHECK(less.at("/email").is_null());
  CHECK(less.at("/last_name").is_null());
  CHECK_FALSE(less.has("/custom_fields/company"));
  CHECK(here.get(by_id).body == less.body);
  make(R"({"external_id":"v","email":"v@x.example"})");
  const auto taken = here.ask("PUT", by_id, R"({"email":"v@x.example"})");
  CHECK(taken.status == 409);
}

TEST_CASE_METHOD(contacts,
                 "S41 tags of a contact are added, removed and listed, side by "
                 "side",
                 "[system][sendmator_contacts]") {
  const auto made = make(R"({"external_id":"u","tags":["b"]})");
  const auto tags = "/contacts/" + made.text("/id") + "/tags";
  CHECK(tags_of(here.get(tags)) == R"(["b"])");
  const auto more = here.post(tags, R"({"tags":["c","a","b"]})");
  INFO(more.body);
  REQUIRE(more.status == 200);
  CHECK(more.text("/external_id") == "u");
  CHECK(tags_of(more) == R"(["a","b","c"])");
  const auto fewer = here.ask("DELETE", tags, R"({"tags":["b","none"]})");
  INFO(fewer.body);
  REQUIRE(fewer.status == 200);
  CHECK(tags_of(fewer) == R"(["a","c"])");
  CHECK(tags_of(here.get(tags)) == R"(["a","c"])");
  CHECK(here.post(tags, R"({"tags":[]})").status == 400);
  CHECK(here.post(tags, R"({"tags":[1]})").status == 400);
  CHECK(here.post(tags, R"({"tag":["a"]})").status == 400);
  CHECK(here.ask("DELETE", tags, "").status == 400);
}

TEST_CASE_METHOD(contacts,
                 "S41 preferences per channel and category are read, written, "
                 "and hold",
                 "[system][sendmator_contacts]") {
  team quiet{shared_server(), "test"};
  const auto made = quiet.post("/contacts", R"({"external_id":"u"})");
  const auto wants = "/contacts/" + made.text("/id") + "/preferences";
  const auto none = quiet.get(wants);
  INFO(none.body);
  CHECK(none.number("/totalPreferences") == 0);
  CHECK(none.number("/subscriptionRate") == 100);
  const auto set = quiet.ask("PATCH", wants, R"({"preferences":[
    {"channel":"capture","category":"promotional","subscribed":false},
    {"channel":"capture","category":"utility","subscribed":true}]})");
  INFO(set.body);
  REQUIRE(set.status == 200);
  CHECK(set.text("/external_id") == "u");
  auto seen = quiet.get(wants);
  INFO(seen.body);
  CHECK(seen.at("/preferences/capture/promotional") == false);
  CHECK(seen.at("/preferences/capture/utility") == true);
  CHECK(seen.number("/totalPreferences") == 2);
  CHECK(seen.number("/subscribedCount") == 1);
  CHECK(seen.number("/unsubscribedCount") == 1);
  CHECK(seen.number("/subscriptionRate") == 50);
  const auto send = [](const std::string& category) {
    return R"({"type":"send","channel":"capture","text":")" + category
           + R"(","category":")" + category + R"(","then":")";
  };
  const auto key = fresh("wf_");
  publish(quiet.api, sequence_on(key, "never." + key,
                                 R"("s":)" + send("promotional") + R"(t"},"t":)"
                                   + send("utility") + R"(x"})"));
  const auto run = [&] {
    const auto sent
      = quiet.post("/workflows/trigger", R"({"workflow_id":")" + key
                                           + R"(","contact_external_id":"u"})");
    quiet.over(sent);
    return quiet.api.get("/v1/test-outbox").at("/data").as_array().size();
  };
  CHECK(run() == 1);
  REQUIRE(
    quiet.ask("PATCH", wants + "/capture/promotional", R"({"subscribed":true})")
      .status
    == 200);
  CHECK(run() == 3);
  REQUIRE(
    quiet.ask("PATCH", wants + "/capture/*", R"({"subscribed":false})").status
    == 200);
  CHECK(quiet.get(wants).at("/preferences/capture/*") == false);
  CHECK(run() == 3);
  const auto refused = [&](const std::string& path, const std::string& body) {
    return quiet.ask("PATCH", path, body).status;
  };
  CHECK(refused(wants, R"({"preferences":[]})") == 400);
  CHECK(refused(wants, R"({"preferences":[{"channel":"pigeon",
    "category":"x","subscribed":true}]})")
        == 400);
  CHECK(refused(wants + "/capture/x", R"({"subscribed":"no"})") == 400);
}

TEST_CASE_METHOD(contacts, "S41 contacts are listed by tag, text and page",
                 "[system][sendmator_contacts]") {
  constexpr int all = 23;
  for (int i = 0; i < all; ++i)
    make(R"({"external_id":"u)" + std::to_string(i) + R"(","tags":[")"
         + (i % 2 == 0 ? "even" : "odd") + "\"]}");
  std::set<std::string> seen;
  std::string next;
  do {
    const auto page
      = here.get("/contacts" + (next.empty() ? "" : "?starting_after=" + next));
    INFO(page.body);
    REQUIRE(page.status == 200);
    CHECK(page.at("/data").as_array().size() <= 10);
    for (const auto& each : page.at("/data").as_array())
      CHECK(
        seen.insert(std::string{each.at("external_id").as_string()}).second);
    next = page.text("/next_cursor");
    CHECK(page.at("/has_more") == !next.empty());
  } while (!next.empty());
  CHECK(seen.size() == all);
  const auto count = [&](const std::string& query) {
    return here.get("/contacts?" + query).at("/data").as_array().size();
  };
  CHECK(count("tag=odd&limit=100&is_active=true") == all / 2);
  CHECK(count("search=u22") == 1);
  CHECK(count("is_active=false") == 0);
  for (const auto* wrong :
       {"limit=0", "limit=101", "starting_after=x", "page=2", "is_active=1"})
    CHECK(here.get("/contacts?" + std::string{wrong}).status == 400);
}

TEST_CASE_METHOD(contacts,
                 "S41 what is wrong with a contact is refused in Sendmator's "
                 "words, in its order of checks",
                 "[system][sendmator_contacts]") {
  const auto made = make(R"({"external_id":"u"})");
  const auto by_id = "/contacts/" + made.text("/id");
  check_refused(here.post("/contacts", R"({"first_name":"A"})"), 400,
                "email is required; or give external_id or phone",
                "Bad Request");
  check_refused(here.post("/contacts", R"({"email":"none"})"), 400,
                "this is no valid email (at /email)", "Bad Request");
  check_refused(here.post("/contacts", R"({"email":"a@x.example",
                  "is_active":false})"),
                400,
                "is_active is true: who shall be sent nothing has preferences",
                "Bad Request");
  for (const auto* wrong :
       {R"({"external_id":"n","first_name":7})",
        R"({"external_id":"n","custom_fields":"x"})",
        R"({"external_id":"n","tags":"x"})",
        R"({"external_id":"n","preferences":{"pigeon":{"x":true}}})",
        R"({"external_id":"n","preferences":{"capture":true}})",
        R"({"external_id":"n","surname":"x"})", "[]", "{"})
    CHECK(here.post("/contacts", wrong).status == 400);
  CHECK(here.get("/contacts/external/n").status == 404);
  for (const auto& path : {std::string{"/contacts/nobody"},
                           std::string{"/contacts/external/n"}, by_id + "x"}) {
    check_refused(here.get(path), 404, "Contact not found", "Not Found");
    check_refused(here.ask("PUT", path, R"({"first_name":"A"})"), 404,
                  "Contact not found", "Not Found");
  }
  check_refused(here.get("/contacts/nobody/tags"), 404, "Contact not found",
                "Not Found");
  check_refused(here.get("/contacts/nobody/preferences"), 404,
                "Contact not found", "Not Found");
  for (const auto& path : {by_id, std::string{"/contacts/external/u"}})
    check_refused(here.ask("DELETE", path), 501,
                  "Contacts are not deleted; preferences stop all messages",
                  "Not Implemented");
  CHECK(here.get(by_id).status == 200);
  // 401 key, 401 team, then what the body says (S21).
  const std::string body = "{";
  const auto path = "/api/v1/contacts";
  check_refused(here.plain.post(path, body), 401, "Unauthorized",
                "Unauthorized");
  check_refused(here.plain.post(path, body, {{"X-API-Key", here.key}}), 401,
                "Invalid team context", "Unauthorized");
  team other{shared_server()};
  check_refused(other.get(by_id), 404, "Contact not found", "Not Found");
}

TEST_CASE_METHOD(contacts,
                 "S41 Loops' contacts keep their own paths beside these",
                 "[system][sendmator_contacts]") {
  const auto loops
    = here.api.post("/api/v1/contacts/create", R"({"email":"l@x.example"})");
  INFO(loops.body);
  REQUIRE(loops.status == 200);
  CHECK(here.get("/contacts/" + loops.text("/id")).text("/email")
        == "l@x.example");
  CHECK(here.api.get("/api/v1/contacts/find?email=l@x.example").text("/0/id")
        == loops.text("/id"));
}
