// Ready automations: what a workspace that switched them on gets, and what
// they leave to it.
#include "engine/json_text.hpp"
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::test;

namespace {

class automations : protected with_server {
protected:
  api_answer switched(const std::string& key, const std::string& way,
                      const std::string& settings = "{}") {
    auto answer = own.api.post("/v1/automations/" + key + "/" + way,
                               R"({"settings":)" + settings + "}");
    INFO(answer.body);
    return answer;
  }

  void enable(const std::string& key,
              const std::string& settings = R"({"channel":"capture"})") {
    const auto answer = switched(key, "enable", settings);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    REQUIRE(answer.at("/enabled").as_bool());
  }

  void happens(const std::string& who, const std::string& event,
               const std::string& properties) {
    const auto sent = own.api.post(
      "/v1/system-events", R"({"event":")" + event + R"(","user_id":")" + who
                             + R"(","properties":)" + properties + "}");
    INFO(sent.body);
    REQUIRE(sent.status == 202);
  }

  /// To the survey that is named, with more members of the answer.
  void responds(const std::string& who, int score,
                const std::string& more = R"("survey_id":"nps_q2")") {
    happens(who, "$survey_responded",
            R"({"score":)" + std::to_string(score) + R"(,"answers":[],)" + more
              + "}");
  }

  /// The deliveries of the contact's sends from the node, as they are shown.
  std::vector<api_answer> sends(const std::string& who,
                                const std::string& node) {
    std::vector<api_answer> found;
    const auto timeline = contact_of(own.api, who, "/timeline");
    for (const auto& turn : timeline.at("/data").as_array())
      for (const auto& each : turn.at("deliveries").as_array())
        if (const auto* at = each.as_object().if_contains("node");
            at != nullptr && at->as_string() == node)
          found.push_back(own.api.get(
            "/v1/deliveries/" + std::string{each.at("id").as_string()}));
    return found;
  }

  bool is_delivered(const std::string& who, const std::string& node) {
    return eventually([&] {
      const auto all = sends(who, node);
      return !all.empty() && all.front().text("/status") == "delivered";
    });
  }

  /// What was said to the contact; the newest first.
  std::string said(const std::string& who, const std::string& node) {
    REQUIRE(is_delivered(who, node));
    return sends(who, node).front().body;
  }

  tenant own{api};
  std::string user = fresh("usr_");
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

} // namespace

TEST_CASE_METHOD(automations,
                 "B57 a promoter's answer to an NPS survey brings the referral "
                 "invitation, any other answer none",
                 "[system][automations]") {
  responds(user, 10); // nobody has switched it on
  enable("promoter_referral");
  responds(user, 8);
  responds(user, 0);
  CHECK(sends(user, "invite").empty());
  responds(user, 9);
  CHECK(has(said(user, "invite"), "Would you tell a friend?"));
  responds(user, 10);
  CHECK(sends(user, "invite").size() == 2);
  responds(user, 11);
  CHECK(sends(user, "invite").size() == 2);
}

TEST_CASE_METHOD(automations, "B57 a promoter is invited once per response",
                 "[system][automations]") {
  enable("promoter_referral");
  responds(user, 9, R"("survey_id":"nps_q2","response_id":"r1")");
  // It was corrected.
  responds(user, 10, R"("survey_id":"nps_q2","response_id":"r1")");
  CHECK(sends(user, "invite").size() == 1);
  responds(user, 9, R"("survey_id":"nps_q2","response_id":"r2")");
  CHECK(sends(user, "invite").size() == 2);
  for (int i = 0; i < 2; ++i) {
    const auto sent
      = own.api.post("/v1/system-events",
                     R"({"event":"$survey_responded","user_id":")" + user
                       + R"(","message_id":"m1","properties":)"
                       + R"({"survey_id":"nps_q2","score":9,"answers":[]}})");
    REQUIRE(sent.status == 202);
  }
  CHECK(sends(user, "invite").size() == 3);
}

TEST_CASE_METHOD(automations,
                 "B78 a survey of another kind invites nobody, however its "
                 "kind is known",
                 "[system][automations]") {
  enable("promoter_referral");
  responds(user, 9, R"("survey_id":"nps_q2","type":"csat")");
  responds(user, 9, R"("survey_type":"CSAT","survey_id":"s1")");
  responds(user, 9, R"("survey_id":"csat_q2")");
  happens(user, "$survey_shown", R"({"survey_id":"s2","type":"csat"})");
  responds(user, 9, R"("survey_id":"s2")");
  CHECK(sends(user, "invite").empty());
  const auto runs = contact_of(own.api, user, "/runs");
  REQUIRE(runs.at("/data").as_array().size() == 1);
  CHECK(runs.text("/data/0/status") == "completed");
  CHECK(runs.text("/data/0/node") == "no_promoter");
  happens(user, "$survey_shown", R"({"survey_id":"s3","type":"nps"})");
  responds(user, 9, R"("survey_id":"s3")");
  CHECK(sends(user, "invite").size() == 1);
}

TEST_CASE_METHOD(automations,
                 "B57 B78 the workspace says what an answer does whose survey "
                 "is of no known kind",
                 "[system][automations]") {
  enable("promoter_referral");
  responds(user, 9, R"("survey_id":"s1")");
  CHECK(is_delivered(user, "invite"));
  enable("promoter_referral",
         R"({"unmarked_surveys":"ignore","surveys":["s2"]})");
  const auto other = fresh("usr_");
  responds(other, 9, R"("survey_id":"s1")");
  CHECK(eventually([&] {
    return contact_of(own.api, other, "/runs").text("/data/0/status")
           == "completed";
  }));
  CHECK(sends(other, "invite").empty());
  responds(other, 9, R"("survey_id":"s2","type":"csat")");
  CHECK(sends(other, "invite").size() == 1);
}

TEST_CASE_METHOD(automations,
                 "B58 a conversion raises the score of the referrer, another "
                 "contact, and rewards them, once per referred person",
                 "[system][automations]") {
  enable("referral_reward", R"({"channel":"capture","points":70})");
  const auto referrer = fresh("usr_");
  REQUIRE(own.api
            .post("/v1/contacts", R"({"external_id":")" + referrer
                                    + R"(","email":"ada@example.com"})")
            .status
          == 201);
  const auto conversion = R"({"referrer_id":")" + referrer
                          + R"(","referred_id":")" + user
                          + R"(","reward":"20 EUR"})";
  happens(user, "$referral_converted", conversion);
  REQUIRE(eventually([&] {
    return contact_of(own.api, referrer).number("/score") == 70;
  }));
  const auto reward = said(referrer, "reward");
  CHECK(has(reward, "20 EUR"));
  CHECK(has(reward, "ada@example.com"));
  CHECK(contact_of(own.api, user).number("/score") == 0);
  CHECK(sends(user, "reward").empty());
  happens(user, "$referral_converted", conversion);
  const auto another = R"({"referrer_id":")" + referrer
                       + R"(","referred_id":"u2","reward":"1 EUR"})";
  happens(user, "$referral_converted", another);
  REQUIRE(eventually([&] {
    return has(sends(referrer, "reward").front().body, "1 EUR");
  }));
  CHECK(contact_of(own.api, referrer).number("/score") == 140);
  CHECK(sends(referrer, "reward").size() == 2);
  const auto forged = own.api.post(
    "/v1/system-events",
    R"({"event":"$referral_rewarded","user_id":"u","properties":{}})");
  CHECK(forged.code() == "reserved_event_name");
}

TEST_CASE_METHOD(automations,
                 "B59 who joins a waitlist becomes a contact, is in the "
                 "segment and is welcomed, until an entry is approved",
                 "[system][automations]") {
  enable("waitlist_welcome");
  happens(user, "$waitlist_joined", R"({"waitlist_id":"beta","position":7})");
  const auto contact = contact_of(own.api, user);
  REQUIRE(contact.status == 200);
  CHECK(engine::to_json(contact.at("/segments")) == R"(["waitlist"])");
  CHECK(
    own.api.get("/v1/segments/waitlist/contacts").at("/data").as_array().size()
    == 1);
  CHECK(has(said(user, "welcome"), "at place 7"));
  const auto waiting = contact_of(own.api, user, "/runs");
  CHECK(waiting.text("/data/0/sequence") == "automation.waitlist_welcome");
  CHECK(waiting.text("/data/0/node") == "still_waiting");
  happens(user, "$waitlist_joined", R"({"waitlist_id":"beta","position":7})");
  CHECK(sends(user, "welcome").size() == 1);
  happens(user, "$waitlist_approved",
          R"({"waitlist_id":"beta","entry_id":"e1"})");
  CHECK(contact_of(own.api, user).at("/segments").as_array().empty());
  CHECK(contact_of(own.api, user, "/runs").text("/data/0/status") == "exited");
}

TEST_CASE_METHOD(automations, "B59 the second e-mail goes to who still waits",
                 "[system][automations]") {
  enable("waitlist_welcome", R"({"channel":"capture","follow_up_after":"1s"})");
  happens(user, "$waitlist_joined", R"({"waitlist_id":"beta","position":1})");
  CHECK(has(said(user, "follow_up"), "Still on the list"));
}

TEST_CASE_METHOD(automations,
                 "B60 following a link of an e-mail raises the score, and puts "
                 "a nudge into the inbox where that is wanted",
                 "[system][automations]") {
  const std::string click = R"({"campaign_id":"news","url":"https://a.test/"})";
  enable("email_engagement", R"({"points":3})");
  happens(user, "$email_clicked", click);
  happens(user, "$email_clicked", click);
  CHECK(contact_of(own.api, user).number("/score") == 6);
  CHECK(contact_of(own.api, user, "/nudges").at("/data").as_array().empty());
  const auto refused
    = switched("email_engagement", "enable", R"({"nudge":true})");
  CHECK(refused.status == 422);
  CHECK(refused.code() == "unknown_channel");
  CHECK(refused.text("/errors/0/pointer") == "/settings/nudge_channel");
  REQUIRE(
    own.api.post("/v1/channels", R"({"key":"nudge","type":"nudge"})").status
    == 201);
  enable("email_engagement", R"({"nudge":true})");
  happens(user, "$email_clicked", click);
  CHECK(contact_of(own.api, user).number("/score") == 9);
  const auto inbox = contact_of(own.api, user, "/nudges");
  REQUIRE(inbox.at("/data").as_array().size() == 1);
  CHECK(inbox.text("/data/0/url") == "https://a.test/");
  CHECK(inbox.text("/data/0/sequence") == "automation.email_engagement");
}

TEST_CASE_METHOD(automations,
                 "B61 what is switched on are sequences, templates and "
                 "segments of the workspace",
                 "[system][automations]") {
  const auto before = own.api.get("/v1/automations");
  REQUIRE(before.at("/data").as_array().size() == 4);
  for (const auto& each : before.at("/data").as_array())
    CHECK_FALSE(each.at("enabled").as_bool());
  CHECK(own.api.get("/v1/sequences").at("/data").as_array().empty());
  enable("waitlist_welcome");
  const auto sequence
    = own.api.get("/v1/sequences/automation.waitlist_welcome");
  CHECK(sequence.text("/status") == "active");
  CHECK(sequence.number("/version") == 1);
  CHECK(own.api.get("/v1/segments/waitlist").status == 200);
  REQUIRE(own.api
            .post("/v1/templates", R"({"key":"waitlist_welcome",)"
                                   R"("channel":"capture","text":"Our own"})")
            .status
          == 201);
  happens(user, "$waitlist_joined", R"({"waitlist_id":"w","position":1})");
  CHECK(has(said(user, "welcome"), "Our own"));
  const auto why = contact_of(own.api, user,
                              "/sequences/automation.waitlist_welcome/explain");
  CHECK(why.status == 200);
  enable("waitlist_welcome", R"({"follow_up":false})");
  CHECK(
    own.api.get("/v1/sequences/automation.waitlist_welcome").number("/version")
    == 2);
  CHECK(own.api.get("/v1/templates/waitlist_welcome").number("/version") == 2);
  const auto taken = own.api.post(
    "/v1/sequences", R"({"key":"automation.mine","name":"x","trigger":)"
                     R"({"any":[{"event":"a"}]},"entry":"e",)"
                     R"("nodes":{"e":{"type":"exit"}}})");
  CHECK(taken.status == 422);
  CHECK(taken.text("/errors/0/pointer") == "/key");
}

TEST_CASE_METHOD(automations,
                 "B61 switching on again changes nothing, off begins nothing "
                 "and lets runs go on",
                 "[system][automations]") {
  enable("waitlist_welcome");
  enable("waitlist_welcome");
  const auto shown = own.api.get("/v1/sequences/automation.waitlist_welcome");
  CHECK(shown.number("/version") == 1);
  enable("waitlist_welcome", R"({"follow_up_after":"1s"})");
  happens(user, "$waitlist_joined", R"({"waitlist_id":"w","position":1})");
  const auto off = switched("waitlist_welcome", "disable");
  CHECK(off.status == 200);
  CHECK_FALSE(off.at("/enabled").as_bool());
  CHECK(off.text("/settings/follow_up_after/value") == "1s");
  CHECK(switched("waitlist_welcome", "disable").status == 200);
  const auto late = fresh("usr_");
  happens(late, "$waitlist_joined", R"({"waitlist_id":"w","position":2})");
  CHECK(contact_of(own.api, late, "/runs").at("/data").as_array().empty());
  CHECK(is_delivered(user, "follow_up"));
  enable("waitlist_welcome", "{}");
  CHECK(own.api.get("/v1/automations/waitlist_welcome")
          .text("/settings/follow_up_after/value")
        == "1s");
  happens(late, "$waitlist_joined", R"({"waitlist_id":"w","position":2})");
  CHECK(is_delivered(late, "welcome"));
}

TEST_CASE_METHOD(automations,
                 "B61 a channel that is not there, and settings that are none, "
                 "are refused with what to do",
                 "[system][automations]") {
  const auto missing = own.api.get("/v1/automations/promoter_referral");
  CHECK(missing.text("/missing/0/channel") == "email");
  CHECK(missing.text("/missing/0/type") == "smtp");
  const auto refused
    = own.api.post("/v1/automations/promoter_referral/enable", "");
  CHECK(refused.status == 422);
  CHECK(refused.code() == "unknown_channel");
  CHECK(refused.text("/errors/0/pointer") == "/settings/channel");
  CHECK(has(refused.text("/detail"), "POST /v1/channels"));
  CHECK(own.api.get("/v1/sequences").at("/data").as_array().empty());
  const auto wrong = [&](const std::string& settings) {
    auto answer = switched("promoter_referral", "enable", settings);
    CHECK(answer.status == 422);
    return answer.code() + answer.text("/errors/0/pointer");
  };
  CHECK(wrong(R"({"chanel":"capture"})") == "field_unknown/settings/chanel");
  CHECK(wrong(R"({"lowest_score":11})")
        == "field_invalid/settings/lowest_score");
  CHECK(wrong(R"({"unmarked_surveys":"x"})")
        == "field_invalid/settings/unmarked_surveys");
  CHECK(wrong(R"({"surveys":[""]})") == "field_invalid/settings/surveys");
  CHECK(wrong("7") == "field_type_mismatch/settings");
  const auto unknown = switched("none", "enable");
  CHECK(unknown.status == 404);
  CHECK(unknown.code() == "automation_not_found");
  REQUIRE(
    own.api
      .post("/v1/templates", R"({"key":"gone","channel":"capture","text":"x"})")
      .status
    == 201);
  REQUIRE(own.api.post("/v1/templates/gone/archive", "").status == 200);
  CHECK(switched("promoter_referral", "enable",
                 R"({"channel":"capture","template":"gone"})")
          .code()
        == "template_archived");
  tenant another{api};
  enable("promoter_referral");
  CHECK_FALSE(another.api.get("/v1/automations/promoter_referral")
                .at("/enabled")
                .as_bool());
}

TEST_CASE_METHOD(automations,
                 "B61 settings are kept that nothing uses yet, and what is "
                 "paused can be switched off",
                 "[system][automations]") {
  enable("email_engagement", "{}");
  enable("email_engagement", R"({"nudge_expires_in":"2d"})");
  const auto shown = own.api.get("/v1/automations/email_engagement");
  INFO(shown.body);
  CHECK(has(shown.body, R"("value":"2d")"));
  enable("waitlist_welcome", R"({"channel":"capture","follow_up_after":"1s"})");
  happens(user, "$waitlist_joined", R"({"waitlist_id":"beta","position":1})");
  REQUIRE(
    own.api.post("/v1/sequences/automation.waitlist_welcome/pause", "{}").status
    == 200);
  REQUIRE(switched("waitlist_welcome", "disable").status == 200);
  CHECK(own.api.get("/v1/sequences/automation.waitlist_welcome").text("/status")
        == "archived");
}
