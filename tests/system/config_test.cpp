// The configuration in layers, through `troupe config` of the real binary.
#include "tests/support/command.hpp"
#include "tests/support/process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

using namespace troupe::test;
using Catch::Contains;

namespace json = boost::json;

namespace {

/// Two values for a key as the file writes them, which are no defaults, and
/// what else must be set so that they make sense.
struct sample {
  std::string flag;
  std::string first;
  std::string second;
  std::vector<std::string> needs = {};
  bool is_secret = false;
};

const std::map<std::string, sample>& samples() {
  static const std::vector<std::string> tls{"TROUPE_SERVER_TLS_LISTEN=[::1]:1",
                                            "TROUPE_SERVER_TLS_CERTIFICATE=c",
                                            "TROUPE_SERVER_TLS_KEY=k"};
  static const std::map<std::string, sample> all{
    {"store.data_dir", {"--data-dir", R"("one")", R"("two words")"}},
    {"store.url",
     {"--store",
      R"("postgresql://one@db.example/a")",
      R"("postgres:///b?user=two")",
      {},
      true}},
    {"store.first_key_file", {"--first-key-file", R"("/a")", R"("/b")"}},
    {"server.listen", {"--listen", R"("127.0.0.1:1")", R"("[::1]:2")"}},
    {"server.tls_listen",
     {"--tls-listen",
      R"("127.0.0.1:3")",
      R"("127.0.0.1:4")",
      {tls[1], tls[2]}}},
    {"server.tls_certificate",
     {"--tls-certificate", R"("/c1")", R"("/c2")", {tls[0], tls[2]}}},
    {"server.tls_key", {"--tls-key", R"("/k1")", R"("/k2")", {tls[0], tls[1]}}},
    {"server.trusted_proxies",
     {"--trusted-proxy", R"(["10.0.0.0/8","fd00::/8"])", R"(["10.0.0.1"])"}},
    {"server.public_url",
     {"--public-url", R"("https://a.example")", R"("http://b.example:8080")"}},
    {"server.request_deadline", {"--request-deadline", "1", "60"}},
    {"server.shutdown_timeout", {"--shutdown-timeout", "1", "3600"}},
    {"webhooks.allow_private", {"--allow-private-webhooks", "true", "false"}},
    {"log.format", {"--log-format", R"("json")", R"("text")"}},
    {"log.level", {"--log-level", R"("debug")", R"("error")"}},
  };
  return all;
}

std::string variable_of(const std::string& key) {
  auto name = "TROUPE_" + key;
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '.'
             ? '_'
             : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return name;
}

/// As a variable or a flag writes it.
std::vector<std::string> plain(const std::string& literal) {
  const auto value = json::parse(literal);
  if (value.is_string())
    return {std::string{value.get_string()}};
  if (!value.is_array())
    return {literal};
  std::vector<std::string> items;
  for (const auto& each : value.get_array())
    items.emplace_back(each.get_string());
  return items;
}

std::string joined(const std::vector<std::string>& items) {
  std::string all;
  for (const auto& each : items)
    all += (all.empty() ? "" : ",") + each;
  return all;
}

/// A file for one test, and `troupe config` with it.
class with_file {
protected:
  std::string write(const std::string& content) {
    const auto file = directory.path() + "/troupe.toml";
    std::ofstream{file} << content;
    return file;
  }

  command_result check(const std::string& content) {
    return run_troupe({"config", "check", "--config", write(content)});
  }

  /// What `config show` says of the key.
  json::object shown(const std::string& key, std::vector<std::string> arguments,
                     const std::vector<std::string>& environment) {
    arguments.insert(arguments.begin(),
                     {"config", "show", "--origin", "--output", "json"});
    const auto result = run_troupe(arguments, environment);
    INFO(result.errors);
    REQUIRE(result.code == 0);
    const auto rows = json::parse(result.output);
    for (const auto& each : rows.as_array())
      if (each.at("key").as_string() == key)
        return each.as_object();
    FAIL("no such key: " << key);
    return {};
  }

  temporary_directory directory;
};

void check_is(const json::object& shown, const std::string& literal,
              const std::string& origin, const std::string& where) {
  CHECK(json::serialize(shown.at("value")) == literal);
  CHECK(shown.at("origin").as_string() == origin.c_str());
  CHECK(shown.at("where").as_string() == where.c_str());
}

std::vector<std::string> flag_of(const sample& of, const std::string& literal) {
  if (literal == "true" || literal == "false")
    return {of.flag + "=" + literal};
  std::vector<std::string> words;
  for (const auto& each : plain(literal)) {
    words.push_back(of.flag);
    words.push_back(each);
  }
  return words;
}

} // namespace

TEST_CASE_METHOD(with_file,
                 "every setting can be set in each layer, and the upper wins",
                 "[system][config]") {
  const auto all = run_troupe({"config", "show", "--output", "json"});
  REQUIRE(all.code == 0);
  const auto keys = json::parse(all.output).as_array();
  CHECK(keys.size() == samples().size());
  for (const auto& row : keys) {
    const std::string key{row.at("key").as_string()};
    INFO(key);
    REQUIRE(samples().count(key) == 1);
    const auto& with = samples().at(key);
    const auto shows = [&with](const std::string& literal) {
      return with.is_secret ? std::string{R"("***")"} : literal;
    };
    const auto dot = key.find('.');
    const auto file = write("[" + key.substr(0, dot) + "]\n"
                            + key.substr(dot + 1) + " = " + with.first + "\n");
    const std::vector<std::string> by_file{"--config", file};
    const auto at_file = file + ":2:1";
    check_is(shown(key, by_file, with.needs), shows(with.first), "file",
             at_file);

    const auto variable = variable_of(key);
    auto environment = with.needs;
    environment.push_back(variable + "=" + joined(plain(with.second)));
    check_is(shown(key, {}, environment), shows(with.second), "environment",
             variable);
    check_is(shown(key, by_file, environment), shows(with.second),
             "environment", variable);

    const auto flag = flag_of(with, with.first);
    check_is(shown(key, flag, with.needs), shows(with.first), "flag",
             with.flag);
    auto over_all = flag;
    over_all.insert(over_all.end(), by_file.begin(), by_file.end());
    check_is(shown(key, over_all, environment), shows(with.first), "flag",
             with.flag);
  }
}

TEST_CASE_METHOD(with_file, "what nothing sets has its default",
                 "[system][config]") {
  check_is(shown("server.listen", {}, {}), R"("127.0.0.1:8080")", "default",
           "");
  check_is(shown("server.request_deadline", {}, {}), "10", "default", "");
}

TEST_CASE_METHOD(with_file, "plain HTTP is off by default once HTTPS is on",
                 "[system][config]") {
  const std::vector<std::string> tls{"TROUPE_SERVER_TLS_LISTEN=127.0.0.1:1",
                                     "TROUPE_SERVER_TLS_CERTIFICATE=c",
                                     "TROUPE_SERVER_TLS_KEY=k"};
  check_is(shown("server.listen", {}, tls), R"("")", "default", "");
  check_is(shown("server.listen", {"--listen", "127.0.0.1:2"}, tls),
           R"("127.0.0.1:2")", "flag", "--listen");
}

TEST_CASE_METHOD(with_file, "a variable can name a file that has the value",
                 "[system][config]") {
  const auto file = directory.path() + "/proxies";
  std::ofstream{file} << "10.0.0.0/8\r\n192.168.1.1\n\n";
  const auto name = std::string{"TROUPE_SERVER_TRUSTED_PROXIES"};
  check_is(shown("server.trusted_proxies", {}, {name + "_FILE=" + file}),
           R"(["10.0.0.0/8","192.168.1.1"])", "environment", name + "_FILE");
  const auto both = run_troupe({"config", "check"},
                               {name + "=10.0.0.1", name + "_FILE=" + file});
  CHECK(both.code == 1);
  CHECK_THAT(both.errors, Contains("are both set"));
  const auto missing
    = run_troupe({"config", "check"}, {name + "_FILE=/nowhere/at/all"});
  CHECK(missing.code == 1);
  CHECK_THAT(missing.errors, Contains("cannot read /nowhere/at/all"));
}

TEST_CASE_METHOD(with_file, "unknown keys are errors with a suggestion",
                 "[system][config]") {
  const auto result = check("[server]\nlisen = \"x\"\n\n[logs]\nlevel = 1\n");
  CHECK(result.code == 1);
  CHECK_THAT(result.errors,
             Contains("troupe.toml:2:1: unknown key \"server.lisen\"; did you "
                      "mean \"server.listen\"?"));
  CHECK_THAT(result.errors, Contains("troupe.toml:4:2: unknown key \"logs\""));
  const auto variable
    = run_troupe({"config", "check"}, {"TROUPE_SERVER_LISEN=127.0.0.1:1"});
  CHECK(variable.code == 1);
  CHECK_THAT(variable.errors,
             Contains("unknown variable TROUPE_SERVER_LISEN; did you mean "
                      "\"TROUPE_SERVER_LISTEN\"?"));
  const auto short_one
    = run_troupe({"config", "check"}, {"TROUPE_LISTEN=127.0.0.1:1"});
  CHECK_THAT(short_one.errors, Contains("\"TROUPE_SERVER_LISTEN\""));
  const auto flag = run_troupe({"config", "check", "--lisen", "x"});
  CHECK(flag.code == 2);
  CHECK_THAT(flag.errors, Contains("did you mean \"--listen\"?"));
}

TEST_CASE("what an orchestrator says of services is no mistake",
          "[system][config]") {
  const auto result = run_troupe(
    {"config", "check"},
    {"TROUPE_SERVICE_HOST=10.0.0.1", "TROUPE_PORT=tcp://10.0.0.1:8080",
     "TROUPE_SERVICE_PORT_HTTP=8080", "TROUPE_PORT_8080_TCP_ADDR=10.0.0.1"});
  INFO(result.errors);
  CHECK(result.code == 0);
}

TEST_CASE_METHOD(with_file, "a file that is no TOML is shown line and column",
                 "[system][config]") {
  const auto result = check("[server]\nlisten = \"127.0.0.1:1\n");
  CHECK(result.code == 1);
  CHECK_THAT(result.errors, Contains("troupe.toml:2:"));
}

TEST_CASE_METHOD(with_file,
                 "wrong types and values say key, layer and what is expected",
                 "[system][config]") {
  const auto result
    = check("[server]\nrequest_deadline = \"10\"\nshutdown_timeout = 0\n"
            "trusted_proxies = \"10.0.0.1\"\nlisten = \"nowhere\"\n"
            "[log]\nlevel = \"loud\"\n[webhooks]\nallow_private = 1\n");
  CHECK(result.code == 1);
  CHECK_THAT(result.errors,
             Contains("server.request_deadline (file ")
               && Contains(":2:1): expected a whole number of seconds from 1 "
                           "to 60, not a string"));
  CHECK_THAT(result.errors, Contains(":3:1): \"0\" is not a whole number of "
                                     "seconds from 1 to 3600"));
  CHECK_THAT(result.errors,
             Contains(":4:1): expected a list of texts, not a string"));
  CHECK_THAT(result.errors,
             Contains(":5:1): \"nowhere\": HOST:PORT is wanted"));
  CHECK_THAT(
    result.errors,
    Contains(":7:1): \"loud\" is not one of debug, info, warn, error"));
  CHECK_THAT(result.errors,
             Contains(":9:1): expected true or false, not an integer"));
  const auto variable
    = run_troupe({"config", "check"}, {"TROUPE_SERVER_REQUEST_DEADLINE=ten"});
  CHECK_THAT(variable.errors,
             Contains("server.request_deadline (environment "
                      "TROUPE_SERVER_REQUEST_DEADLINE): \"ten\" is not"));
  const auto flag = run_troupe({"config", "check", "--request-deadline", "61"});
  CHECK(flag.code == 1);
  CHECK_THAT(flag.errors, Contains("(flag --request-deadline): \"61\" is not"));
}

TEST_CASE_METHOD(with_file, "what does not fit together is said",
                 "[system][config]") {
  CHECK_THAT(check("[server]\ntls_key = \"k\"\n").errors,
             Contains("are set together or not at all"));
  CHECK_THAT(check("[server]\nlisten = \"\"\n").errors,
             Contains("nothing would be served"));
  const auto files
    = check("[server]\ntls_listen = \"127.0.0.1:0\"\ntls_certificate = "
            "\"/nowhere\"\ntls_key = \"/nowhere\"\n");
  CHECK(files.code == 1);
  CHECK_THAT(files.errors, Contains("/nowhere"));
}

TEST_CASE("a file that was asked for must be there", "[system][config]") {
  const auto result = run_troupe({"serve", "--config", "/nowhere/troupe.toml"});
  CHECK(result.code == 1);
  CHECK_THAT(result.errors, Contains("cannot read /nowhere/troupe.toml"));
}

TEST_CASE_METHOD(with_file, "the reference is a file that sets nothing",
                 "[system][config]") {
  const auto reference = run_troupe({"config", "reference"});
  REQUIRE(reference.code == 0);
  const auto result = check(reference.output);
  INFO(result.errors);
  CHECK(result.code == 0);
  // Without the signs of comments before keys it sets every default.
  std::string set;
  std::istringstream lines{reference.output};
  for (std::string line; std::getline(lines, line);)
    set += (line.starts_with("#") && !line.starts_with("# ") ? line.substr(1)
                                                             : line)
           + "\n";
  const auto shown = run_troupe(
    {"config", "show", "--output", "json", "--config", write(set)});
  INFO(shown.errors);
  REQUIRE(shown.code == 0);
  CHECK(shown.output
        == run_troupe({"config", "show", "--output", "json"}).output);
  const auto rows = json::parse(shown.output);
  for (const auto& row : rows.as_array()) {
    const std::string key{row.at("key").as_string()};
    CHECK_THAT(set, Contains("\n" + key.substr(key.find('.') + 1) + " = "));
  }
}

TEST_CASE("the public URL is a host and nothing behind it, so that paths can "
          "be",
          "[system][config]") {
  for (const auto* url :
       {"https://", "ftp://a.example", "a.example", "https://a.example/",
        "https://a.example?q", "https://u@a.example", "https://a example"}) {
    INFO(url);
    const auto said = run_troupe({"config", "check", "--public-url", url});
    CHECK(said.code != 0);
    CHECK_THAT(said.output + said.errors, Contains("a host, without a path"));
  }
}

TEST_CASE("documents show what the table says", "[system][config]") {
  const auto content = [](const std::string& file) {
    std::ostringstream text;
    text << std::ifstream{TROUPE_SOURCE_DIRECTORY "/" + file}.rdbuf();
    return text.str();
  };
  CHECK_THAT(
    content("docs/configuration.md"),
    Contains(
      run_troupe({"config", "reference", "--output", "markdown"}).output));
  CHECK(content("deploy/troupe.toml")
        == run_troupe({"config", "reference"}).output);
}

TEST_CASE("the version is told in one line and as JSON", "[system][config]") {
  const auto line = run_troupe({"--version"});
  CHECK(line.code == 0);
  CHECK(std::count(line.output.begin(), line.output.end(), '\n') == 1);
  CHECK(line.output == run_troupe({"version"}).output);
  const auto all = json::parse(run_troupe({"version", "--json"}).output);
  for (const auto* each : {"version", "commit", "date"})
    CHECK_THAT(line.output, Contains(std::string{all.at(each).as_string()}));
}

TEST_CASE("a command line that makes no sense ends with 2",
          "[system][config]") {
  CHECK(run_troupe({}).code == 2);
  const auto unknown = run_troupe({"serv"});
  CHECK(unknown.code == 2);
  CHECK_THAT(unknown.errors, Contains("did you mean \"serve\"?"));
  CHECK(run_troupe({"config"}).code == 2);
  CHECK(run_troupe({"serve", "--help"}).code == 0);
}
