// The subcommands that speak to a server, as a person types them.
#include "tests/support/command.hpp"
#include "tests/support/process.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>

using namespace troupe::test;

namespace {

namespace json = boost::json;

class shell : protected with_server {
protected:
  shell() {
    std::ofstream{key_file_} << shared_server().key() << "\n";
  }

  [[nodiscard]] std::string path(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream{path(name)} << text;
    return path(name);
  }

  [[nodiscard]] std::vector<std::string> environment() const {
    return {"TROUPE_API_URL=http://127.0.0.1:"
              + std::to_string(shared_server().port()),
            "TROUPE_API_KEY_FILE=" + key_file_};
  }

  command_result troupe(const std::vector<std::string>& words) {
    auto done = run_troupe(words, environment());
    UNSCOPED_INFO(done.output << done.errors);
    return done;
  }

  json::value shown(std::vector<std::string> words) {
    words.insert(words.end(), {"--output", "json"});
    const auto done = troupe(words);
    REQUIRE(done.code == 0);
    return json::parse(done.output);
  }

private:
  temporary_directory directory_;
  std::string key_file_ = path("key");
};

std::string definition(const std::string& key, const std::string& pause) {
  return R"({"key":")" + key + R"(","name":"Files",
    "trigger":{"any":[{"event":")"
         + key + R"(.began"}]},"entry":"rest",
    "nodes":{"rest":{"type":"wait","for":")"
         + pause + R"(","then":"end"},"end":{"type":"exit"}}})";
}

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

TEST_CASE_METHOD(shell, "sequences are kept as files: validate, diff, apply",
                 "[system][cli]") {
  const auto key = fresh("cli_files_");
  const auto file = write("sequence.json", definition(key, "2h"));
  CHECK(troupe({"sequences", "validate", file}).code == 0);
  const auto before = troupe({"sequences", "diff", file});
  CHECK(before.code == 1);
  CHECK(before.output.starts_with(key + " (new)\n"));
  CHECK(troupe({"sequences", "apply", file}).output
        == key + ": version 1 published\n");
  CHECK(troupe({"sequences", "apply", file}).output == key + ": unchanged\n");
  CHECK(troupe({"sequences", "diff", file}).code == 0);
  CHECK(shown({"sequences", "show", key}).at("status") == "active");

  write("sequence.json", definition(key, "3h"));
  const auto changed = troupe({"sequences", "diff", file});
  CHECK(changed.code == 1);
  CHECK(changed.output.find("-       \"for\": \"2h\"") != std::string::npos);
  CHECK(changed.output.find("+       \"for\": \"3h\"") != std::string::npos);
  CHECK(troupe({"sequences", "apply", file}).output
        == key + ": version 2 published\n");

  const auto user = fresh("usr_");
  REQUIRE(troupe({"events", "emit", key + ".began", "--external-id", user}).code
          == 0);
  const auto runs = shown({"sequences", "runs", key});
  REQUIRE(runs.as_array().size() == 1);
  CHECK(runs.at(0).at("node") == "rest");
}

TEST_CASE_METHOD(shell, "a bad definition is told with its place, offline",
                 "[system][cli]") {
  const auto file
    = write("bad.json",
            R"({"key":"bad","name":"Bad","trigger":{"any":[{"event":"a"}]},
        "entry":"x","nodes":{"x":{"type":"wait","for":"soon","then":"x"}}})");
  const auto told = run_troupe({"sequences", "validate", file});
  CHECK(told.code == 1);
  INFO(told.errors);
  CHECK(told.errors.find("/nodes/x/for") != std::string::npos);
  CHECK(run_troupe({"sequences", "validate", path("none.json")}).code == 1);
}

TEST_CASE_METHOD(shell, "events tail shows events as they come",
                 "[system][cli]") {
  const auto type = fresh("cli.tailed.");
  std::vector<std::string> words{"/usr/bin/env"};
  for (const auto& each : environment())
    words.push_back(each);
  for (const auto* each : {TROUPE_BINARY_PATH, "events", "tail", "--type",
                           type.c_str(), "--output", "ndjson"})
    words.emplace_back(each);
  process tail{words, path("tail.err")};
  // It shows what comes once it follows.
  std::optional<std::string> line;
  CHECK(eventually([&] {
    api.emit(event_body(type, by_external_id("usr_1")));
    line = tail.read_line(std::chrono::seconds{1});
    return line.has_value();
  }));
  REQUIRE(line);
  CHECK(json::parse(*line).at("type") == type.c_str());
}

TEST_CASE_METHOD(shell,
                 "webhooks listen shows deliveries with good signatures and "
                 "takes its subscription back",
                 "[system][cli]") {
  const auto type = fresh("cli.heard.");
  std::vector<std::string> words{"/usr/bin/env"};
  for (const auto& each : environment())
    words.push_back(each);
  for (const auto* each : {TROUPE_BINARY_PATH, "webhooks", "listen", "--event",
                           type.c_str(), "--output", "ndjson"})
    words.emplace_back(each);
  process listener{words, path("listener.err")};
  const auto endpoints = [&] {
    return troupe({"webhooks", "list", "--output", "ndjson"}).output;
  };
  REQUIRE(eventually([&] {
    return endpoints().find(type) != std::string::npos;
  }));
  REQUIRE(api.emit(event_body(type, by_external_id("usr_1"))).status == 200);
  const auto line = listener.read_line(std::chrono::seconds{30});
  REQUIRE(line);
  const auto heard = json::parse(*line);
  CHECK(heard.at("signature_good") == true);
  CHECK(heard.at("body").at("type") == type.c_str());
  listener.signal(SIGINT);
  CHECK(listener.wait(std::chrono::seconds{30}) == 0);
  CHECK(endpoints().find("\"" + type + "\"],\"status\":\"active\"")
        == std::string::npos);
}

TEST_CASE_METHOD(shell, "webhooks verify tells good signatures from others",
                 "[system][cli]") {
  // The example of the Standard Webhooks specification's own test suite.
  const auto secret
    = write("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  const auto body = write("body", R"({"test": 2432232314})");
  const auto verify = [&](const std::string& id) {
    return run_troupe(
      {"webhooks", "verify", "--secret-file", secret, "--id", id, "--timestamp",
       "1614265330", "--signature",
       "v1,wrong v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "--body",
       body});
  };
  const auto good = verify("msg_p5jXN8AQM9LWM0D4loKWxJek");
  CHECK(good.code == 0);
  CHECK(good.output.find("should refuse") != std::string::npos); // it is old
  const auto bad = verify("msg_other");
  CHECK(bad.code == 1);
  CHECK(bad.errors.find("signature_wrong") != std::string::npos);
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
                                             {"contacts", "show"},
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
    CHECK(manual.output.find(".SS troupe " + name) != std::string::npos);
    CHECK(words.find("'" + name + "'") != std::string::npos);
  }
  for (const auto* shell_name : {"bash", "zsh", "fish"})
    CHECK(run_troupe({"completion", shell_name}).code == 0);
  CHECK(run_troupe({"completion", "tcsh"}).code == 2);
}
