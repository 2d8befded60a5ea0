// `troupe events tail`: what it shows, and what it does when it is refused or
// loses its server.
#include "tests/system/cli_shell.hpp"

using namespace troupe::test;

namespace {

namespace json = boost::json;

} // namespace

TEST_CASE_METHOD(shell, "events tail shows events as they come",
                 "[system][cli_tail]") {
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
