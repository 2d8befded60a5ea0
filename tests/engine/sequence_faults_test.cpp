// What is wrong with waits and with what holds for all of a sequence.
#include "tests/support/sequence_faults.hpp"

using namespace troupe::engine;
using namespace troupe::test;

TEST_CASE("a wait has one form and all that the form needs", "[sequence]") {
  check_refused(GENERATE(values<fault>({
    {"/nodes/rest/any", "", "wait_form", "/nodes/rest", "exactly one"},
    {"/nodes/rest/for", R"("1h")", "wait_form", "/nodes/rest", "exactly one"},
    {"/nodes/rest/all", R"([{"event": "x"}])", "wait_form", "/nodes/rest",
     "exactly one"},
    {"/nodes/rest", R"({"type": "wait", "for": "1 hour", "then": "done"})",
     "duration_invalid", "/nodes/rest/for", "2h"},
    {"/nodes/rest", R"({"type": "wait", "for": "-1h", "then": "done"})",
     "duration_invalid", "/nodes/rest/for", "2h"},
    {"/nodes/rest", R"({"type": "wait", "for": "1h"})", "field_required",
     "/nodes/rest/then", "then"},
    {"/nodes/rest",
     R"({"type": "wait", "for": "1h", "timeout": "2h", "on_timeout": "done",
         "then": "done"})",
     "unknown_member", "/nodes/rest/timeout", "timeout"},
    {"/nodes/rest/until", R"({"time": "09:00"})", "wait_form", "/nodes/rest",
     "exactly one"},
    {"/nodes/rest/timeout", R"("3 days")", "duration_invalid",
     "/nodes/rest/timeout", "3d"},
    {"/nodes/rest/timeout", "", "wait_form", "/nodes/rest/on_timeout",
     "timeout"},
    {"/nodes/rest/on_timeout", "", "field_required", "/nodes/rest/on_timeout",
     "on_timeout"},
    {"/nodes/rest/then", "", "field_required", "/nodes/rest/then", "then"},
    {"/nodes/rest/look_back", R"("ever")", "field_type_mismatch",
     "/nodes/rest/look_back", "entry"},
    {"/nodes/rest/any/0/count", "0", "field_type_mismatch",
     "/nodes/rest/any/0/count", "1,000"},
    {"/nodes/rest/any/0/count", "1001", "field_type_mismatch",
     "/nodes/rest/any/0/count", "1,000"},
    {"/nodes/rest/any/0/then", R"("don")", "unknown_node",
     "/nodes/rest/any/0/then", "did you mean `done`"},
    {"/nodes/rest/any/0/wehre", "true", "unknown_member",
     "/nodes/rest/any/0/wehre", "did you mean `where`"},
  })));
}

TEST_CASE("a fault of a calendar wait is named with its place", "[sequence]") {
  const auto row = GENERATE(values<std::tuple<const char*, fault>>(
    {{R"("09:00")", {"", "", "field_type_mismatch", "", "object"}},
     {"{}", {"", "", "wait_form", "", "weekdays"}},
     {R"({"timezone": "UTC"})", {"", "", "wait_form", "", "time"}},
     {R"({"time": "9:00"})", {"", "", "field_type_mismatch", "/time", "09:00"}},
     {R"({"time": 9})", {"", "", "field_type_mismatch", "/time", "09:00"}},
     {R"({"time": "24:00"})",
      {"", "", "field_type_mismatch", "/time", "09:00"}},
     {R"({"weekdays": "mon"})",
      {"", "", "field_type_mismatch", "/weekdays", "list"}},
     {R"({"weekdays": []})", {"", "", "field_required", "/weekdays", "one"}},
     {R"({"weekdays": ["mon", "monday"]})",
      {"", "", "field_type_mismatch", "/weekdays/1", "mon, tue"}},
     {R"({"date": "2026-02-30"})",
      {"", "", "field_type_mismatch", "/date", "2026-12-24"}},
     {R"({"date": 5})", {"", "", "field_type_mismatch", "/date", "var"}},
     {R"({"date": {"vra": "x"}})",
      {"", "", "condition_unknown_operator", "/date/vra", "var"}},
     {R"({"time": "09:00", "timezone": "Europe/Londn"})",
      {"", "", "unknown_timezone", "/timezone", "mean `Europe/London`"}},
     {R"({"time": "09:00", "timezone": "Mars"})",
      {"", "", "unknown_timezone", "/timezone", "contact"}},
     {R"({"time": "09:00", "tz": "UTC"})",
      {"", "", "unknown_member", "/tz", "tz"}}}));
  auto expected = std::get<1>(row);
  const auto wait = R"({"type": "wait", "then": "done", "until": )"
                    + std::string{std::get<0>(row)} + "}";
  const auto where = "/nodes/rest/until" + std::string{expected.where};
  expected.pointer = "/nodes/rest";
  expected.value = wait.c_str();
  expected.where = where.c_str();
  check_refused(expected);
}

TEST_CASE("a fault of what holds for all of a sequence is named with its place",
          "[sequence]") {
  check_refused(GENERATE(values<fault>({
    {"/goals", "{}", "field_type_mismatch", "/goals", "list"},
    {"/goals", R"([{"event": "x", "then": "done"}])", "unknown_member",
     "/goals/0/then", "then"},
    {"/goals", R"([{"event": "x", "where": {"var": "contact.$extra.x"}}])",
     "condition_reserved_name", "/goals/0/where/var", "$extra"},
    {"/frequency_cap", "3", "field_type_mismatch", "/frequency_cap", "max"},
    {"/frequency_cap", R"({"within": "7d"})", "field_required",
     "/frequency_cap/max", "1 to 100"},
    {"/frequency_cap", R"({"max": 0, "within": "7d"})", "field_type_mismatch",
     "/frequency_cap/max", "1 to 100"},
    {"/frequency_cap", R"({"max": 101, "within": "7d"})", "field_type_mismatch",
     "/frequency_cap/max", "1 to 100"},
    {"/frequency_cap", R"({"max": 1})", "duration_invalid",
     "/frequency_cap/within", "3d"},
    {"/frequency_cap", R"({"max": 1, "within": "367d"})", "duration_invalid",
     "/frequency_cap/within", "366d"},
    {"/frequency_cap", R"({"max": 1, "within": "1d", "channel": "emial"})",
     "unknown_channel", "/frequency_cap/channel", "did you mean `email`"},
    {"/frequency_cap", R"({"max": 1, "within": "1d", "per": "day"})",
     "unknown_member", "/frequency_cap/per", "per"},
    {"/quiet_hours", R"("22:00")", "field_type_mismatch", "/quiet_hours",
     "from"},
    {"/quiet_hours", R"({"from": "22:00"})", "field_required",
     "/quiet_hours/to", "09:00"},
    {"/quiet_hours", R"({"from": "10pm", "to": "08:00"})",
     "field_type_mismatch", "/quiet_hours/from", "09:00"},
    {"/quiet_hours", R"({"from": "08:00", "to": "08:00"})",
     "quiet_hours_endless", "/quiet_hours/to", "differ"},
    {"/quiet_hours", R"({"from": "22:00", "to": "08:00", "timezone": "UCT+1"})",
     "unknown_timezone", "/quiet_hours/timezone", "contact"},
    {"/max_event_age", R"("old")", "duration_invalid", "/max_event_age", "3d"},
    {"/on_resume", R"("send")", "field_type_mismatch", "/on_resume",
     "skip_overdue"},
    {"/on_resume", "true", "field_type_mismatch", "/on_resume", "text"},
  })));
}

TEST_CASE("goals, caps, quiet hours and the rest are read", "[sequence]") {
  auto text = base_with("/goals", R"([{"event": "order.completed"}])");
  auto& made = text.as_object();
  made["frequency_cap"] = {{"max", 3}, {"within", "7d"}, {"channel", "email"}};
  made["quiet_hours"]
    = {{"from", "22:00"}, {"to", "08:00:30"}, {"timezone", "Asia/Tokyo"}};
  made["max_event_age"] = "1d";
  made["on_resume"] = "skip_overdue";
  const auto parsed = parse_sequence(text, {"email"});
  REQUIRE(parsed);
  const auto& read = **parsed;
  CHECK(read.goals.size() == 1);
  CHECK(read.cap->most == 3);
  CHECK(read.cap->within == std::chrono::days{7});
  CHECK(read.cap->channel == "email");
  CHECK(read.quiet->hours.from == std::chrono::hours{22});
  CHECK(read.quiet->zone->name() == "Asia/Tokyo");
  CHECK(read.max_event_age == std::chrono::days{1});
  CHECK(read.on_resume == resume_rule::skip_overdue);
}
