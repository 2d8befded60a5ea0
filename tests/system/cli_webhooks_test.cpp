// `troupe webhooks`: for who develops a receiver.
#include "tests/system/cli_shell.hpp"

#include <csignal>

using namespace troupe::test;

namespace {

namespace json = boost::json;

} // namespace

TEST_CASE_METHOD(shell,
                 "webhooks listen shows deliveries with good signatures and "
                 "takes its subscription back",
                 "[system][cli_webhooks]") {
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
                 "[system][cli_webhooks]") {
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
