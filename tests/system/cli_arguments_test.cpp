// Wrong arguments are refused with what is missing and how it is used; every
// command has the forms of output.
#include "tests/system/cli_shell.hpp"

using namespace troupe::test;

namespace {

namespace json = boost::json;

} // namespace

TEST_CASE("what is required is refused by its name, with the usage",
          "[system][cli_arguments]") {
  struct row {
    std::vector<std::string> words;
    std::string told;
    std::string usage;
  };

  const std::vector<row> rows{
    {{"webhooks", "verify"},
     "--secret-file is required",
     "webhooks verify --secret-file FILE --signature TEXT"},
    {{"webhooks", "verify", "--secret-file", "s", "--signature", ""},
     "--signature: it is empty",
     "webhooks verify --secret-file FILE"},
    {{"keys", "create"}, "--scope is required", "keys create --scope SCOPE"},
    {{"events", "emit", "x"},
     "one of --external-id, --email, --phone, --anonymous-id is required",
     "events emit TYPE (--external-id ID | --email ADDRESS"},
    {{"events", "emit", "x", "--email", ""},
     "one of --external-id",
     "events emit TYPE"},
    {{"webhooks", "create"},
     "one of URL, --url is required",
     "webhooks create (URL | --url URL)"},
    {{"contacts", "show"}, "REF is required", "contacts show REF"},
    {{"runs", "show"}, "ID is required", "runs show ID"},
    {{"explain", "con_1"}, "SEQUENCE is required", "explain CONTACT SEQUENCE"},
    {{"webhooks"}, "A subcommand is required", "webhooks COMMAND"}};
  for (const auto& each : rows) {
    CAPTURE(each.words);
    const auto done = run_troupe(each.words);
    INFO(done.errors);
    CHECK(done.code == 2);
    CHECK(done.errors.starts_with("troupe: " + each.told));
    CHECK(done.errors.find("\nusage: troupe " + each.usage)
          != std::string::npos);
  }
}

TEST_CASE_METHOD(shell, "--server is where the server is, also as --url",
                 "[system][cli_arguments]") {
  const auto key = write("own-key", shared_server().key());
  const auto at = "http://127.0.0.1:" + std::to_string(shared_server().port());
  for (const auto* name : {"--server", "--url"}) {
    CAPTURE(name);
    CHECK(run_troupe({"keys", "list", name, at, "--key-file", key}).code == 0);
    CHECK(run_troupe({"healthcheck", name, at}).code == 0);
  }
}

TEST_CASE_METHOD(shell, "the URL of a new endpoint is an argument or an option",
                 "[system][cli_arguments]") {
  const auto url = "http://127.0.0.1:9/" + fresh("hook_");
  CHECK(shown({"webhooks", "create", "--url", url}).at("url") == url.c_str());
  CHECK(shown({"webhooks", "create", url}).at("url") == url.c_str());
  const auto both = troupe({"webhooks", "create", url, "--url", url});
  CHECK(both.code == 1);
  CHECK(both.errors.find("--server") != std::string::npos);
}

TEST_CASE_METHOD(shell, "an empty idempotency key is refused",
                 "[system][cli_arguments]") {
  const auto done = troupe({"events", "emit", "cli.empty", "--external-id",
                            fresh("usr_"), "--idempotency-key", ""});
  CHECK(done.code == 1);
  CHECK(done.errors.find("--idempotency-key") != std::string::npos);
}

TEST_CASE_METHOD(shell, "an event can be of any identity",
                 "[system][cli_arguments]") {
  CHECK(troupe({"events", "emit", "cli.any", "--phone", "+442079460018"}).code
        == 0);
  CHECK(
    troupe({"events", "emit", "cli.any", "--anonymous-id", fresh("anon_")}).code
    == 0);
}

TEST_CASE("config and version have every form of output",
          "[system][cli_arguments]") {
  const auto object_of = [](const std::vector<std::string>& words) {
    const auto done = run_troupe(words);
    CAPTURE(words, done.errors);
    return json::parse(done.output);
  };
  CHECK(object_of({"config", "check", "--output", "json"}).at("result")
        == "good");
  const auto bad
    = object_of({"config", "check", "--listen", "nowhere", "--output", "json"});
  CHECK(bad.at("result") == "bad");
  CHECK(bad.at("problems").as_array().size() == 1);
  const auto rows = run_troupe({"config", "show", "--output", "ndjson"}).output;
  CHECK(json::parse(rows.substr(0, rows.find('\n'))).at("key")
        == "store.data_dir");
  const auto version = object_of({"version", "--output", "json"});
  CHECK(version.at("version").is_string());
  CHECK(object_of({"version", "--json"}) == version);
  CHECK(object_of({"version", "--output", "ndjson"}) == version);
}

TEST_CASE("troupe, its groups and version show examples",
          "[system][cli_arguments]") {
  CHECK(run_troupe({"--help"}).output.find("Examples:\n  troupe serve")
        != std::string::npos);
  for (const auto* group :
       {"events", "event-types", "contacts", "sequences", "runs", "channels",
        "webhooks", "deliveries", "keys", "workspaces", "config", "version"}) {
    CAPTURE(group);
    const auto help = run_troupe({group, "--help"}).output;
    CHECK(help.find(std::string{"Examples:\n  troupe "} + group)
          != std::string::npos);
  }
}
