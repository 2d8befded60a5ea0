// Writing contacts by the API, listing them, and reading long histories.
#include "tests/system/tenant.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace troupe::test;

namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return json::serialize(value);
}

class writers : protected with_server {
protected:
  api_answer upsert(const std::string& body, const std::string& key = {}) {
    header_list headers;
    if (!key.empty())
      headers.emplace_back("Idempotency-Key", key);
    return api.post("/v1/contacts", body, headers);
  }

  api_answer patch(const std::string& which, const std::string& body) {
    return api.send("PATCH", "/v1/contacts/" + which, body,
                    {{"Content-Type", "application/json"}});
  }

  std::string who = fresh("usr_");
  std::string mail = fresh("ada.") + "@example.com";
  std::string ref = "external_id:" + who;
};

/// All pages of a list, as the texts of a member of its entries.
std::vector<std::string> all_of(api_client& api, const std::string& list,
                                const std::string& member) {
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto page
      = api.get(list + (list.find('?') == list.npos ? "?" : "&") + cursor);
    INFO(page.body);
    REQUIRE(page.status == 200);
    for (const auto& each : page.at("/data").as_array())
      seen.push_back(text(each.at(member)));
    cursor = page.at("/has_more") == true
               ? "cursor=" + page.text("/next_cursor")
               : std::string{};
  } while (!cursor.empty());
  return seen;
}

} // namespace

TEST_CASE_METHOD(writers,
                 "a contact is made by its identities, and the same again adds "
                 "to it",
                 "[system][contact_write]") {
  const auto made
    = upsert(R"({"external_id":")" + who + R"(","email":")" + mail
             + R"(","attributes":{"plan":"pro","seats":3},"tags":["b","a"]})");
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.text("/external_id") == who);
  CHECK(made.text("/email") == mail);
  CHECK(made.text("/attributes/plan") == "pro");
  CHECK(text(made.at("/tags")) == R"(["a","b"])");
  CHECK_FALSE(made.has("/warnings"));
  const auto again
    = upsert(R"({"email":")" + mail
             + R"(","attributes":{"seats":4,"plan":null},"tags":["c"]})");
  INFO(again.body);
  REQUIRE(again.status == 200);
  CHECK(again.text("/id") == made.text("/id"));
  CHECK(again.number("/attributes/seats") == 4);
  CHECK_FALSE(again.has("/attributes/plan"));
  CHECK(text(again.at("/tags")) == R"(["a","b","c"])");
  CHECK(again.number("/score") == 0);
  const auto scored = upsert(R"({"email":")" + mail + R"(","score":-7})");
  CHECK(scored.number("/score") == -7);
  CHECK(upsert(R"({"email":")" + mail + R"(","score":1.5})").code()
        == "field_type_mismatch");
  CHECK(upsert(R"({"email":")" + mail + R"(","scroe":1})").text("/detail")
        == "there is no such field; did you mean `score`?");
  CHECK(contact_of(api, who).body == scored.body);
}

TEST_CASE_METHOD(writers,
                 "a write that changes nothing leaves no turn, and one with an "
                 "idempotency key happens once",
                 "[system][contact_write]") {
  const auto body
    = R"({"external_id":")" + who + R"(","attributes":{"n":1},"tags":["x"]})";
  const auto key = fresh("contact:");
  const auto first = upsert(body, key);
  REQUIRE(first.status == 201);
  CHECK(upsert(body).status == 200);
  CHECK(patch(ref, "{}").status == 200);
  const auto turns = [&] {
    return contact_of(api, who, "/timeline").at("/data").as_array().size();
  };
  CHECK(turns() == 1);
  patch(ref, R"({"attributes":{"n":2}})");
  const auto again = upsert(body, key);
  INFO(again.body);
  CHECK(again.status == 201);
  CHECK(again.header("idempotent-replay") == "true");
  CHECK(again.number("/attributes/n") == 2);
  CHECK(turns() == 2);
  CHECK(upsert(R"({"external_id":"other"})", key).code()
        == "idempotency_key_mismatch");
  // A key of events is another one.
  CHECK(api.emit(event_body("key.other", by_external_id(who)), key).status
        == 200);
}

TEST_CASE_METHOD(writers,
                 "a patch puts what it gives in the place of what was there",
                 "[system][contact_write]") {
  REQUIRE(upsert(R"({"external_id":")" + who + R"(","email":")" + mail
                 + R"(","phone":"+442079460018","attributes":{"a":1,"b":2},)"
                 + R"("tags":["old","both"]})")
            .status
          == 201);
  const auto renamed = fresh("usr_");
  const auto mail_2 = fresh("grace.") + "@example.com";
  const auto done
    = patch(ref, R"({"external_id":")" + renamed + R"(","email":")" + mail_2
                   + R"(","phone":null,"attributes":{"a":null,"c":{"d":[1]}},)"
                   + R"("tags":["both","new"]})");
  INFO(done.body);
  REQUIRE(done.status == 200);
  CHECK(done.text("/external_id") == renamed);
  CHECK(done.text("/email") == mail_2);
  CHECK(done.at("/phone").is_null());
  CHECK_FALSE(done.has("/attributes/a"));
  CHECK(done.number("/attributes/b") == 2);
  CHECK(done.number("/attributes/c/d/0") == 1);
  CHECK(text(done.at("/tags")) == R"(["both","new"])");
  CHECK(contact_of(api, who).status == 404);
  CHECK(contact_of(api, renamed).text("/id") == done.text("/id"));
  CHECK(api.get("/v1/contacts/email:" + mail).status == 404);
  CHECK(patch(ref, "{}").code() == "contact_not_found");
  CHECK(patch("con_0", "{}").status == 404);
}

TEST_CASE_METHOD(writers,
                 "a patch takes nothing from another contact, and says whose "
                 "it is",
                 "[system][contact_write]") {
  const auto other = upsert(R"({"email":")" + mail + "\"}");
  REQUIRE(other.status == 201);
  REQUIRE(upsert(R"({"external_id":")" + who + "\"}").status == 201);
  const auto refused
    = patch(ref, R"({"email":")" + mail + R"(","tags":["x"]})");
  INFO(refused.body);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "identity_taken");
  CHECK(refused.text("/errors/0/pointer") == "/email");
  CHECK(refused.text("/detail").find(other.text("/id")) != std::string::npos);
  CHECK(contact_of(api, who).at("/tags").as_array().empty());
  CHECK(api.get("/v1/contacts/email:" + mail).text("/id") == other.text("/id"));
  const auto last = patch("email:" + mail, R"({"email":null})");
  CHECK(last.status == 409);
  CHECK(last.code() == "last_identity");
}

TEST_CASE_METHOD(writers,
                 "an upsert joins contacts as an event does and warns of what "
                 "stays apart",
                 "[system][contact_write]") {
  const auto anonymous = fresh("anon_");
  const auto visitor = upsert(R"({"anonymous_id":")" + anonymous
                              + R"(","attributes":{"seen":true}})");
  REQUIRE(upsert(R"({"external_id":")" + who + "\"}").status == 201);
  const auto joined = upsert(R"({"external_id":")" + who
                             + R"(","anonymous_id":")" + anonymous + "\"}");
  INFO(joined.body);
  CHECK(joined.status == 200);
  CHECK(joined.text("/absorbed/0") == visitor.text("/id"));
  CHECK(joined.at("/attributes/seen") == true);
  REQUIRE(upsert(R"({"external_id":")" + fresh("usr_") + R"(","email":")" + mail
                 + "\"}")
            .status
          == 201);
  const auto apart
    = upsert(R"({"external_id":")" + who + R"(","email":")" + mail + "\"}");
  CHECK(apart.status == 200);
  CHECK(apart.text("/warnings/0/code") == "identity_conflict");
  CHECK(apart.text("/warnings/0/identity") == "email");
  CHECK(apart.at("/email").is_null());
}

TEST_CASE_METHOD(writers,
                 "a write is no event: it is in the timeline and the audit log "
                 "with its key, starts nothing, and outlives a replay",
                 "[system][contact_write]") {
  publish(api, R"({"key":")" + fresh("write-")
                 + R"(","status":"active","trigger":{"any":[{"event":"*"}]},
    "filter":{"==":[{"var":"contact.external_id"},")"
                 + who + R"("]},"entry":"tag","nodes":{
    "tag":{"type":"update","tags_add":["ran"],"then":"done"},
    "done":{"type":"exit"}}})");
  const auto made = upsert(R"({"external_id":")" + who + R"(","email":")" + mail
                           + R"(","attributes":{"plan":"pro"},"tags":["t"]})");
  CHECK(text(made.at("/tags")) == R"(["t"])");
  CHECK(api.get("/v1/events?contact[external_id]=" + who)
          .at("/data")
          .as_array()
          .empty());
  const auto timeline = contact_of(api, who, "/timeline");
  INFO(timeline.body);
  CHECK(timeline.text("/data/0/kind") == "intervention");
  CHECK(timeline.text("/data/0/operator/action") == "contact.written");
  const auto key = timeline.text("/data/0/operator/key");
  CHECK(key.starts_with("key_"));
  const auto log = api.get("/v1/audit-log?action=contact.written&contact="
                           + percent_encode(ref));
  INFO(log.body);
  REQUIRE(log.at("/data").as_array().size() == 1);
  CHECK(log.text("/data/0/actor/key") == key);
  CHECK(text(log.at("/data/0/details/changed"))
        == R"(["external_id","email","attributes.plan","tags"])");
  CHECK(log.body.find(mail) == std::string::npos);
}

TEST_CASE_METHOD(writers,
                 "what cannot be written is refused, with where and why, and "
                 "nothing is",
                 "[system][contact_write]") {
  const auto refused = [&](const std::string& rest) {
    const auto answer
      = upsert(R"({"external_id":")" + who + "\"," + rest + "}");
    INFO(rest << " " << answer.body);
    CHECK(answer.status == 422);
    return answer.code() + " " + answer.text("/errors/0/pointer");
  };
  CHECK(refused(R"("emial":"x")") == "field_unknown /emial");
  CHECK(refused(R"("email":"nobody")") == "field_invalid /email");
  CHECK(refused(R"("email":5)") == "field_type_mismatch /email");
  CHECK(refused(R"("phone":"0000000000")") == "field_invalid /phone");
  CHECK(refused(R"("attributes":[])") == "field_type_mismatch /attributes");
  CHECK(refused(R"("attributes":{"":1})") == "field_invalid /attributes/");
  CHECK(refused(R"("attributes":{"a":")" + std::string(33'000, 'x') + "\"}")
        == "attribute_limit /attributes");
  CHECK(refused(R"("tags":"x")") == "field_type_mismatch /tags");
  CHECK(refused(R"("tags":["a",""])") == "field_invalid /tags/1");
  CHECK(contact_of(api, who).status == 404);
  CHECK(upsert("{}").code() == "contact_required");
  CHECK(upsert(R"({"external_id":"null"})").status == 422);
  CHECK(upsert("[]").code() == "field_type_mismatch");
  REQUIRE(upsert(R"({"external_id":")" + who + "\"}").status == 201);
  CHECK(patch(ref, R"({"external_id":null})").text("/errors/0/pointer")
        == "/external_id");
  for (int page = 0; page < 2; ++page) {
    std::string attributes;
    for (int i = 0; i < 250; ++i)
      attributes += (i == 0 ? "\"" : ",\"") + std::to_string(page * 250 + i)
                    + "\":" + std::to_string(i);
    REQUIRE(patch(ref, R"({"attributes":{)" + attributes + "}}").status == 200);
  }
  std::string more;
  for (int i = 0; i < 13; ++i)
    more += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":1";
  CHECK(patch(ref, R"({"attributes":{)" + more + "}}").code()
        == "attribute_limit");
  const auto reader
    = api.post("/v1/keys", R"({"name":"r","scopes":["events:read"]})");
  api_client reading{shared_server().port(), reader.text("/key")};
  CHECK(reading.post("/v1/contacts", R"({"external_id":"x"})").status == 403);
}

TEST_CASE_METHOD(writers,
                 "contacts are listed newest first, each once, by tag, by "
                 "identity and by how one begins",
                 "[system][contact_write]") {
  tenant mine{api};
  std::vector<std::string> ids;
  for (int i = 0; i < 7; ++i) {
    const auto n = std::to_string(i);
    const auto made = mine.api.post(
      "/v1/contacts", R"({"external_id":"list_)" + n + R"(","email":"Person)"
                        + n + R"(@example.com","tags":[")"
                        + (i % 2 == 0 ? "even" : "odd") + "\"]}");
    REQUIRE(made.status == 201);
    ids.insert(ids.begin(), "\"" + made.text("/id") + "\"");
  }
  CHECK(all_of(mine.api, "/v1/contacts?limit=3", "id") == ids);
  CHECK(all_of(mine.api, "/v1/contacts?limit=2&tag=odd", "id")
        == std::vector{ids[1], ids[3], ids[5]});
  CHECK(all_of(mine.api, "/v1/contacts?query=list_3", "id")
        == std::vector{ids[3]});
  CHECK(all_of(mine.api, "/v1/contacts?query=PERSON4%40example.com", "id")
        == std::vector{ids[2]});
  CHECK(all_of(mine.api, "/v1/contacts?query=pers&limit=2", "id") == ids);
  CHECK(all_of(mine.api, "/v1/contacts?query=list&tag=even&limit=1", "id")
        == std::vector{ids[0], ids[2], ids[4], ids[6]});
  CHECK(all_of(mine.api, "/v1/contacts?query=nobody", "id").empty());
  // One that was absorbed is not listed.
  REQUIRE(
    mine.api.post("/v1/contacts", R"({"anonymous_id":"anon_list"})").status
    == 201);
  REQUIRE(mine.api
            .post("/v1/contacts",
                  R"({"external_id":"list_0","anonymous_id":"anon_list"})")
            .status
          == 200);
  CHECK(all_of(mine.api, "/v1/contacts", "id") == ids);
  CHECK(mine.api.get("/v1/contacts?limit=101").status == 422);
  CHECK(mine.api.get("/v1/contacts?query=").status == 422);
  CHECK(mine.api.get("/v1/contacts?order=x").code()
        == "query_parameter_unknown");
  CHECK(mine.api.get("/v1/contacts?cursor=" + std::string(68, 'c')).code()
        == "cursor_invalid");
}

TEST_CASE_METHOD(writers,
                 "a timeline and the runs of a contact are read a page at a "
                 "time, each entry once, beyond 500 turns",
                 "[system][contact_write]") {
  const auto key = fresh("pages-");
  publish(api, R"({"key":")" + key + R"(","status":"active","reentry":"always",
    "trigger":{"any":[{"event":"pages.)"
                 + key + R"("}]},"entry":"rest","nodes":{
    "rest":{"type":"state","on":[{"event":"never.sent","then":"done"}]},
    "done":{"type":"exit"}}})");
  const auto emit = [&](const std::string& type) {
    REQUIRE(api.emit(event_body(type, by_external_id(who))).status == 200);
  };
  for (int i = 0; i < 5; ++i)
    emit("pages." + key);
  for (int i = 0; i < 505; ++i)
    emit("pages.filler");
  const auto seqs
    = all_of(api, "/v1/contacts/" + ref + "/timeline?limit=100", "seq");
  REQUIRE(seqs.size() == 510);
  CHECK(seqs.front() == "510");
  CHECK(seqs.back() == "1");
  CHECK(std::set<std::string>(seqs.begin(), seqs.end()).size() == 510);
  const auto runs = all_of(api, "/v1/contacts/" + ref + "/runs?limit=2", "id");
  CHECK(runs.size() == 5);
  CHECK(std::set<std::string>(runs.begin(), runs.end()).size() == 5);
  const auto first = contact_of(api, who, "/runs?limit=2");
  CHECK(first.text("/data/0/cause/event").starts_with("evt_"));
  CHECK(first.text("/data/0/node") == "rest");
  CHECK(
    contact_of(api, who, "/runs?cursor=" + first.text("/next_cursor")).status
    == 200);
  CHECK(contact_of(api, who, "/timeline?cursor=" + first.text("/next_cursor"))
          .code()
        == "cursor_invalid");
}
