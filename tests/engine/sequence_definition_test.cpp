#include "tests/support/sequence_faults.hpp"
#include "tests/support/stepper.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace troupe::test;

TEST_CASE("the base of the fault tables is a good definition", "[sequence]") {
  CHECK(parse_sequence(base_with("", ""), {"email"}));
}

TEST_CASE("a fault of a sequence is named with its place and a way out",
          "[sequence]") {
  check_refused(GENERATE(values<fault>({
    {"", "[]", "field_type_mismatch", "", "JSON object"},
    {"/key", "", "field_required", "/key", "key"},
    {"/key", "7", "field_type_mismatch", "/key", "text"},
    {"/key",
     R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")",
     "field_type_mismatch", "/key", "64"},
    {"/name", R"("")", "field_type_mismatch", "/name", "1 to 1,024"},
    {"/naem", R"("x")", "unknown_member", "/naem", "did you mean `name`"},
    {"/a~1b", "1", "unknown_member", "/a~01b", "a~1b"},
    {"/nodes", "", "field_required", "/nodes", "1 to 500"},
    {"/nodes", "{}", "field_required", "/nodes", "1 to 500"},
    {"/trigger", "1", "field_type_mismatch", "/trigger", "any"},
    {"/trigger", "{}", "field_type_mismatch", "/trigger/any", "1 to 50"},
    {"/trigger/any", "[]", "field_type_mismatch", "/trigger/any", "1 to 50"},
    {"/trigger/any/0", "1", "field_type_mismatch", "/trigger/any/0", "event"},
    {"/trigger/any/0/event", "", "field_required", "/trigger/any/0/event",
     "event"},
    {"/trigger/any/0/event", R"("order*")", "event_pattern",
     "/trigger/any/0/event", "prefix.*"},
    {"/trigger/any/0/event", R"("*.done")", "event_pattern",
     "/trigger/any/0/event", "prefix.*"},
    {"/trigger/any/0/count", "2", "unknown_member", "/trigger/any/0/count",
     "count"},
    {"/trigger/all", "[]", "unknown_member", "/trigger/all", "no member"},
    {"/trigger/any/0/where", R"({"=": [1, 1]})", "condition_unknown_operator",
     "/trigger/any/0/where/=", "did you mean"},
    {"/trigger/any/0/where", R"({"var": "properties.x"})",
     "condition_unknown_root", "/trigger/any/0/where/var", "event, contact"},
    {"/filter", R"({"var": "event.properties.$extra.x"})",
     "condition_reserved_name", "/filter/var", "$extra"},
    {"/filter", R"({"==": [1]})", "condition_wrong_arity", "/filter/==", "2"},
    {"/reentry", R"("sometimes")", "field_type_mismatch", "/reentry",
     "after_exit"},
    {"/reentry", R"({"after": "soon"})", "duration_invalid", "/reentry/after",
     "3d"},
    {"/reentry", R"({"per_key": {"vra": "event.x"}})",
     "condition_unknown_operator", "/reentry/per_key/vra", "var"},
    {"/cooldown", R"("0s")", "duration_invalid", "/cooldown", "above zero"},
    {"/cooldown", "60", "duration_invalid", "/cooldown", "duration"},
    {"/exit_when", "{}", "field_type_mismatch", "/exit_when", "list"},
    {"/vars", "[]", "field_type_mismatch", "/vars", "object"},
    {"/vars", R"({"cart": {"vra": "x"}})", "condition_unknown_operator",
     "/vars/cart/vra", "var"},
    {"/entry", "", "field_required", "/entry", "entry"},
    {"/entry", R"("frist")", "unknown_node", "/entry", "did you mean `first`"},
  })));
}

TEST_CASE("a fault of a node is named with its place and a way out",
          "[sequence]") {
  check_refused(GENERATE(values<fault>({
    {"/nodes/done", "1", "field_type_mismatch", "/nodes/done", "object"},
    {"/nodes/done/type", "", "field_required", "/nodes/done/type", "type"},
    {"/nodes/done/type", R"("exti")", "unknown_node_type", "/nodes/done/type",
     "did you mean `exit`"},
    {"/nodes/done/then", R"("first")", "unknown_member", "/nodes/done/then",
     "then"},
    {"/nodes/first/channel", R"("sms")", "unknown_channel",
     "/nodes/first/channel", "capture"},
    {"/nodes/first/channel", "", "field_required", "/nodes/first/channel",
     "channel"},
    {"/nodes/first/txt", R"("x")", "unknown_member", "/nodes/first/txt",
     "did you mean `text`"},
    {"/nodes/first/text", R"("{{#if x}}")", "template_syntax",
     "/nodes/first/text", ""},
    {"/nodes/first/then", "", "field_required", "/nodes/first/then", "then"},
    {"/nodes/first/then", R"("rset")", "unknown_node", "/nodes/first/then",
     "did you mean `rest`"},
    {"/nodes/choose/cases", "[]", "field_required", "/nodes/choose/cases",
     "1 to 50"},
    {"/nodes/choose/cases/0", "1", "field_type_mismatch",
     "/nodes/choose/cases/0", "if"},
    {"/nodes/choose/cases/0/if", "", "field_required",
     "/nodes/choose/cases/0/if", "if"},
    {"/nodes/choose/cases/0/then", R"("x")", "unknown_node",
     "/nodes/choose/cases/0/then", "x"},
    {"/nodes/choose/else", "", "field_required", "/nodes/choose/else", "else"},
    {"/nodes/note/tags_add", R"("x")", "field_type_mismatch",
     "/nodes/note/tags_add", "list"},
    {"/nodes/note/set", R"({"a/b": {"==": [1]}})", "condition_wrong_arity",
     "/nodes/note/set/a~1b/==", "2"},
    {"/nodes/note/score_add", "1.5", "field_type_mismatch",
     "/nodes/note/score_add", "whole"},
    {"/nodes/note/score_add", "1000001", "field_type_mismatch",
     "/nodes/note/score_add", "1,000,000"},
    {"/nodes/note/score_add", "-9223372036854775808", "field_type_mismatch",
     "/nodes/note/score_add", "1,000,000"},
    {"/nodes/call/url", R"("ftp://x")", "url_not_allowed", "/nodes/call/url",
     "https"},
    {"/nodes/call/url", "", "field_required", "/nodes/call/url", "url"},
    {"/nodes/call/method", R"("BREW")", "field_type_mismatch",
     "/nodes/call/method", "GET"},
    {"/nodes/call/await", "1", "field_type_mismatch", "/nodes/call/await",
     "true or false"},
    {"/nodes/call/on_failure", R"("done")", "wait_form",
     "/nodes/call/on_failure", "await"},
    {"/nodes/call/timeout", R"("1h")", "wait_form", "/nodes/call/timeout",
     "await"},
    {"/nodes/tell/event", "", "field_required", "/nodes/tell/event", "event"},
    {"/nodes/tell/contact", R"({"id": "x"})", "contact_required",
     "/nodes/tell/contact", "external_id"},
    {"/nodes/tell/contact", R"({"email": {"==": [1]}})",
     "condition_wrong_arity", "/nodes/tell/contact/email/==", "2"},
    {"/nodes/some/weights", "", "field_required", "/nodes/some/weights",
     "1 to 50"},
    {"/nodes/some/weights", "[]", "field_required", "/nodes/some/weights",
     "1 to 50"},
    {"/nodes/some/weights/0", "1", "field_type_mismatch",
     "/nodes/some/weights/0", "weight"},
    {"/nodes/some/weights/0/weight", "", "field_required",
     "/nodes/some/weights/0/weight", "0 to 1,000,000"},
    {"/nodes/some/weights/0/weight", "-1", "field_type_mismatch",
     "/nodes/some/weights/0/weight", "0 to 1,000,000"},
    {"/nodes/some/weights/0/weight", "0.5", "field_type_mismatch",
     "/nodes/some/weights/0/weight", "whole"},
    {"/nodes/some/weights/0/weight", "0", "split_weights",
     "/nodes/some/weights", "above 0"},
    {"/nodes/some/weights/0/then", R"("dona")", "unknown_node",
     "/nodes/some/weights/0/then", "did you mean `done`"},
    {"/nodes/some/weights/0/when", "1", "unknown_member",
     "/nodes/some/weights/0/when", "when"},
    {"/nodes/next/sequence", "", "field_required", "/nodes/next/sequence",
     "sequence"},
    {"/nodes/next/vars", "[]", "field_type_mismatch", "/nodes/next/vars",
     "object"},
    {"/nodes/next/vars", R"({"a/b": {"==": [1]}})", "condition_wrong_arity",
     "/nodes/next/vars/a~1b/==", "2"},
    {"/nodes/next/then", "", "field_required", "/nodes/next/then", "then"},
    {"/nodes/stay/on", "", "field_type_mismatch", "/nodes/stay/on", "1 to 50"},
    {"/nodes/stay/on/0/then", "", "field_required", "/nodes/stay/on/0/then",
     "then"},
    {"/nodes/stay/on/0/count", "2", "unknown_member", "/nodes/stay/on/0/count",
     "first"},
  })));
}

TEST_CASE("every form of a wait is read", "[sequence]") {
  const auto good = GENERATE(
    as<std::string>{}, R"({"type": "wait", "for": "P3D", "then": "done"})",
    R"({"type": "wait", "any": [{"event": "a", "then": "done"}]})",
    R"({"type": "wait", "all": [{"event": "a.*", "count": 1000},
        {"event": "*"}], "look_back": "30m", "then": "done"})",
    R"({"type": "wait", "until": {"time": "09:00"}, "then": "done"})",
    R"({"type": "wait", "until": {"weekdays": ["sat", "sun"], "timezone":
        "contact"}, "then": "done"})",
    R"({"type": "wait", "until": {"date": {"var": "contact.attributes.due"},
        "time": "18:30:00", "timezone": "Asia/Tokyo"}, "then": "done"})",
    R"({"type": "wait", "any": [{"event": "a"}], "look_back": "entry",
        "timeout": "90s", "on_timeout": "done", "then": "done"})");
  CHECK(parse_sequence(base_with("/nodes/rest", good), {"email"}));
}

TEST_CASE("a cycle that no wait interrupts is refused", "[sequence]") {
  check_refused(GENERATE(values<fault>({
    {"/nodes/note/then", R"("note")", "cycle_without_wait", "/nodes/note",
     "`note`"},
    {"/nodes/some/weights/0/then", R"("some")", "cycle_without_wait",
     "/nodes/some", "wait"},
    {"/nodes/next/then", R"("next")", "cycle_without_wait", "/nodes/next",
     "wait"},
    {"/nodes/call/then", R"("call")", "cycle_without_wait", "/nodes/call",
     "wait"},
    {"/nodes",
     R"({"first": {"type": "update", "then": "a/b"}, "a/b":
         {"type": "branch", "cases": [{"if": true, "then": "c"}],
          "else": "d"}, "c": {"type": "exit"},
         "d": {"type": "update", "then": "a/b"}})",
     "cycle_without_wait", "/nodes/a~1b", "`a/b`"},
    // A date can have passed each time.
    {"/nodes/rest",
     R"({"type": "wait", "until": {"date": "2026-12-24"}, "then": "first"})",
     "cycle_without_wait", "/nodes/first", "wait"},
    // A wait that looks back can be satisfied by the same past each time.
    {"/nodes/rest",
     R"({"type": "wait", "any": [{"event": "x"}], "look_back": "entry",
         "then": "first"})",
     "cycle_without_wait", "/nodes/first", "look back"},
  })));
}

TEST_CASE("a cycle with a wait or a state in it is fine", "[sequence]") {
  CHECK(parse_sequence(base_with("/nodes/rest/then", R"("first")"), {"email"}));
  CHECK(
    parse_sequence(base_with("/nodes/stay/on/0/then", R"("stay")"), {"email"}));
  // A day of the week always comes.
  CHECK(parse_sequence(base_with("/nodes/rest",
                                 R"({"type": "wait", "until": {
                  "date": "2026-12-24", "weekdays": ["mon"]},
                  "then": "first"})"),
                       {"email"}));
  // Its timeout does rest.
  CHECK(parse_sequence(base_with("/nodes/rest",
                                 R"({"type": "wait", "any": [{"event": "x"}],
                  "look_back": "entry", "then": "done", "timeout": "1d",
                  "on_timeout": "first"})"),
                       {"email"}));
}

TEST_CASE("a sequence starts what there is, itself included", "[sequence]") {
  const auto made = *parse_sequence(base_with("", ""), {"email"});
  CHECK(check_started(*made, {"other"}));
  const auto refused = check_started(*made, {"k", "othr"});
  REQUIRE_FALSE(refused);
  CHECK(refused.failure().name == "unknown_sequence");
  CHECK(refused.failure().pointer == "/nodes/next/sequence");
  CHECK_THAT(refused.failure().message, Catch::Contains("mean `othr`"));
  CHECK(check_started(*made, {"x"}).failure().message.find("mean")
        == std::string::npos);
  const auto itself
    = parse_sequence(base_with("/nodes/next/sequence", R"("k")"), {"email"});
  CHECK(check_started(**itself, {}));
}

TEST_CASE("a row of 500 nodes is checked; 501 are too many", "[sequence]") {
  const auto row = [](int count) {
    boost::json::object nodes;
    for (int i = 0; i + 1 < count; ++i)
      nodes["n" + std::to_string(i)]
        = {{"type", "update"}, {"then", "n" + std::to_string(i + 1)}};
    nodes["n" + std::to_string(count - 1)] = {{"type", "exit"}};
    auto made = base_with("/entry", R"("n0")");
    made.as_object()["nodes"] = nodes;
    return made;
  };
  CHECK(parse_sequence(row(500), {}));
  CHECK(parse_sequence(row(501), {}).failure().pointer == "/nodes");
}

TEST_CASE("the sequence of the design is read whole", "[sequence]") {
  const auto parsed = parse_sequence(json(R"({
    "key": "welcome", "name": "Welcome",
    "trigger": {"any": [{"event": "user.signed_up",
      "where": {"==": [{"var": "event.properties.plan"}, "pro"]}}]},
    "filter": {"in": ["new_users", {"var": "contact.tags"}]},
    "reentry": {"after": "30d"}, "cooldown": "1h",
    "exit_when": [{"event": "user.deleted"}],
    "vars": {"cart": {"var": "event.properties.cart"}},
    "entry": "hello", "nodes": {
      "hello": {"type": "send", "channel": "email", "subject": "Welcome",
        "text": "Hello {{contact.external_id}}", "then": "nudge_wait"},
      "nudge_wait": {"type": "wait", "any": [{"event": "order.completed",
        "where": {"==": [{"var": "event.properties.cart"},
                         {"var": "run.vars.cart"}]}, "then": "thanks"}],
        "timeout": "3d", "on_timeout": "remind"},
      "remind": {"type": "branch",
        "cases": [{"if": {">": [{"var": "contact.score"}, 50]},
                   "then": "call"}], "else": "done"},
      "call": {"type": "http", "url": "https://crm.example/hook",
        "body": {"id": "{{contact.external_id}}"}, "then": "done"},
      "thanks": {"type": "update", "tags_add": ["buyer"], "score_add": 10,
        "then": "done"},
      "done": {"type": "exit"}}})"),
                                     {"email"});
  REQUIRE(parsed);
  const auto& made = **parsed;
  CHECK(made.key == "welcome");
  CHECK(made.name == "Welcome");
  CHECK(made.triggers.size() == 1);
  CHECK(made.filter.has_value());
  CHECK(made.re_entry.how == re_entry_rule::kind::after);
  CHECK(made.re_entry.span == 30 * 24h);
  CHECK(made.cooldown == 1h);
  CHECK(made.exit_when.size() == 1);
  CHECK(made.vars.size() == 1);
  CHECK(made.nodes.size() == 6);
  CHECK(made.nodes[made.entry].name == "hello");
  CHECK(made.find("remind") != no_node);
  CHECK(made.find("absent") == no_node);
  const auto& wait
    = std::get<wait_node>(made.nodes[made.find("nudge_wait")].what);
  CHECK(wait.timeout == 3 * 24h);
  CHECK(wait.on_timeout == made.find("remind"));
  CHECK(wait.after(wait.clauses[0]) == made.find("thanks"));
}
