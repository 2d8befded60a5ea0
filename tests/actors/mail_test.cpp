// What becomes of mail over time, with a server that only pretends.
#include "engine/retry_schedule.hpp"
#include "tests/support/actor_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe;
using tests::actor_world;
using kind = messages::definition_change::kind;

namespace {

class mail_world : public actor_world {
public:
  mail_world() {
    REQUIRE(!define(kind::channel,
                    R"({"key":"email","type":"smtp","host":"mail.example.org",
                        "from":"News <news@example.org>"})")
               .failure);
    REQUIRE(!define(kind::sequence,
                    R"({"key":"s","status":"active","entry":"mail",
                        "trigger":{"any":[{"event":"go"}]},"nodes":{
                        "mail":{"type":"send","channel":"email","text":"Hi",
                                "then":"end"},
                        "end":{"type":"exit"}}})")
               .failure);
  }

  void start(const std::string& address) {
    auto command = event("go", "usr_1");
    if (!address.empty())
      command.event.identities.push_back(
        *engine::make_identity(engine::identity_kind::email, address));
    send(std::move(command));
    time.run();
  }

  void answer(std::size_t call, long status, const std::string& error = {}) {
    messages::call_outcome outcome;
    outcome.status = status;
    outcome.error = error;
    calls.at(call).done(outcome);
    time.run();
  }

  void wait(std::chrono::hours longest, std::size_t until_calls) {
    for (auto waited = std::chrono::hours{0};
         waited < longest && calls.size() < until_calls;
         waited += std::chrono::hours{1})
      time.advance(std::chrono::hours{1});
  }

  /// The contact's events but the one that started it all.
  std::vector<engine::event_record> told() {
    time.advance(std::chrono::seconds{2});
    std::vector<engine::event_record> out;
    for (const auto& turn : events())
      if (turn.event->type.starts_with("$"))
        out.push_back(*turn.event);
    return out;
  }
};

} // namespace

TEST_CASE("B46 what no server takes until the schedule is over is a soft "
          "bounce, told once",
          "[actors][mail]") {
  mail_world world;
  world.start("ada@example.com");
  for (std::size_t n = 1; n <= engine::retry_schedule.size(); ++n) {
    REQUIRE(world.calls.size() == n);
    REQUIRE(world.calls[n - 1].call.mail);
    CHECK(world.calls[n - 1].call.mail->to == "ada@example.com");
    CHECK(world.calls[n - 1].call.mail->message_id
          == world.calls[0].call.mail->message_id);
    CHECK(world.told().empty());
    world.answer(n - 1, 451, "mail_refused");
    world.wait(std::chrono::hours{40}, n + 1);
  }
  CHECK(world.calls.size() == engine::retry_schedule.size());
  const auto told = world.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0].type == "$email_bounced");
  CHECK_THAT(told[0].body, Catch::Contains(R"("bounce_type":"soft")")
                             && Catch::Contains(R"("status_code":451)"));
}

TEST_CASE("B43 mail whose outcome could not be stored goes out again as the "
          "same message, and is told once",
          "[actors][mail]") {
  mail_world world;
  world.start("ada@example.com");
  REQUIRE(world.calls.size() == 1);
  auto failing = true;
  world.store->fails = [&failing](auto) {
    return failing;
  };
  world.answer(0, 250);
  failing = false;
  world.wait(std::chrono::hours{3}, 2);
  REQUIRE(world.calls.size() == 2);
  CHECK(world.calls[1].call.mail->message_id
        == world.calls[0].call.mail->message_id);
  CHECK(world.told().empty());
  world.answer(1, 250);
  const auto told = world.told();
  REQUIRE(told.size() == 1);
  CHECK(told[0].type == "$email_sent");
  CHECK_THAT(told[0].body, Catch::Contains(R"("campaign_id":"s")"));
}

TEST_CASE("a contact without an address is sent nothing and told nothing",
          "[actors][mail]") {
  mail_world world;
  world.start("");
  world.wait(std::chrono::hours{40}, 1);
  CHECK(world.calls.empty());
  CHECK(world.told().empty());
}
