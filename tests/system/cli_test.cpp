// The subcommands that speak to a server, as a person types them.
#include "tests/system/cli_shell.hpp"

#include <regex>

using namespace troupe::test;

namespace {

namespace json = boost::json;

} // namespace

TEST_CASE_METHOD(shell, "events are sent, listed and shown", "[system][cli]") {
  const auto user = fresh("usr_");
  const auto sent
    = shown({"events", "emit", "cli.sent", "--external-id", user, "--email",
             user + "@example.com", "--metadata", R"({"total_pence": 4299})"});
  const std::string id{sent.at("id").as_string()};
  const auto listed
    = shown({"events", "list", "--type", "cli.*", "--external-id", user});
  REQUIRE(listed.as_array().size() == 1);
  CHECK(listed.at(0).at("metadata").at("total_pence") == 4299);
  CHECK(shown({"events", "show", id}).at("id") == id.c_str());
  const auto contact
    = shown({"contacts", "show", "email:" + user + "@example.com"});
  CHECK(contact.at("external_id") == user.c_str());
  const auto table = troupe({"contacts", "timeline", "external_id:" + user});
  CHECK(table.output.starts_with("AT "));
  CHECK(table.output.find("cli.sent") != std::string::npos);
}

TEST_CASE_METHOD(shell, "an event sent again with its key happens once",
                 "[system][cli]") {
  const std::vector<std::string> words{"events",      "emit",
                                       "cli.once",    "--external-id",
                                       fresh("usr_"), "--idempotency-key",
                                       fresh("key-")};
  CHECK(shown(words).at("id") == shown(words).at("id"));
}

TEST_CASE_METHOD(shell, "keys are made, listed and revoked", "[system][cli]") {
  const auto name = fresh("cli key ");
  const auto made = shown({"keys", "create", "--name", name, "--scope",
                           "events:write", "--scope", "events:read"});
  const std::string id{made.at("id").as_string()};
  CHECK(made.at("scopes").as_array().size() == 2);
  const auto listed
    = troupe({"keys", "list", "--output", "ndjson", "--limit", "1000"});
  CHECK(listed.output.find("\"name\":\"" + name + "\"") != std::string::npos);
  CHECK(listed.output.find(std::string{made.at("key").as_string()})
        == std::string::npos);
  CHECK(troupe({"keys", "revoke", id}).code == 0);
  CHECK(troupe({"keys", "revoke", "key_none"}).code == 1);
}

TEST_CASE_METHOD(shell, "a refusal says what the server said, and fails",
                 "[system][cli]") {
  const auto refused = troupe({"events", "emit", "$cli", "--email", "a@b.co"});
  CHECK(refused.code == 1);
  CHECK(refused.output.empty());
  CHECK(refused.errors.starts_with("troupe: "));
  CHECK(refused.errors.find(" at /type") != std::string::npos);
  const auto none = run_troupe({"keys", "list", "--url", "http://127.0.0.1:1"});
  CHECK(none.code == 1);
  CHECK(none.errors.find("server_unreachable") != std::string::npos);
  CHECK(troupe({"keys", "list", "--limit", "none"}).code == 1);
  CHECK(troupe({"keys", "list", "--output", "xml"}).code == 2);
  const auto slip = troupe({"contcats"});
  CHECK(slip.code == 2);
  CHECK(slip.errors.find("did you mean \"contacts\"") != std::string::npos);
}

TEST_CASE_METHOD(shell, "doctor says what is fit and what is not",
                 "[system][cli]") {
  const auto good = troupe(
    {"doctor", "--data-dir", shared_server().directory(), "--output", "json"});
  INFO(good.output);
  CHECK(good.code == 0);
  CHECK(good.output.find("\"check\": \"key\",\n    \"verdict\": \"good\"")
        != std::string::npos);
  write("troupe.toml", "[server]\nlistne = \"x\"\n");
  const auto bad = troupe({"doctor", "--config", path("troupe.toml")});
  CHECK(bad.code == 1);
  CHECK(bad.output.find("BAD") != std::string::npos);
}

TEST_CASE("every subcommand has help with an example, completions and a place "
          "in the manual",
          "[system][cli]") {
  const auto manual = run_troupe({"man"});
  CHECK(manual.output.starts_with(".TH TROUPE 1 "));
  const auto words = run_troupe({"completion", "bash"}).output;
  for (const std::vector<std::string>& each :
       std::vector<std::vector<std::string>>{{"serve"},
                                             {"events", "emit"},
                                             {"events", "tail"},
                                             {"event-types", "create"},
                                             {"event-types", "archive"},
                                             {"contacts", "show"},
                                             {"runs", "show"},
                                             {"runs", "exit"},
                                             {"channels", "create"},
                                             {"channels", "delete"},
                                             {"deliveries", "list"},
                                             {"deliveries", "replay"},
                                             {"version"},
                                             {"sequences", "validate"},
                                             {"sequences", "diff"},
                                             {"sequences", "apply"},
                                             {"webhooks", "listen"},
                                             {"webhooks", "verify"},
                                             {"keys", "create"},
                                             {"config", "check"},
                                             {"config", "show"},
                                             {"doctor"},
                                             {"completion"}}) {
    auto asked = each;
    asked.emplace_back("--help");
    std::string name;
    for (const auto& word : each)
      name += (name.empty() ? "" : " ") + word;
    CAPTURE(name);
    const auto help = run_troupe(asked);
    CHECK(help.code == 0);
    CHECK(help.output.find("Examples:\n  troupe " + name) != std::string::npos);
    const auto title
      = ".SS troupe " + std::regex_replace(name, std::regex{"-"}, "\\-");
    CHECK(manual.output.find(title) != std::string::npos);
    CHECK(words.find("'" + name + "'") != std::string::npos);
  }
  for (const auto* shell_name : {"bash", "zsh", "fish"})
    CHECK(run_troupe({"completion", shell_name}).code == 0);
  CHECK(run_troupe({"completion", "tcsh"}).code == 2);
}
