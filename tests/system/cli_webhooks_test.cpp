// `troupe webhooks`: for who develops a receiver.
#include "tests/system/cli_shell.hpp"

#include <csignal>

using namespace troupe::test;

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds patience{30};

class listening : protected shell {
protected:
  [[nodiscard]] std::vector<std::string> listen_words() const {
    return {"webhooks", "listen", "--event", type, "--output", "ndjson"};
  }

  bool is_subscribed() {
    const auto all
      = troupe({"webhooks", "list", "--limit", "1000", "--output", "ndjson"});
    return all.output.find(type) != std::string::npos;
  }

  std::string type = fresh("cli.heard.");
};

} // namespace

TEST_CASE_METHOD(listening,
                 "webhooks listen shows deliveries with good signatures and "
                 "takes its subscription back",
                 "[system][cli_webhooks]") {
  const auto ending = GENERATE(SIGINT, SIGTERM, SIGHUP);
  process listener{words_of(listen_words()), path("listener.err")};
  REQUIRE(eventually([&] {
    return is_subscribed();
  }));
  REQUIRE(api.emit(event_body(type, by_external_id("usr_1"))).status == 200);
  const auto line = listener.read_line(patience);
  REQUIRE(line);
  const auto heard = json::parse(*line);
  CHECK(heard.at("signature_good") == true);
  CHECK(heard.at("body").at("type") == type.c_str());
  CHECK(is_subscribed());
  listener.signal(ending);
  CHECK(listener.wait(patience) == 0);
  CHECK_FALSE(is_subscribed());
}

TEST_CASE_METHOD(listening,
                 "webhooks listen whose reader goes takes its subscription "
                 "back",
                 "[system][cli_webhooks]") {
  std::string command = "exec 2>>" + path("listener.err") + ";";
  for (const auto& each : words_of(listen_words()))
    command += " '" + each + "'";
  // The shell tells how the listener ended, not how head did.
  process both{
    {"/bin/bash", "-c", command + " | head -1; exit ${PIPESTATUS[0]}"},
    path("shell.err")};
  REQUIRE(eventually([&] {
    return is_subscribed();
  }));
  REQUIRE(api.emit(event_body(type, by_external_id("usr_1"))).status == 200);
  CHECK(both.read_line(patience));
  CHECK(both.wait(patience) == 0);
  INFO(read("listener.err"));
  CHECK_FALSE(is_subscribed());
}

TEST_CASE_METHOD(shell, "webhooks verify tells good signatures from others",
                 "[system][cli_webhooks]") {
  // The example of the Standard Webhooks specification's own test suite.
  const auto secret
    = write("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  const auto body = write("body", R"({"test": 2432232314})");
  const auto verify
    = [&](const std::string& id, const std::string& form = "table") {
        return run_troupe(
          {"webhooks", "verify", "--secret-file", secret, "--id", id,
           "--timestamp", "1614265330", "--signature",
           "v1,wrong v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "--body",
           body, "--output", form});
      };
  const auto good = verify("msg_p5jXN8AQM9LWM0D4loKWxJek");
  CHECK(good.code == 0);
  CHECK(good.output.find("should refuse") != std::string::npos); // it is old
  const auto row
    = json::parse(verify("msg_p5jXN8AQM9LWM0D4loKWxJek", "json").output);
  CHECK(row.at("file") == body.c_str());
  CHECK(row.at("result") == "good");
  CHECK(
    json::parse(verify("msg_other", "ndjson").output).at("problem").at("code")
    == "signature_wrong");
  const auto bad = verify("msg_other");
  CHECK(bad.code == 1);
  CHECK(bad.errors.find("signature_wrong") != std::string::npos);
}

TEST_CASE_METHOD(shell, "webhooks verify knows every profile",
                 "[system][cli_webhooks]") {
  const std::string text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const auto secret = write("secret", text + "\n");
  const auto body = write("body", R"({"type":"order.completed"})");
  const auto verify
    = [&](const std::string& profile, const std::string& signature) {
        return run_troupe({"webhooks", "verify", "--profile", profile,
                           "--secret-file", secret, "--timestamp", "1700000000",
                           "--signature", signature, "--body", body})
          .code;
      };
  const std::string ms
    = "e264a81b583168b0bf125f144e2da04b1c00a89c567eacc1c4143f13802c7dae";
  const std::string s
    = "0575b7ced08a1d85c649abff3a20a2d81c0c2d4d5fefc81a28298fa2a54f8915";
  CHECK(verify("genie", "t=1700000000123,v1=00,v1=" + ms) == 0);
  CHECK(verify("genie", "t=1700000000124,v1=" + ms) == 1);
  CHECK(verify("genie_sdk", "t=1700000000,v1=" + s) == 0);
  CHECK(verify("genie_sdk", "v1=" + s) == 1);
  CHECK(verify("growthos", s) == 0);
  CHECK(verify("growthos", ms) == 1);
  CHECK(verify("bearer", "Bearer " + text) == 0);
  CHECK(verify("bearer", "Bearer whsec_other") == 1);
  CHECK(verify("other", s) == 2);
}
