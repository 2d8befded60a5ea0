// Channels, event types, runs and deliveries; how one object is shown; contacts
// whose names cannot be in a path.
#include "tests/support/webhook_sink.hpp"
#include "tests/system/cli_shell.hpp"

using namespace troupe::test;

namespace {

constexpr std::chrono::seconds patience{30};

std::string definition(const std::string& key) {
  return R"({"key":")" + key + R"(","name":"Runs","status":"active",
    "trigger":{"any":[{"event":")"
         + key + R"(.began"}]},"entry":"rest",
    "nodes":{"rest":{"type":"wait","for":"2h","then":"end"},
             "end":{"type":"exit"}}})";
}

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(shell,
                 "automations are listed, switched on with settings of a file, "
                 "and off",
                 "[system][cli_resources]") {
  const auto file = write("settings", R"({"points":8})");
  CHECK(has(troupe({"automations", "list"}).output, "email_engagement"));
  const auto on
    = shown({"automations", "enable", "email_engagement", "--settings", file});
  CHECK(on.at("enabled").as_bool());
  CHECK(on.at_pointer("/settings/points/value").as_int64() == 8);
  const auto off = shown({"automations", "disable", "email_engagement"});
  CHECK_FALSE(off.at("enabled").as_bool());
  CHECK(shown({"automations", "show", "email_engagement"}) == off);
  CHECK(troupe({"automations", "enable", "none"}).code == 1);
}

TEST_CASE_METHOD(shell, "channels are made, listed, shown and deleted",
                 "[system][cli_resources]") {
  const auto key = fresh("cli_channel_");
  const auto headers = write("headers", R"({"x-secret": "hidden"})");
  const auto body = write("body", R"({"to": "{{contact.phone}}"})");
  const auto made
    = shown({"channels", "create", key, "--url", "http://127.0.0.1:9/sms",
             "--headers", headers, "--body", body});
  CHECK(made.at("type") == "http");
  CHECK(has(troupe({"channels", "list", "--limit", "1000"}).output, key));
  const auto there = shown({"channels", "show", key});
  CHECK(there.at("body").at("to") == "{{contact.phone}}");
  CHECK(there.at("headers").at("x-secret") == "********");
  CHECK(troupe({"channels", "delete", key}).code == 0);
  CHECK(troupe({"channels", "show", key}).code == 1);
  CHECK(
    shown({"channels", "create", fresh("cli_capture_"), "--type", "capture"})
      .at("type")
    == "capture");
}

TEST_CASE_METHOD(shell,
                 "an smtp channel is made of a file, so that its password "
                 "is no argument",
                 "[system][cli_resources]") {
  const auto key = fresh("cli_mail_");
  const auto file = write("smtp", R"({"host":"mail.example.org",
    "username":"troupe","password":"hidden","from":"news@example.org"})");
  const auto made = shown({"channels", "create", key, "--smtp", file});
  CHECK(made.at("type") == "smtp");
  CHECK(made.at("port") == 587);
  CHECK(made.at("password_set") == true);
  CHECK_FALSE(has(troupe({"channels", "show", key}).output, "hidden"));
  const auto list = write("list", "[]");
  CHECK(troupe({"channels", "create", key, "--smtp", list}).code != 0);
}

TEST_CASE_METHOD(shell, "event types are made, listed, shown and archived",
                 "[system][cli_resources]") {
  const auto name = fresh("cli.type.");
  const auto schema = write("schema", R"({"required": ["order_id"]})");
  const auto made = shown({"event-types", "create", name, "--description",
                           "A paid order", "--schema", schema});
  CHECK(made.at("status") == "active");
  CHECK(shown({"event-types", "show", name}).at("description")
        == "A paid order");
  const auto listed = [&](const std::string& status) {
    return has(
      troupe({"event-types", "list", "--limit", "10000", "--status", status})
        .output,
      name);
  };
  CHECK(listed("active"));
  const auto later = name + ".later";
  CHECK(troupe({"event-types", "rename", name, later, "--alias"}).code == 0);
  CHECK(shown({"event-types", "show", name}).at("name").as_string()
        == std::string_view{later});
  CHECK(troupe({"event-types", "rename", later, name}).code == 0);
  CHECK(troupe({"event-types", "archive", name}).code == 0);
  CHECK_FALSE(listed("active"));
  CHECK(listed("archived"));
}

TEST_CASE_METHOD(shell, "runs are shown, held, let go on and ended",
                 "[system][cli_resources]") {
  const auto key = fresh("cli_runs_");
  const auto user = fresh("usr_");
  publish(api, definition(key));
  REQUIRE(troupe({"events", "emit", key + ".began", "--external-id", user}).code
          == 0);
  const auto runs = shown({"contacts", "runs", "external_id:" + user});
  REQUIRE(runs.as_array().size() == 1);
  const std::string id{runs.at(0).at("id").as_string()};
  const auto whose = "external_id:" + user;
  const auto run = shown({"runs", "show", id});
  CHECK(run.at("node") == "rest");
  CHECK(troupe({"runs", "show", "run_none"}).code == 1);
  CHECK(shown({"runs", "pause", id, "--reason", "a look"}).at("status")
        == "paused");
  CHECK(shown({"runs", "resume", id}).at("status") == "active");
  const auto ended = shown({"runs", "exit", id, "--reason", "asked for it"});
  CHECK(ended.at("status") == "exited");
  CHECK(has(troupe({"contacts", "timeline", whose, "--output", "json"}).output,
            "\"asked for it\""));
  const auto told = troupe({"runs", "show", id}).output;
  CHECK(has(told, "\nhistory\n  NODE "));
}

TEST_CASE_METHOD(shell,
                 "X1 a sequence's part in an event is explained, and "
                 "what the event caused is shown",
                 "[system][cli_resources]") {
  const auto key = fresh("cli_explained_");
  const auto whose = "external_id:" + fresh("usr_");
  publish(api, definition(key));
  const auto emitted = [&](const std::string& type) {
    const auto event
      = shown({"events", "emit", type, "--external-id", whose.substr(12)});
    return std::string{event.at("id").as_string()};
  };
  const auto began = emitted(key + ".began");
  const auto again = emitted(key + ".began");
  const auto newest = shown({"explain", whose, key});
  CHECK(newest.at("event") == boost::json::string_view{again});
  CHECK(newest.at("first_failed").at("rule") == "reentry");
  const auto first = shown({"explain", whose, key, "--event", began});
  CHECK(first.at("verdict") == "started");
  const auto told = troupe({"explain", whose, key}).output;
  CHECK(has(told, "\nchecks\n  RULE "));
  CHECK(has(troupe({"events", "explain", again}).output, key));
  const auto tree = shown({"events", "trace", began});
  CHECK(tree.at("effects").at(0).at("detail").at("node") == "rest");
  CHECK(troupe({"explain", whose, key, "--event", "evt_1"}).code == 1);
}

TEST_CASE_METHOD(shell, "deliveries are listed, shown and made again",
                 "[system][cli_resources]") {
  webhook_sink sink;
  const auto type = fresh("cli.delivered.");
  const auto endpoint
    = shown({"webhooks", "create", sink.url(), "--event", type});
  const std::string of{endpoint.at("id").as_string()};
  REQUIRE(troupe({"events", "emit", type, "--external-id", fresh("usr_")}).code
          == 0);
  boost::json::value all;
  REQUIRE(eventually([&] {
    all = shown({"deliveries", "list", of, "--status", "delivered"});
    return all.as_array().size() == 1;
  }));
  const std::string id{all.at(0).at("id").as_string()};
  CHECK(shown({"deliveries", "show", id}).at("attempts").as_array().size()
        == 1);
  CHECK(troupe({"deliveries", "list", of, "--status", "dead"}).output
        == "ID  EVENT  CONTACT  STATUS  NEXT ATTEMPT\n");
  CHECK(shown({"deliveries", "replay", id}).at("id") == id.c_str());
  CHECK(sink.wait_for(2, patience).size() == 2);
}

TEST_CASE_METHOD(shell, "sequences show tells how many runs are at each node",
                 "[system][cli_resources]") {
  const auto key = fresh("cli_counts_");
  publish(api, definition(key));
  REQUIRE(
    troupe({"events", "emit", key + ".began", "--external-id", fresh("usr_")})
      .code
    == 0);
  const auto told = troupe({"sequences", "show", key}).output;
  CHECK(has(told, "\ncounts\n  live "));
  CHECK(has(told, "\n  nodes\n    rest "));
  CHECK(has(told, "\nversions\n  VERSION  STATUS "));
  CHECK(has(told, "\ndefinition\n{\n  \"key\": \"" + key + "\",\n"));
  CHECK(told.find("\nversions\n") < told.find("\ndefinition\n"));
  std::istringstream lines{told};
  for (std::string line; std::getline(lines, line);)
    CHECK(line.size() < 100);
}

TEST_CASE_METHOD(shell, "what a refusal quotes cannot steer a terminal",
                 "[system][cli_resources]") {
  const auto refused = troupe({"events", "emit", "cli.steered", "--external-id",
                               "usr_1", "--metadata", R"({"a\u001b[2J": 1})"});
  CHECK(refused.code == 1);
  CHECK_FALSE(has(refused.errors, "\x1b"));
  CHECK(has(refused.errors, "a\\x1b[2J"));
}

TEST_CASE_METHOD(shell, "a contact whose name has a slash is found",
                 "[system][cli_resources]") {
  const auto name = fresh("acme/42/");
  const auto address = fresh("a/b") + "@example.com";
  for (const auto& id : {name, name + "0"}) // which begins with it
    REQUIRE(troupe({"events", "emit", "cli.slash", "--external-id", id}).code
            == 0);
  REQUIRE(troupe({"events", "emit", "cli.slash", "--external-id", name,
                  "--email", address})
            .code
          == 0);
  CHECK(shown({"contacts", "show", "external_id:" + name}).at("external_id")
        == name.c_str());
  CHECK(shown({"contacts", "show", "email:" + address}).at("external_id")
        == name.c_str());
  CHECK(shown({"contacts", "timeline", "external_id:" + name}).as_array().size()
        == 2);
  const auto none = troupe({"contacts", "show", "external_id:acme/none"});
  CHECK(none.code == 1);
  CHECK(none.errors
        == "troupe: no contact has the external_id acme/none "
           "(contact_not_found)\n");
  CHECK(troupe({"contacts", "show", "acme/none"}).code == 1);
  const auto key = troupe({"sequences", "show", "a/b"});
  CHECK(key.code == 1);
  CHECK(has(key.errors, "KEY cannot have \"/\" in it"));
}
