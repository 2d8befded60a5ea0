// X10: what is known about a person is exported, then erased with proof.
#include "engine/base64.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>
#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace troupe::test;

namespace json = boost::json;

namespace {

/// What must be found in an export, and nowhere after that.
const std::vector<std::string> canaries{
  "canaryPerson",      "canary-mail@example.org",
  "4915112345678",     "canaryVisitor",
  "canaryProperty",    "canaryAttribute",
  "to canaryProperty", "canaryAnswer",
  "canaryRejected",    "canaryKey",
  "canaryTag"};

std::string person(const std::string& more = "") {
  return R"({"external_id":"canaryPerson","email":"canary-mail@example.org")"
         + more + "}";
}

api_answer erase(api_client& api, const std::string& ref) {
  return api.send("DELETE", "/v1/contacts/" + ref + "?mode=erase", "", {});
}

/// Asks until the erasure is finished.
api_answer finished(api_client& api, const std::string& id) {
  api_answer shown;
  REQUIRE(eventually(
    [&] {
      shown = api.get("/v1/erasures/" + id);
      return shown.text("/status") == "finished";
    },
    std::chrono::seconds{60}));
  return shown;
}

/// The body of an export, which ends with the connection.
std::string exported(const troupe_server& server, const std::string& id) {
  troupe::support::raw_client raw{server.port()};
  raw.send("GET /v1/contacts/" + id
           + "/export HTTP/1.0\r\nHost: troupe\r\nAuthorization: Bearer "
           + server.key() + "\r\n\r\n");
  REQUIRE(raw.receive(false).status == 200);
  return raw.receive_bytes(100'000'000);
}

std::vector<json::object> lines_of(const std::string& text) {
  std::vector<json::object> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    out.push_back(json::parse(line).as_object());
  return out;
}

bool is_signed(const json::value& certificate, const json::value& key) {
  const auto text = [](const json::value& from, const char* name) {
    return std::string{from.at(name).as_string()};
  };
  const auto bytes = [](const std::string& of) {
    return reinterpret_cast<const unsigned char*>(of.data());
  };
  const auto payload = text(certificate, "payload");
  const auto signature
    = troupe::engine::base64_decode(text(certificate, "signature"));
  const auto raw = troupe::engine::base64_decode(text(key, "public_key"));
  REQUIRE(signature);
  REQUIRE(raw);
  auto* held = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                           bytes(*raw), raw->size());
  auto* context = EVP_MD_CTX_new();
  const auto good
    = EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, held) == 1
      && EVP_DigestVerify(context, bytes(*signature), signature->size(),
                          bytes(payload), payload.size())
           == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(held);
  return good;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Every byte of the files that the store has, free space in them included;
/// empty where they are another user's.
std::string files_of(const troupe_server& server) {
  std::filesystem::path folder = server.directory() + "/data";
  if (const auto* database = server.database()) {
    database->run("CHECKPOINT");
    folder = database->run("SELECT current_setting('data_directory')"
                           " || '/base/' || oid FROM pg_database"
                           " WHERE datname=current_database()");
  }
  std::string all;
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator{folder, none})
    all += content_of(each.path());
  return all;
}

std::size_t count_in(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

/// A server in which the person has left a trace wherever one can.
class traces {
protected:
  traces() {
    subscribe(api, answering.url(), "canary.sent");
    publish(api,
            sequence_on("welcome", "canary.sent",
                        R"("s":{"type":"send","channel":"capture","subject":)"
                        R"("to {{event.properties.secret}}","then":"w"},)"
                        R"("w":{"type":"wait","for":"30d","then":"x"})"));
    emit("page.seen", R"({"anonymous_id":"canaryVisitor"})", "{}");
    emit("canary.sent", person(), R"({"secret":"canaryProperty"})",
         "canaryKey-1");
    emit("joined", person(R"(,"anonymous_id":"canaryVisitor")"), "{}");
    // Longer than a page: its end is in one that is given back as a whole.
    const auto written
      = api.send("PATCH", "/v1/contacts/external_id:canaryPerson",
                 R"({"phone":"+4915112345678","tags":["canaryTag"],)"
                 R"("attributes":{"note":"canaryAttribute)"
                   + std::string(9000, 'x') + R"(canaryAttribute"}})",
                 {{"Content-Type", "application/json"}});
    INFO(written.body);
    REQUIRE(written.status == 200);
    // Of which some are no more than begun: pages of the tables move.
    for (int i = 0; i < 40; ++i)
      emit("later", person(),
           R"({"n":"canaryProperty )" + std::to_string(i) + "\"}");
    reject();
    for (int i = 0; i < 30; ++i)
      emit("other", by_external_id("other" + std::to_string(i)),
           R"({"of":"somebodyElse"})");
    const auto told = R"(canaryAnswer)";
    REQUIRE(eventually([&] {
      return server.stored().find(told) != std::string::npos;
    }));
  }

  void emit(const std::string& type, const std::string& contact,
            const std::string& properties, const std::string& key = {}) {
    const auto made = api.emit(event_body(type, contact, properties), key);
    INFO(made.body);
    REQUIRE(made.status == 200);
  }

  void reject() {
    const std::string body
      = R"({"batch":[{"type":"track","event":"$canaryRejected",)"
        R"("userId":"canaryPerson","properties":{"a":"canaryRejected"}}]})";
    api_client plain{server.port()};
    plain.post(
      "/v1/batch", body,
      {{"Authorization",
        "Basic " + troupe::engine::base64_encode(server.key() + ":")}});
    REQUIRE(api.get("/v1/rejected-events").body.find("canaryRejected")
            != std::string::npos);
  }

  receiver answering{answers(
    response(200, "Content-Type: text/plain\r\n", "thanks, canaryAnswer"))};
  troupe_server server{{"--allow-private-webhooks", "--log-level", "debug"}};
  api_client api = server.client();
};

} // namespace

TEST_CASE_METHOD(traces,
                 "X10 an export has all that is kept, and after an erasure no "
                 "byte of it is left",
                 "[system][erasure]") {
  const auto id = api.get("/v1/contacts/external_id:canaryPerson").text("/id");
  const auto before = server.stored();
  const auto all = exported(server, id);
  const auto lines = lines_of(all);
  REQUIRE(lines.size() > 45);
  CHECK(lines.back().at("kind") == "end");
  CHECK(lines.back().at("lines").to_number<std::size_t>() == lines.size() - 1);
  std::map<std::string, int> kinds;
  for (const auto& line : lines)
    ++kinds[std::string{line.at("kind").as_string()}];
  for (const auto* kind :
       {"contact", "run", "timer", "turn", "delivery", "rejected_event"})
    CHECK(kinds[kind] > 0);
  for (const auto& each : canaries) {
    INFO(each);
    // A key is kept as its hash alone.
    CHECK((each == "canaryKey" || all.find(each) != std::string::npos));
    CHECK((each == "canaryKey" || before.find(each) != std::string::npos));
  }

  const auto begun = erase(api, "external_id:canaryPerson");
  INFO(begun.body);
  REQUIRE(begun.status == 202);
  CHECK(begun.header("location") == "/v1/erasures/" + begun.text("/id"));
  for (const auto& ref : {id, std::string{"external_id:canaryPerson"},
                          std::string{"email:canary-mail%40example.org"},
                          std::string{"anonymous_id:canaryVisitor"}}) {
    CHECK(api.get("/v1/contacts/" + ref).status == 404);
    CHECK(api.get("/v1/contacts/" + ref + "/timeline").status == 404);
    CHECK(erase(api, ref).status == 404);
  }
  const auto done = finished(api, begun.text("/id"));
  CHECK(done.number("/turns/erased") == done.number("/turns/total"));
  CHECK(done.number("/certificate/rows_by_table/turns")
        == done.number("/turns/total"));
  for (const auto* table : {"identities", "timers", "runs", "rejected_events",
                            "delivery_attempts", "contacts"})
    CHECK(done.number("/certificate/rows_by_table/" + std::string{table}) > 0);

  // What others see goes on, and nobody else has lost anything.
  CHECK(api.get("/v1/events?limit=100").status == 200);
  CHECK(api.get("/v1/audit-log?limit=100").status == 200);
  CHECK(api.get("/v1/contacts/external_id:other7").status == 200);
  CHECK(count_in(server.stored(), "somebodyElse") >= 30);
  CHECK(server.stop() == 0);
  if (const auto* database = server.database())
    database->run("VACUUM FULL");
  const auto files = files_of(server);
  if (files.empty())
    WARN("the files of the database cannot be read");
  else
    REQUIRE(files.find("somebodyElse") != std::string::npos);
  for (const auto& each : canaries) {
    INFO(each);
    CHECK(server.stored().find(each) == std::string::npos);
    CHECK(files.find(each) == std::string::npos);
    CHECK(server.errors().find(each) == std::string::npos);
  }
  server.start();
  api = server.client();
  CHECK(api.get("/v1/contacts/external_id:other7").status == 200);
  CHECK(api.get("/v1/erasures/" + begun.text("/id")).text("/status")
        == "finished");
}

TEST_CASE("X10 a certificate can be checked by others, one that was changed "
          "cannot",
          "[system][erasure]") {
  auto api = shared_server().client();
  const auto who = fresh("certified_");
  const auto id
    = api.emit(event_body("a.b", by_external_id(who))).text("/contact/id");
  const auto begun = erase(api, "external_id:" + who);
  REQUIRE(begun.status == 202);
  const auto done = finished(api, begun.text("/id"));
  auto certificate = done.at("/certificate");
  const auto key = api.get("/v1/erasure-key");
  REQUIRE(key.status == 200);
  CHECK(certificate.at("key_id") == key.at("/key_id"));
  CHECK(is_signed(certificate, key.json));
  const auto payload = json::parse(certificate.at("payload").as_string());
  CHECK(payload.at("contact_hash") == certificate.at("contact_hash"));
  CHECK(payload.at("rows_by_table") == certificate.at("rows_by_table"));
  CHECK(payload.at("erased_at") == certificate.at("erased_at"));
  std::string changed{certificate.at("payload").as_string()};
  changed.replace(changed.find("sha256:") + 7, 1,
                  changed[changed.find("sha256:") + 7] == '0' ? "1" : "0");
  certificate.as_object()["payload"] = changed;
  CHECK_FALSE(is_signed(certificate, key.json));
  const auto listed = api.get("/v1/erasures?limit=1");
  CHECK(listed.text("/data/0/id") == begun.text("/id"));
  const auto noted = api.get("/v1/audit-log?action=contact.erased&limit=1");
  CHECK(noted.body.find(begun.text("/id")) != std::string::npos);
  CHECK(noted.body.find(id) == std::string::npos);
  CHECK(noted.body.find(who) == std::string::npos);
}

TEST_CASE("X10 a late retry brings nobody back", "[system][erasure]") {
  auto api = shared_server().client();
  const auto who = fresh("retried_");
  const auto body = event_body("a.b", by_external_id(who));
  const auto key = fresh("key-");
  const auto first = api.emit(body, key);
  REQUIRE(first.status == 200);
  const auto begun = erase(api, first.text("/contact/id"));
  REQUIRE(begun.status == 202);
  for (int i = 0; i < 2; ++i) {
    const auto late = api.emit(body, key);
    CHECK(late.status == 410);
    CHECK(late.code() == "contact_erased");
    finished(api, begun.text("/id"));
  }
  CHECK(api.get("/v1/contacts/external_id:" + who).status == 404);
  CHECK(api.get("/v1/events/" + first.text("/id")).status == 404);
}

TEST_CASE("X10 who was erased comes back as a new contact, and it is said",
          "[system][erasure]") {
  auto api = shared_server().client();
  const auto who = fresh("returning_");
  const auto body = event_body("a.b", by_external_id(who));
  const auto first = api.emit(body);
  REQUIRE(erase(api, "external_id:" + who).status == 202);
  const auto again = api.emit(body);
  REQUIRE(again.status == 200);
  CHECK(again.text("/contact/id") != first.text("/contact/id"));
  CHECK(again.text("/warnings/0/code") == "contact_erased_before");
  CHECK(again.text("/warnings/0/identity") == "external_id");
  const auto third = api.emit(body);
  CHECK_FALSE(third.has("/warnings/0"));
  // A known contact that takes an erased address says so too.
  const auto address = fresh("erased") + "@example.org";
  api.emit(event_body("a.b", by_email(address)));
  REQUIRE(erase(api, "email:" + percent_encode(address)).status == 202);
  const auto taken = api.emit(event_body(
    "a.b", R"({"external_id":")" + who + R"(","email":")" + address + "\"}"));
  CHECK(taken.text("/warnings/0/code") == "contact_erased_before");
  CHECK(taken.text("/warnings/0/identity") == "email");
}

TEST_CASE("X10 a workspace can refuse who was erased", "[system][erasure]") {
  auto admin = shared_server().client();
  const auto made = admin.post("/v1/workspaces", R"({"name":"refusing"})");
  api_client api{shared_server().port(), made.text("/key")};
  const auto set = api.send("PATCH", "/v1/workspaces/" + made.text("/id"),
                            R"({"erased_contacts":"refuse"})",
                            {{"Content-Type", "application/json"}});
  INFO(set.body);
  REQUIRE(set.status == 200);
  CHECK(set.text("/erased_contacts") == "refuse");
  api.emit(event_body("a.b", by_email("gone@example.org")));
  api.emit(event_body("a.b", by_external_id("stays")));
  REQUIRE(erase(api, "email:gone%40example.org").status == 202);
  const auto back = api.emit(event_body("a.b", by_email("Gone@example.org")));
  CHECK(back.status == 410);
  CHECK(back.code() == "contact_erased");
  CHECK(api
          .emit(event_body("a.b", R"({"external_id":"stays",)"
                                  R"("email":"gone@example.org"})"))
          .status
        == 410);
  CHECK(api.emit(event_body("a.b", by_external_id("stays"))).status == 200);
  CHECK(api.post("/v1/contacts", R"({"email":"gone@example.org"})").status
        == 410);
  const auto imported
    = api.send("POST", "/v1/events/import",
               R"({"type":"a.b","occurred_at":"2025-01-01T00:00:00Z",)"
               R"("contact":{"email":"gone@example.org"}})"
               "\n",
               {{"Content-Type", "application/x-ndjson"}});
  INFO(imported.body);
  CHECK(imported.body.find("contact_erased") != std::string::npos);
  CHECK(api.get("/v1/contacts/email:gone%40example.org").status == 404);
  // Another workspace has its own memory.
  CHECK(admin.emit(event_body("a.b", by_email("gone@example.org"))).status
        == 200);
}

TEST_CASE("X10 an erasure takes the contacts that were absorbed along",
          "[system][erasure]") {
  auto api = shared_server().client();
  const auto who = fresh("survivor_");
  const auto address = fresh("absorbed") + "@example.org";
  api.emit(event_body("a.b", by_email(address)));
  const auto absorbed
    = api.emit(event_body("a.b", by_email(address))).text("/contact/id");
  api.emit(event_body("a.b", by_external_id(who)));
  const auto both
    = R"({"external_id":")" + who + R"(","email":")" + address + "\"}";
  REQUIRE(api.emit(event_body("joined", both)).status == 200);
  REQUIRE(api.get("/v1/contacts/" + absorbed).has("/merged_into"));
  // By what the absorbed one was called.
  const auto begun = erase(api, absorbed);
  INFO(begun.body);
  REQUIRE(begun.status == 202);
  CHECK(begun.number("/turns/total") >= 5);
  const auto done = finished(api, begun.text("/id"));
  CHECK(done.number("/turns/erased") == done.number("/turns/total"));
  CHECK(api.get("/v1/contacts/" + absorbed).status == 404);
  CHECK(api.get("/v1/contacts/external_id:" + who).status == 404);
  const auto listed = api.get("/v1/events?limit=100");
  CHECK(listed.body.find(who) == std::string::npos);
}

TEST_CASE("X10 deliveries that were not made are not made any more",
          "[system][erasure]") {
  // Nobody answers there until the contact is gone.
  std::atomic<bool> open{false};
  webhook_sink sink{[&](std::size_t) {
    return open ? 200 : 503;
  }};
  troupe_server server{{"--allow-private-webhooks"}};
  auto api = server.client();
  const auto hook = subscribe(api, sink.url(), "told");
  REQUIRE(api.emit(event_body("told", by_external_id("gone"))).status == 200);
  REQUIRE_FALSE(sink.wait_for(1, std::chrono::seconds{20}).empty());
  const auto begun = erase(api, "external_id:gone");
  REQUIRE(begun.status == 202);
  finished(api, begun.text("/id"));
  const auto list = [&] {
    return api.get("/v1/webhooks/" + hook.text("/id") + "/deliveries");
  };
  const auto shown = list();
  INFO(shown.body);
  CHECK(shown.text("/data/0/status") == "dead");
  const auto id = shown.text("/data/0/id");
  const auto one = api.get("/v1/deliveries/" + id);
  INFO(one.body);
  CHECK(one.body.find("contact_erased") != std::string::npos);
  CHECK(api.post("/v1/deliveries/" + id + "/replay", "{}").status == 410);
  open = true;
  const auto calls = sink.wait_for(0, std::chrono::seconds{0}).size();
  api.emit(event_body("told", by_external_id("stays")));
  const auto later = sink.wait_for(calls + 1, std::chrono::seconds{20});
  REQUIRE(later.size() == calls + 1);
  CHECK(later.back().body.find("gone") == std::string::npos);
}

TEST_CASE("X10 an erasure that was ended in the middle goes on",
          "[system][erasure]") {
  troupe_server server;
  auto api = server.client();
  constexpr int turns = 3000;
  auto was_interrupted = false;
  std::vector<std::string> begun_ones;
  // A fast machine may be done before it is killed: then once more.
  for (int tries = 0; tries < 5 && !was_interrupted; ++tries) {
    const auto who = "longLife" + std::to_string(tries);
    for (int first = 0; first < turns; first += 1000) {
      std::string lines;
      for (int i = first; i < first + 1000; ++i)
        lines += R"({"type":"imported","contact":{"external_id":")" + who
                 + R"("},"occurred_at":"2025-01-01T00:00:00Z",)"
                   R"("metadata":{"n":"canaryLong )"
                 + std::to_string(i) + "\"}}\n";
      const auto imported
        = api.send("POST", "/v1/events/import", lines,
                   {{"Content-Type", "application/x-ndjson"}});
      INFO(imported.body);
      REQUIRE(imported.status == 200);
    }
    REQUIRE(server.stored().find("canaryLong") != std::string::npos);
    const auto begun = erase(api, "external_id:" + who);
    INFO(begun.body);
    REQUIRE(begun.status == 202);
    REQUIRE(begun.number("/turns/total") >= turns);
    server.kill();
    server.start();
    api = server.client();
    const auto now = api.get("/v1/erasures/" + begun.text("/id"));
    was_interrupted = now.number("/turns/erased") < now.number("/turns/total");
    CHECK(api.get("/v1/contacts/external_id:" + who).status == 404);
    begun_ones.push_back(begun.text("/id"));
  }
  REQUIRE(was_interrupted);
  for (const auto& id : begun_ones) {
    const auto done = finished(api, id);
    CHECK(done.number("/turns/erased") == done.number("/turns/total"));
  }
  CHECK(server.stop() == 0);
  CHECK(server.stored().find("canaryLong") == std::string::npos);
  CHECK(server.stored().find("longLife") == std::string::npos);
}

TEST_CASE("X10 only a key of the workspace that may manage it erases",
          "[system][erasure]") {
  auto api = shared_server().client();
  const auto who = fresh("guarded_");
  const auto id
    = api.emit(event_body("a.b", by_external_id(who))).text("/contact/id");
  const auto reading = api.post(
    "/v1/keys", R"({"name":"r","scopes":["events:read","events:write"]})");
  api_client reader{shared_server().port(), reading.text("/key")};
  CHECK(erase(reader, id).status == 403);
  CHECK(reader.get("/v1/contacts/" + id + "/export").status == 403);
  CHECK(reader.get("/v1/erasures").status == 403);
  const auto other = api.post("/v1/workspaces", R"({"name":"stranger"})");
  api_client stranger{shared_server().port(), other.text("/key")};
  CHECK(erase(stranger, id).status == 404);
  CHECK(erase(stranger, "external_id:" + who).status == 404);
  CHECK(stranger.get("/v1/contacts/" + id + "/export").status == 404);
  CHECK(api.send("DELETE", "/v1/contacts/" + id, "", {}).status == 422);
  CHECK(api.send("DELETE", "/v1/contacts/" + id + "?mode=soft", "", {}).status
        == 422);
  CHECK(api.get("/v1/contacts/" + id).status == 200);
  const auto begun = erase(api, id);
  REQUIRE(begun.status == 202);
  CHECK(stranger.get("/v1/erasures/" + begun.text("/id")).status == 404);
  CHECK(stranger.get("/v1/erasures").at("/data").as_array().empty());
}
