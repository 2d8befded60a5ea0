// Random events over small pools of identities, with repeats and kills, against
// a sequential model. TROUPE_IDENTITY_OPERATIONS sets how many,
// TROUPE_TEST_SEED which.
#include "tests/support/random_values.hpp"
#include "tests/system/fixture.hpp"
#include "tests/system/identity_model.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <iostream>
#include <set>
#include <thread>

using namespace troupe::test;

namespace {

namespace json = boost::json;

std::size_t operations() {
  const auto* given = std::getenv("TROUPE_IDENTITY_OPERATIONS");
  return given == nullptr ? 300 : std::strtoull(given, nullptr, 10);
}

struct sent_event {
  std::string body;
  std::string key;
  std::string answer;
};

class random_identities {
public:
  explicit random_identities(std::uint64_t seed) : from_{seed} {}

  void run(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      CAPTURE(i);
      if (i % 50 == 0)
        ++epoch_;
      const auto what = from_.below(100);
      if (what < 8 && !keyed_.empty())
        repeat();
      else if (what < 14 && !keyed_.empty())
        mismatch();
      else if (what < 20 && !ids_.empty())
        by_id();
      else
        emit(what < 23);
      if (i % 100 == 99)
        check_all();
    }
    server_.kill();
    restart();
    check_all();
  }

  std::size_t restarts = 0;
  identity_model model;

private:
  std::string pick(const char* prefix, std::uint64_t size) {
    return prefix + std::to_string(epoch_) + "x"
           + std::to_string(from_.below(size));
  }

  // The same few addresses, each written in some way.
  std::string address() {
    const auto number = from_.below(8);
    auto local
      = "Ann" + std::to_string(epoch_) + "bob" + std::to_string(number);
    if (number % 2 == 0)
      return local + (from_.chance(50) ? "@Example.com" : "@example.COM");
    if (from_.chance(40))
      local.insert(2, ".");
    if (from_.chance(40))
      local = "a" + local.substr(1);
    return local + (from_.chance(50) ? "@gmail.com" : "@GoogleMail.com");
  }

  std::vector<given_identity> someone() {
    for (;;) {
      std::vector<given_identity> given;
      if (from_.chance(30))
        given.push_back({"external_id", pick("usr_", 6)});
      if (from_.chance(50))
        given.push_back({"email", address()});
      if (from_.chance(30))
        given.push_back(
          {"phone",
           "+4420" + std::to_string(100'000 + epoch_ * 10 + from_.below(5))});
      if (from_.chance(45))
        given.push_back({"anonymous_id", pick("anon_", 8)});
      if (!given.empty())
        return given;
    }
  }

  static std::string body_of(const std::string& type,
                             const std::vector<given_identity>& given,
                             const std::string& id) {
    json::object contact;
    for (const auto& each : given)
      contact[each.kind] = each.value;
    if (!id.empty())
      contact["id"] = id;
    return event_body(type, json::serialize(contact));
  }

  void restart() {
    ++restarts;
    server_.start();
    api_ = server_.client();
  }

  // Kills the server while the request is under way, and asks again. What was
  // committed is found by the key.
  api_answer emit_and_kill(const std::string& body, const std::string& key) {
    const auto delay = std::chrono::microseconds{from_.below(1500)};
    std::thread client{[&] {
      server_.client().emit(body, key);
    }};
    const auto until = std::chrono::steady_clock::now() + delay;
    while (std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    server_.kill();
    client.join();
    restart();
    return api_.emit(body, key);
  }

  void emit(bool kills) {
    const auto given = someone();
    std::optional<std::size_t> named;
    std::string id;
    if (from_.chance(10)) {
      named = 0;
      id = "con_00000000000000000000000000";
      if (!ids_.empty() && from_.chance(80)) {
        named = 1 + from_.below(ids_.size());
        id = ids_.at(*named);
      }
    }
    const auto body = body_of("thing.done", given, id);
    std::string key;
    if (kills || from_.chance(40))
      key = "key-" + std::to_string(++last_key_);
    INFO(body);
    const auto got = kills ? emit_and_kill(body, key) : api_.emit(body, key);
    INFO(got.body);
    REQUIRE(got.status == 200);
    const auto expected = model.see(given, named);
    check(got, expected);
    model.at(expected.contact).events.push_back(got.text("/id"));
    if (!key.empty())
      keyed_.push_back({body, key, got.body});
  }

  void check(const api_answer& got, const model_answer& expected) {
    if (expected.is_new)
      ids_[expected.contact] = got.text("/contact/id");
    CHECK(got.text("/contact/id") == ids_.at(expected.contact));
    const auto& contact = model.at(expected.contact);
    for (const auto* kind : {"external_id", "email"}) {
      const auto* shown = contact.shown(kind);
      CHECK(got.text(std::string{"/contact/"} + kind)
            == (shown == nullptr ? "" : shown->value));
    }
    model_warnings warnings;
    if (got.has("/warnings"))
      for (const auto& each : got.at("/warnings").as_array()) {
        const std::string code{each.at("code").as_string()};
        const std::string kind{each.at("identity").as_string()};
        CHECK((code == "email_owned_by_other_contact") == (kind == "email"));
        warnings.emplace_back("identity_conflict", kind);
      }
    REQUIRE(warnings == expected.warnings);
  }

  void repeat() {
    const auto& sent = from_.of(keyed_);
    const auto got = api_.emit(sent.body, sent.key);
    INFO(sent.body);
    CHECK(got.status == 200);
    CHECK(got.body == sent.answer);
    REQUIRE(got.header("idempotent-replay") == "true");
  }

  void mismatch() {
    const auto& sent = from_.of(keyed_);
    const auto body = body_of("thing.changed", someone(), {});
    const auto got = api_.emit(body, sent.key);
    INFO(body);
    REQUIRE(got.code() == "idempotency_key_mismatch");
  }

  void by_id() {
    const auto named = 1 + from_.below(ids_.size());
    const auto got = api_.emit(body_of("thing.done", {}, ids_.at(named)));
    INFO(got.body);
    REQUIRE(got.status == 200);
    const auto into = model.survivor(named);
    check(got, {into, false, {}});
    model.at(into).events.push_back(got.text("/id"));
  }

  void check_all() {
    for (const auto& [number, contact] : model.contacts()) {
      CAPTURE(number);
      check_contact(number, contact);
      check_events(number);
    }
    std::set<std::string> seen;
    for (const auto& [number, contact] : model.contacts())
      for (const auto& each : contact.identities)
        if (contact.merged_into == 0 && seen.insert(each.key()).second)
          REQUIRE(api_
                    .get("/v1/contacts/" + each.kind + ":"
                         + percent_encode(each.value))
                    .text("/id")
                  == ids_.at(number));
  }

  void check_contact(std::size_t number, const model_contact& contact) {
    const auto got = api_.get("/v1/contacts/" + ids_.at(number));
    INFO(got.body);
    REQUIRE(got.status == 200);
    CHECK(got.text("/id") == ids_.at(number));
    CHECK(got.text("/merged_into")
          == (contact.merged_into == 0 ? "" : ids_.at(contact.merged_into)));
    std::vector<std::pair<std::string, std::string>> held;
    for (const auto& each : got.at("/identities").as_array())
      held.emplace_back(each.at("kind").as_string(),
                        each.at("value").as_string());
    std::vector<std::pair<std::string, std::string>> expected;
    for (const auto& each : contact.identities)
      expected.emplace_back(each.kind, each.value);
    CHECK(held == expected);
    std::vector<std::string> absorbed;
    for (const auto& each : got.at("/absorbed").as_array())
      absorbed.emplace_back(each.as_string());
    std::vector<std::string> others;
    for (const auto each : contact.absorbed)
      others.push_back(ids_.at(each));
    REQUIRE(absorbed == others);
  }

  // Page by page; newest first.
  void check_events(std::size_t number) {
    std::vector<std::string> listed;
    const auto path = "/v1/events?contact[id]=" + ids_.at(number)
                      + "&limit=" + std::to_string(1 + from_.below(40));
    for (std::string cursor;;) {
      const auto page
        = api_.get(cursor.empty() ? path : path + "&cursor=" + cursor);
      REQUIRE(page.status == 200);
      for (const auto& each : page.at("/data").as_array())
        listed.emplace_back(each.at("id").as_string());
      if (!page.at("/has_more").as_bool())
        break;
      cursor = page.text("/next_cursor");
    }
    auto expected = model.at(model.survivor(number)).events;
    // Ids carry their time: they sort as the events came.
    std::sort(expected.rbegin(), expected.rend());
    REQUIRE(listed == expected);
  }

  dice from_;
  troupe_server server_;
  api_client api_ = server_.client();
  std::map<std::size_t, std::string> ids_; // by number in the model
  std::vector<sent_event> keyed_;
  std::size_t epoch_ = 0;
  std::size_t last_key_ = 0;
};

} // namespace

TEST_CASE("I5 G34 contacts are who the rules say, in random order, with "
          "repeats and kills",
          "[system][identity_random]") {
  const auto seed = test_seed();
  CAPTURE(seed);
  random_identities world{seed};
  std::cout << "random identities of seed " << seed << std::endl;
  world.run(operations());
  std::cout << world.model.contacts().size() << " contacts, "
            << world.model.merges() << " merges, " << world.restarts
            << " restarts\n";
  CHECK(world.model.merges() > operations() / 50);
}
