#include "engine/sessions.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

namespace {

const std::vector<identity> visitor{who(identity_kind::anonymous_id, "anon-1")};
const auto* page = R"({"url":"/","title":"","referrer":"","path":"/"})";

// "$session_start" and its like, in the order of the turn's messages.
std::string sent_by(const turn& of) {
  std::string out;
  for (const auto& each : of.messages)
    out += (out.empty() ? "" : " ") + each.type;
  return out;
}

boost::json::value said(const turn& of, std::size_t index = 0) {
  return json(of.messages.at(index).properties);
}

const timer& only_timer(const stepper& of) {
  REQUIRE(of.timers().size() == 1);
  return *of.timers().begin();
}

} // namespace

TEST_CASE("B31 the first event of a browser opens a session", "[session]") {
  stepper one;
  const auto& opened = one.see("a", "{}", visitor);
  CHECK(sent_by(opened) == "$session_start");
  CHECK(said(opened).at("duration") == 0);
  CHECK(said(opened).at("session_id").as_string()
        == one.state().session->id.c_str());
  CHECK(only_timer(one) == timer{noon + 30min, 0, session_timer});
  one.now = noon + 10min;
  CHECK(sent_by(one.see("b", "{}", visitor)) == "");
  CHECK(one.timers().size() == 1);
}

TEST_CASE("B31 events of a server leave sessions alone", "[session]") {
  stepper one;
  CHECK(sent_by(one.see("a", "{}", {external("u")})) == "");
  CHECK(one.timers().empty());
  one.see("b", "{}", visitor);
  one.now = noon + 20min;
  one.see("c", "{}", {external("u")});
  one.now = only_timer(one).due;
  CHECK(sent_by(one.fire(only_timer(one))) == "$session_end");
}

TEST_CASE("B31 the workspace says whose events make sessions", "[session]") {
  stepper all;
  all.with().set_sessions({session_rule::all, 1min});
  CHECK(sent_by(all.see("a")) == "$session_start");
  stepper off;
  off.with().set_sessions({session_rule::off, 1min});
  CHECK(sent_by(off.see("$page_view", page, visitor)) == "");
}

TEST_CASE("B32 B77 a session ends a gap after its last event, with its length "
          "until that and its pages",
          "[session]") {
  stepper one;
  one.see("$page_view", page, visitor);
  one.now = noon + 20min;
  one.see("$page_view", page, visitor);
  one.now = noon + 30min;
  const auto& awaited = one.fire(only_timer(one));
  CHECK(sent_by(awaited) == "");
  CHECK(only_timer(one).due == noon + 50min);
  one.now = noon + 50min;
  const auto& ended = one.fire(only_timer(one));
  CHECK(sent_by(ended) == "$session_end");
  CHECK(said(ended).at("duration") == 20 * 60);
  CHECK(said(ended).at("pages") == 2);
  CHECK(one.timers().empty());
  CHECK(one.state().session->id.empty());
}

TEST_CASE("B32 an event that comes late ends the session and opens another",
          "[session]") {
  stepper one;
  one.see("a", "{}", visitor);
  const auto first = one.state().session->id;
  one.now = noon + 30min;
  const auto& late = one.see("b", "{}", visitor);
  CHECK(sent_by(late) == "$session_end $session_start");
  CHECK(said(late).at("session_id").as_string() == first.c_str());
  CHECK(one.state().session->id != first);
  CHECK(only_timer(one).due == noon + 60min);
}

TEST_CASE("B75 a client's session goes by its own id", "[session]") {
  stepper one;
  one.see("a", "{}", visitor);
  const auto& begun
    = one.see("$session_start", R"({"session_id":"s1","duration":0})");
  CHECK(sent_by(begun) == "$session_end");
  CHECK(one.state().session->id == "s1");
  CHECK(one.timers().size() == 1);
  CHECK(
    sent_by(one.see("$session_start", R"({"session_id":"s1","duration":0})"))
    == "");
  CHECK(sent_by(one.see("$session_end",
                        R"({"session_id":"s1","duration":1,"pages":0})"))
        == "");
  CHECK(one.timers().empty());
}

TEST_CASE("a session goes on in the contact that its own becomes part of",
          "[session]") {
  stepper visitor_alone{contact_id{2}};
  visitor_alone.see("$page_view", page, visitor);
  stepper known;
  known.see("a", "{}", {external("u")});
  const auto& merged = known.step(merge_input{visitor_alone.state()});
  CHECK(sent_by(merged) == "");
  CHECK(known.state().session->id == visitor_alone.state().session->id);
  CHECK(only_timer(known) == *visitor_alone.timers().begin());
  stepper both;
  both.see("a", "{}", {who(identity_kind::anonymous_id, "anon-2")});
  const auto mine = both.state().session->id;
  CHECK(sent_by(both.step(merge_input{visitor_alone.state()}))
        == "$session_end");
  CHECK(both.state().session->id == mine);
  CHECK(both.timers().size() == 1);
}

TEST_CASE("B52 B77 a checklist is completed once, by the last of its steps",
          "[session]") {
  stepper one;
  one.with().add_checklist("setup", {"invite", "profile"});
  const auto step
    = [&](const std::string& id, const std::string& checklist = "setup") {
        return sent_by(one.see("$checklist_step_completed",
                               R"({"checklist_id":")" + checklist
                                 + R"(","step_id":")" + id + "\"}"));
      };
  CHECK(step("invite") == "");
  CHECK(step("invite") == "");
  CHECK(step("no such step") == "");
  CHECK(step("profile", "no such list") == "");
  CHECK(step("profile") == "$checklist_completed");
  CHECK(said(one.turns().back()).at("checklist_id") == "setup");
  CHECK(step("profile") == "");
}
