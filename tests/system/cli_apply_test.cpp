// Sequences kept as files: validate, diff, apply.
#include "tests/system/cli_shell.hpp"

using namespace troupe::test;

namespace {

namespace json = boost::json;

std::string definition(const std::string& key, const std::string& pause) {
  return R"({"key":")" + key + R"(","name":"Files",
    "trigger":{"any":[{"event":")"
         + key + R"(.began"}]},"entry":"rest",
    "nodes":{"rest":{"type":"wait","for":")"
         + pause + R"(","then":"end"},"end":{"type":"exit"}}})";
}

} // namespace

TEST_CASE_METHOD(shell, "sequences are kept as files: validate, diff, apply",
                 "[system][cli_apply]") {
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
                 "[system][cli_apply]") {
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

TEST_CASE_METHOD(shell, "apply publishes a draft that equals the file",
                 "[system][cli_apply]") {
  const auto key = fresh("cli_draft_");
  const auto file = write("sequence.json", definition(key, "2h"));
  REQUIRE(troupe({"sequences", "apply", file}).code == 0);
  REQUIRE(api.post("/v1/sequences", definition(key, "3h")).status == 201);

  CHECK(troupe({"sequences", "apply", file}).output == key + ": unchanged\n");
  CHECK(troupe({"sequences", "diff", file}).code == 0);

  write("sequence.json", definition(key, "3h"));
  CHECK(troupe({"sequences", "diff", file}).code == 1);
  CHECK(troupe({"sequences", "apply", file}).output
        == key + ": version 2 published\n");
  CHECK(shown({"sequences", "show", key}).at("active_version") == 2);
  CHECK(troupe({"sequences", "apply", file}).output == key + ": unchanged\n");
}

TEST_CASE_METHOD(shell,
                 "a sequence of which only a draft is there is published",
                 "[system][cli_apply]") {
  const auto key = fresh("cli_only_draft_");
  const auto file = write("sequence.json", definition(key, "2h"));
  REQUIRE(api.post("/v1/sequences", definition(key, "2h")).status == 201);
  const auto differs = troupe({"sequences", "diff", file});
  CHECK(differs.code == 1);
  CHECK(differs.output.starts_with(key + " (nothing is published)\n"));
  CHECK(troupe({"sequences", "apply", file}).output
        == key + ": version 1 published\n");
}

TEST_CASE_METHOD(shell, "a pause is a note, not a difference",
                 "[system][cli_apply]") {
  const auto key = fresh("cli_paused_");
  const auto file = write("sequence.json", definition(key, "2h"));
  REQUIRE(troupe({"sequences", "apply", file}).code == 0);
  REQUIRE(troupe({"sequences", "pause", key}).code == 0);
  CHECK(troupe({"sequences", "apply", file}).output
        == key + ": unchanged (paused)\n");
  CHECK(troupe({"sequences", "diff", file}).code == 0);
  CHECK(shown({"sequences", "show", key}).at("version") == 1);
  write("sequence.json", definition(key, "3h"));
  CHECK(troupe({"sequences", "apply", file}).output
        == key + ": version 2 published (paused)\n");
  CHECK(shown({"sequences", "show", key}).at("status") == "paused");
}

TEST_CASE_METHOD(shell, "an archived sequence takes no file, and it is said",
                 "[system][cli_apply]") {
  const auto key = fresh("cli_archived_");
  const auto file = write("sequence.json", definition(key, "2h"));
  REQUIRE(troupe({"sequences", "apply", file}).code == 0);
  REQUIRE(troupe({"sequences", "archive", key}).code == 0);
  const auto refused = troupe({"sequences", "apply", file});
  CHECK(refused.code == 1);
  CHECK(refused.errors.find("archived") != std::string::npos);
}

TEST_CASE_METHOD(shell, "validate, diff and apply give a row for each file",
                 "[system][cli_apply]") {
  const auto key = fresh("cli_rows_");
  const auto good = write("good.json", definition(key, "2h"));
  const auto bad = write("bad.json", "{}");
  for (const std::string name : {"validate", "diff", "apply"}) {
    CAPTURE(name);
    const auto done
      = troupe({"sequences", name, good, bad, "--output", "json"});
    CHECK(done.code == 1);
    const auto rows = json::parse(done.output);
    REQUIRE(rows.as_array().size() == 2);
    CHECK(rows.at(0).at("file") == good.c_str());
    CHECK(rows.at(0).at("key") == key.c_str());
    CHECK(rows.at(0).at("result")
          == (name == "validate" ? "good"
              : name == "diff"   ? "new"
                                 : "published"));
    CHECK(rows.at(1).at("file") == bad.c_str());
    CHECK(rows.at(1).at("result") == "refused");
    CHECK(rows.at(1).at("problem").at("code").is_string());
  }
}
