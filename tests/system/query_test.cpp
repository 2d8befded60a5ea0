// `GET /v1/events` with its filters and pages, over the real socket.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::test;

namespace {

class query : protected with_server {
protected:
  std::string emit(const std::string& type, const std::string& who,
                   std::string* received_at = nullptr) {
    const auto made = api.emit(event_body(type, who));
    REQUIRE(made.status == 200);
    if (received_at != nullptr)
      *received_at = made.text("/received_at");
    return made.text("/id");
  }

  std::vector<std::string> ids(const std::string& parameters) {
    const auto found = api.get("/v1/events?" + parameters);
    INFO(parameters << " " << found.body);
    REQUIRE(found.status == 200);
    std::vector<std::string> out;
    for (const auto& each : found.at("/data").as_array())
      out.emplace_back(each.at("id").as_string().c_str());
    return out;
  }
};

using id_list = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(query,
                 "G47 a contact's events of one type come back, most "
                 "recent first",
                 "[system][query]") {
  const auto who = fresh("usr_");
  const auto other = fresh("usr_");
  const auto first = emit("order.completed", by_external_id(who));
  emit("order.started", by_external_id(who));
  emit("order.completed", by_external_id(other));
  const auto second = emit("order.completed", by_external_id(who));
  CHECK(ids("contact[external_id]=" + who + "&type=order.completed&limit=50")
        == id_list{second, first});
}

TEST_CASE_METHOD(query,
                 "G48 contacts are named by e-mail, external_id or id, "
                 "in brackets or with a dot",
                 "[system][query]") {
  const auto who = fresh("usr_");
  const auto name = fresh("g48");
  const auto event
    = emit("g48.sent", R"({"external_id":")" + who + R"(","email":")" + name
                         + R"(@gmail.com"})");
  const auto id = api.get("/v1/events/" + event).text("/contact/id");
  const auto dotted = "G.4" + name.substr(2);
  for (const auto& filter :
       {"contact[external_id]=" + who, "contact.external_id=" + who,
        "contact%5Bexternal_id%5D=" + who, "contact[id]=" + id,
        "contact.id=" + id, "contact.email=" + name + "%40gmail.com",
        "contact[email]=" + dotted + "%40GMAIL.com"})
    CHECK(ids(filter) == id_list{event});
}

TEST_CASE_METHOD(query,
                 "G49 a type with .* finds all names below it and "
                 "nothing beside it",
                 "[system][query]") {
  const auto who = by_external_id("usr_g49");
  const auto one = emit("g49order.completed", who);
  const auto two = emit("g49order.item.added", who);
  emit("g49orders.x", who);
  emit("g49order", who);
  CHECK(ids("contact[external_id]=usr_g49&type=g49order.*")
        == id_list{two, one});
  CHECK(ids("type=g49order.*") == id_list{two, one});
  CHECK(ids("type=g49order.completed") == id_list{one});
  CHECK(ids("type=G49order.completed").empty());
}

TEST_CASE_METHOD(query, "G50 since is inclusive and until exclusive",
                 "[system][query]") {
  const auto who = fresh("usr_");
  std::string at_first;
  std::string at_second;
  const auto first = emit("g50.sent", by_external_id(who), &at_first);
  // Milliseconds are what the client sees: two events must not share one.
  eventually([&] {
    return emit("g50.filler", by_external_id(fresh("usr_")), &at_second) != ""
           && at_second > at_first;
  });
  const auto second = emit("g50.sent", by_external_id(who), &at_second);
  const auto base = "contact[external_id]=" + who;
  CHECK(ids(base + "&since=" + percent_encode(at_second)) == id_list{second});
  CHECK(ids(base + "&until=" + percent_encode(at_second)) == id_list{first});
  CHECK(ids(base + "&since=" + percent_encode(at_first)
            + "&until=" + percent_encode(at_second))
        == id_list{first});
  CHECK(ids(base + "&since=2100-01-01T00:00:00Z").empty());
}

TEST_CASE_METHOD(query,
                 "G50 G51 G52 malformed times, limits and cursors are "
                 "422 and name the parameter",
                 "[system][query]") {
  for (const std::string parameters :
       {"since=yesterday", "until=2026-13-01T00:00:00Z", "since=", "limit=0",
        "limit=101", "limit=-1", "limit=ten", "limit=1e1", "cursor=abc"}) {
    const auto refused = api.get("/v1/events?" + parameters);
    INFO(parameters << " " << refused.body);
    CHECK(refused.status == 422);
    CHECK_FALSE(refused.code().empty());
    const auto name = parameters.substr(0, parameters.find('='));
    CHECK(refused.text("/errors/0/pointer") == "/" + name);
    CHECK(refused.text("/error/fields/0/path") == name);
  }
}

TEST_CASE_METHOD(query, "G51 a page has 50 events unless limit says 1 to 100",
                 "[system][query]") {
  const auto who = fresh("usr_");
  for (int i = 0; i < 101; ++i)
    emit("g51.sent", by_external_id(who));
  const auto base = "contact[external_id]=" + who;
  CHECK(ids(base).size() == 50);
  CHECK(ids(base + "&limit=1").size() == 1);
  CHECK(ids(base + "&limit=100").size() == 100);
}

TEST_CASE_METHOD(query,
                 "G52 pages are stable while events arrive and together "
                 "are all there was",
                 "[system][query]") {
  const auto who = fresh("usr_");
  id_list sent;
  for (int i = 0; i < 25; ++i)
    sent.insert(sent.begin(), emit("g52.sent", by_external_id(who)));
  id_list seen;
  std::string cursor;
  for (int pages = 0; pages < 20; ++pages) {
    const auto page
      = api.get("/v1/events?contact[external_id]=" + who + "&limit=10"
                + (cursor.empty() ? "" : "&cursor=" + percent_encode(cursor)));
    INFO(page.body);
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      seen.emplace_back(each.at("id").as_string().c_str());
    emit("g52.late", by_external_id(who));
    if (!page.at("/has_more").as_bool()) {
      CHECK(page.at("/next_cursor").is_null());
      break;
    }
    cursor = page.text("/next_cursor");
    REQUIRE_FALSE(cursor.empty());
  }
  CHECK(seen == sent);
}

TEST_CASE_METHOD(query, "G52 an unknown contact has an empty list",
                 "[system][query]") {
  for (const std::string filter :
       {"contact[external_id]=nobody-at-all",
        "contact[email]=nobody-at-all%40example.com",
        "contact[id]=con_00000000000000000000000000"}) {
    const auto found = api.get("/v1/events?" + filter);
    INFO(found.body);
    CHECK(found.status == 200);
    CHECK(found.at("/data").as_array().empty());
    CHECK(found.at("/has_more") == boost::json::value(false));
  }
}

TEST_CASE_METHOD(query,
                 "G80 without a contact the newest events of the "
                 "workspace come back",
                 "[system][query]") {
  const auto first = emit("g80.sent", by_external_id(fresh("usr_")));
  const auto second = emit("g80.sent", by_external_id(fresh("usr_")));
  CHECK(ids("limit=2") == id_list{second, first});
}

TEST_CASE_METHOD(with_server,
                 "G45 a contact's metadata is counted by field, with the "
                 "latest value",
                 "[system][query]") {
  const auto who = fresh("usr_");
  const auto contact = by_external_id(who);
  for (const auto* metadata :
       {R"({"plan":"free","seats":1})", R"({"plan":"pro","a":{"b":true}})",
        R"({"plan":"team","tags":["x"]})"})
    REQUIRE(api.emit(event_body("plan.changed", contact, metadata)).status
            == 200);
  REQUIRE(api.emit(event_body("user.seen", contact)).status == 200);
  const auto stats = contact_of(api, who, "/stats");
  INFO(stats.body);
  CHECK(stats.number("/events/plan.changed") == 3);
  CHECK(stats.number("/events/user.seen") == 1);
  CHECK(stats.text("/properties/plan/latest") == "team");
  CHECK(stats.number("/properties/plan/count") == 3);
  CHECK(stats.number("/properties/seats/latest") == 1);
  CHECK(stats.at("/properties/a.b/latest") == true);
  CHECK(stats.text("/properties/tags/latest/0") == "x");
  CHECK(stats.at("/has_more") == false);
  CHECK(contact_of(api, "usr_nobody", "/stats").status == 404);
}

TEST_CASE_METHOD(query,
                 "J10 only a last .* is a prefix; other patterns are names "
                 "that nothing has",
                 "[system][query]") {
  const auto type = fresh("j10x");
  REQUIRE(api.emit(event_body(type + ".done", by_external_id("usr_j10"))).status
          == 200);
  const auto count = [&](const std::string& pattern) {
    const auto listed = api.get("/v1/events?type=" + percent_encode(pattern));
    INFO(pattern << " " << listed.body);
    REQUIRE(listed.status == 200);
    return listed.at("/data").as_array().size();
  };
  CHECK(count(type + ".*") == 1);
  for (const auto& pattern :
       {type + "*", type + ".%", type + "._one", "*" + type + ".done",
        type + ".*.done", type + ".**", std::string{"%"}, std::string{"_"},
        type + ".d[o]ne", std::string{"(.+)+$"}})
    CHECK(count(pattern) == 0);
}
