// Segments by the API: who is in them, at once and later, also of those who
// were there before.
#include "engine/json_text.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class segments : protected with_server {
protected:
  api_answer save(const std::string& key, const std::string& condition) {
    return api.post("/v1/segments", R"({"key":")" + key + R"(","condition":)"
                                      + condition + "}");
  }

  void saved(const std::string& key, const std::string& condition) {
    const auto answer = save(key, condition);
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    CHECK(answer.text("/id").starts_with("sgm_"));
    REQUIRE(eventually([&] {
      return api.get("/v1/jobs/" + answer.text("/job")).text("/status")
             == "completed";
    }));
  }

  void emit(const std::string& type, const std::string& who,
            const std::string& metadata = "{}") {
    const auto answer
      = api.emit(event_body(type, by_external_id(who), metadata));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  }

  std::string segments_of(const std::string& who) {
    return troupe::engine::to_json(contact_of(api, who).at("/segments"));
  }

  std::size_t size_of(const std::string& key) {
    const auto page = api.get("/v1/segments/" + key + "/contacts");
    INFO(page.body);
    REQUIRE(page.status == 200);
    return page.at("/data").as_array().size();
  }
};

std::string bought(const std::string& type, const std::string& within) {
  return R"({">=":[{"event_count":{"event":")" + type + R"(","within":")"
         + within + R"("}},1]})";
}

} // namespace

TEST_CASE_METHOD(segments,
                 "R4 the event that makes a contact a member says so in its "
                 "own answer's state, and time alone ends it",
                 "[system][segments]") {
  const auto type = fresh("r4.bought.");
  const auto key = fresh("r4_");
  const auto who = fresh("usr_");
  saved(key, bought(type, "2s"));
  emit("r4.seen", who);
  CHECK(segments_of(who) == "[]");
  emit(type, who);
  CHECK(segments_of(who) == R"([")" + key + R"("])");
  CHECK(size_of(key) == 1);
  CHECK(api.get("/v1/segments/" + key).number("/contacts") == 1);
  CHECK(eventually([&] {
    return segments_of(who) == "[]";
  }));
  CHECK(size_of(key) == 0);
}

TEST_CASE_METHOD(segments,
                 "R4 those who were there before enter by a job; entering and "
                 "leaving are events that start sequences",
                 "[system][segments]") {
  const auto type = fresh("r4.paid.");
  const auto key = fresh("r4_old_");
  std::vector<std::string> people;
  for (int i = 0; i < 150; ++i)
    people.push_back(fresh("usr_"));
  for (const auto& who : people)
    emit(type, who, R"({"items":4})");
  publish(api, R"({"key":")" + fresh("greet_")
                 + R"(","status":"active","entry":"u","trigger":{"any":[
    {"event":"$segment_entered","where":{"==":[{"var":
    "event.properties.segment"},")"
                 + key + R"("]}}]},"nodes":{"u":{"type":"update",
    "tags_add":["greeted"],"then":"x"},"x":{"type":"exit"}}})");
  saved(key,
        R"({">=":[{"event_count":{"event":")" + type
          + R"(","where":{">=":[{"var":"event.properties.items"},3]}}},1]})");
  CHECK(api.get("/v1/segments/" + key).number("/contacts") == 150);
  for (const auto& who : people)
    REQUIRE(eventually([&] {
      return troupe::engine::to_json(contact_of(api, who).at("/tags"))
             == R"(["greeted"])";
    }));
  const auto page = api.get("/v1/contacts?limit=100&segment=" + key);
  CHECK(page.at("/data").as_array().size() == 100);
  const auto rest = api.get("/v1/contacts?limit=100&segment=" + key
                            + "&cursor=" + page.text("/next_cursor"));
  CHECK(rest.at("/data").as_array().size() == 50);
  CHECK(rest.at("/data/0/id") != page.at("/data/0/id"));

  SECTION("another condition under the same key moves everyone it concerns") {
    saved(key, R"({"has_tag":"nobody_has_this"})");
    CHECK(size_of(key) == 0);
    CHECK(api.get("/v1/segments/" + key).number("/version") == 2);
  }
  SECTION("the same condition again is no other version, and no job") {
    const auto again
      = save(key, R"({"event_count":{"event":")" + type + R"("}})");
    CHECK(again.number("/version") == 2);
    const auto same
      = save(key, R"({"event_count":{"event":")" + type + R"("}})");
    CHECK(same.number("/version") == 2);
    CHECK_FALSE(same.has("/job"));
  }
  SECTION("an archived segment has nobody") {
    const auto answer = api.post("/v1/segments/" + key + "/archive", "");
    INFO(answer.body);
    CHECK(answer.text("/status") == "archived");
    CHECK(eventually([&] {
      return segments_of(people.front()) == "[]";
    }));
    CHECK(api.get("/v1/segments/" + key + "/contacts").status == 404);
    CHECK(save(key, R"({"has_tag":"x"})").code() == "segment_archived");
  }
}

TEST_CASE_METHOD(segments,
                 "R8 a preview counts who would be in it, and changes nothing",
                 "[system][segments]") {
  const auto made = api.post("/v1/workspaces", R"({"name":"preview"})");
  auto other = api_client{shared_server().port(), made.text("/key")};
  for (int i = 0; i < 5; ++i)
    other.emit(event_body("bought", by_external_id("u" + std::to_string(i)),
                          R"({"total":)" + std::to_string(i * 10) + "}"));
  const auto seen = other.post("/v1/segments/preview", R"({"condition":
    {">":[{"event_sum":{"event":"bought","of":"properties.total"}},15]}})");
  INFO(seen.body);
  CHECK(seen.number("/count") == 3);
  CHECK(seen.number("/contacts") == 5);
  CHECK(seen.number("/looked_at") == 5);
  CHECK(seen.number("/estimate") == 3);
  CHECK(other.get("/v1/segments").at("/data").as_array().empty());
}

TEST_CASE_METHOD(segments,
                 "R9 a segment on $extra is refused with the place, and so is "
                 "whatever else makes no sense",
                 "[system][segments]") {
  const auto extra = save(fresh("r9_"), R"({"!!":[{"event_count":{"event":"a",
    "where":{"==":[{"var":"event.properties.$extra.session_id"},"s"]}}}]})");
  INFO(extra.body);
  CHECK(extra.status == 422);
  CHECK(extra.code() == "condition_reserved_name");
  CHECK(extra.text("/errors/0/pointer")
        == "/condition/!!/0/event_count/where/==/0/var");
  const auto key = fresh("r9_b_");
  CHECK(save(key, R"({"==":[{"var":"event.type"},"a"]})").code()
        == "condition_unknown_root");
  CHECK(save(key, R"({"event_count":{"event":"a","whithin":"1d"}})").code()
        == "condition_bad_operand");
  CHECK(save(key, R"({"in_segment":"nobody"})").code() == "unknown_segment");
  CHECK(save(key, R"({"in_segment":")" + key + R"("})").code()
        == "segment_cycle");
  CHECK(save("a/b", R"({"has_tag":"x"})").text("/errors/0/pointer") == "/key");
  CHECK(api.get("/v1/segments/nobody").code() == "segment_not_found");
  CHECK(api.get("/v1/jobs/job_nobody").code() == "job_not_found");
  CHECK(api.get("/v1/contacts?segment=nobody").code() == "unknown_segment");
}

TEST_CASE_METHOD(segments,
                 "S25 a sequence can ask for segments; a segment in use stays, "
                 "and so does the event type it counts",
                 "[system][segments]") {
  const auto type = fresh("s25.bought.");
  const auto go = fresh("s25.go.");
  const auto key = fresh("s25_");
  const auto sequence = fresh("s25_sequence_");
  const auto definition = [&](const std::string& segment) {
    return R"({"key":")" + sequence
           + R"(","status":"active","entry":"x","trigger":{"any":[
      {"event":")"
           + go + R"("}]},"filter":{"in_segment":")" + segment
           + R"("},"nodes":{"x":{"type":"exit"}}})";
  };
  saved(key, bought(type, "30d"));
  const auto unknown = api.post("/v1/sequences", definition(key + "x"));
  CHECK(unknown.code() == "unknown_segment");
  CHECK(unknown.text("/errors/0/pointer") == "/filter");
  CHECK(unknown.body.find("did you mean `" + key) != std::string::npos);
  publish(api, definition(key));
  const auto who = fresh("usr_");
  const auto started = [&] {
    return api.emit(event_body(go, by_external_id(who)))
      .number("/fan_out/sequences_woken");
  };
  CHECK(started() == 0);
  emit(type, who);
  CHECK(started() == 1);
  const auto kept = api.post("/v1/segments/" + key + "/archive", "");
  CHECK(kept.status == 409);
  CHECK(kept.code() == "in_use");
  CHECK(kept.text("/dependants/0/key") == sequence);
  const auto type_kept = api.post("/v1/event-types/" + type + "/archive", "");
  CHECK(type_kept.status == 409);
  CHECK(type_kept.text("/dependants/0/kind") == "segment");
}

TEST_CASE_METHOD(segments,
                 "contacts that become one have one history: together they "
                 "are in the segment that neither was in",
                 "[system][segments]") {
  const auto type = fresh("merge.bought.");
  const auto key = fresh("merge_");
  const auto who = fresh("usr_");
  const auto anonymous = fresh("anon_");
  saved(key, R"({">=":[{"event_count":{"event":")" + type + R"("}},2]})");
  emit(type, who);
  api.emit(event_body(type, R"({"anonymous_id":")" + anonymous + R"("})"));
  CHECK(segments_of(who) == "[]");
  api.emit(event_body("merge.identify", R"({"external_id":")" + who
                                          + R"(","anonymous_id":")" + anonymous
                                          + R"("})"));
  CHECK(segments_of(who) == R"([")" + key + R"("])");
  CHECK(size_of(key) == 1);
}

TEST_CASE("R4 what leaves a segment while the server is down leaves it after "
          "the start, and a job goes on",
          "[system][segments]") {
  troupe_server server;
  auto api = server.client();
  api.post("/v1/segments",
           R"({"key":"recent","condition":)" + bought("bought", "3s") + "}");
  REQUIRE(api.emit(event_body("bought", by_external_id("u"))).status == 200);
  CHECK(contact_of(api, "u").at("/segments").as_array().size() == 1);
  server.kill();
  server.start();
  api = server.client();
  CHECK(eventually([&] {
    return contact_of(api, "u").at("/segments").as_array().empty();
  }));
  CHECK(api.get("/v1/segments/recent").number("/contacts") == 0);
}
