// Sessions that Troupe makes of a browser's events.
#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class sessions : protected with_server {
protected:
  api_answer set(const std::string& policy) {
    return own.api.send("PATCH", "/v1/workspaces/" + own.id(),
                        R"({"sessions":)" + policy + "}",
                        {{"Content-Type", "application/json"}});
  }

  api_answer see(const std::string& type, const std::string& metadata = "{}") {
    return own.api.emit(
      event_body(type, R"({"anonymous_id":")" + visitor + "\"}", metadata));
  }

  api_answer page_view() {
    return see("$page_view",
               R"({"url":"/","title":"","referrer":"","path":"/"})");
  }

  api_answer found(const std::string& type) {
    return own.api.get("/v1/events?type=" + type);
  }

  tenant own{api};
  std::string visitor = fresh("anon-");
};

} // namespace

TEST_CASE_METHOD(sessions,
                 "B31 B32 B77 a browser's events are a session, which ends "
                 "when none came for a while",
                 "[system][sessions]") {
  REQUIRE(set(R"({"gap":"2s"})").status == 200);
  REQUIRE(page_view().status == 200);
  REQUIRE(see("button.pressed").status == 200);
  REQUIRE(page_view().status == 200);
  REQUIRE(eventually([&] {
    return !found("$session_end").at("/data").as_array().empty();
  }));
  const auto begun = found("$session_start");
  const auto ended = found("$session_end");
  REQUIRE(begun.at("/data").as_array().size() == 1);
  REQUIRE(ended.at("/data").as_array().size() == 1);
  CHECK(begun.text("/data/0/origin") == "system");
  CHECK(begun.text("/data/0/door") == "platform");
  CHECK(begun.number("/data/0/metadata/duration") == 0);
  CHECK(ended.text("/data/0/metadata/session_id")
        == begun.text("/data/0/metadata/session_id"));
  CHECK(ended.number("/data/0/metadata/duration")
        >= begun.number("/data/0/metadata/duration"));
  CHECK(ended.number("/data/0/metadata/pages") == 2);
  const auto timeline
    = own.api.get("/v1/contacts/anonymous_id:" + visitor + "/timeline");
  REQUIRE(timeline.status == 200);
  for (const auto* change :
       {"\"session_opened\":", "\"session_kept\":", "\"session_closed\":"})
    CHECK(timeline.body.find(change) != timeline.body.npos);
}

TEST_CASE_METHOD(sessions,
                 "G6 what Troupe makes of events is not among those that "
                 "clients sent, unless it is asked for",
                 "[system][sessions]") {
  REQUIRE(page_view().status == 200);
  REQUIRE(eventually([&] {
    return found("$session_start").at("/data").as_array().size() == 1;
  }));
  const auto all = own.api.get("/v1/events");
  REQUIRE(all.at("/data").as_array().size() == 1);
  CHECK(all.text("/data/0/type") == "$page_view");
}

TEST_CASE_METHOD(sessions,
                 "B75 a client's own session is the contact's, and Troupe "
                 "makes none beside it",
                 "[system][sessions]") {
  REQUIRE(see("$session_start", R"({"session_id":"mine","duration":0})").status
          == 200);
  REQUIRE(page_view().status == 200);
  REQUIRE(see("$session_end", R"({"session_id":"mine","duration":9,"pages":1})")
            .status
          == 200);
  const auto is_mine = [&](const std::string& type) {
    const auto all = found(type);
    return all.at("/data").as_array().size() == 1
           && all.text("/data/0/origin") == "client";
  };
  CHECK(is_mine("$session_start"));
  CHECK(is_mine("$session_end"));
}

TEST_CASE_METHOD(sessions,
                 "the rule for sessions is shown, changed and checked with the "
                 "workspace",
                 "[system][sessions]") {
  const auto before = own.api.get("/v1/workspaces/" + own.id());
  CHECK(before.text("/sessions/of") == "browser");
  CHECK(before.text("/sessions/gap") == "30m");
  REQUIRE(set(R"({"of":"off"})").status == 200);
  CHECK(own.api.get("/v1/workspaces/" + own.id()).text("/sessions/of")
        == "off");
  for (const auto& [wrong, pointer] :
       {std::pair{R"({"of":"some"})", "/sessions/of"},
        std::pair{R"({"gap":"0s"})", "/sessions/gap"},
        std::pair{R"({"gap":"2d"})", "/sessions/gap"},
        std::pair{R"({"gap":5})", "/sessions/gap"},
        std::pair{R"({"every":"1h"})", "/sessions"},
        std::pair{"[]", "/sessions"}}) {
    const auto refused = set(wrong);
    INFO(refused.body);
    CHECK(refused.status == 422);
    CHECK(refused.text("/errors/0/pointer") == pointer);
  }
}
