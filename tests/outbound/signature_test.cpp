#include "engine/base64.hpp"
#include "outbound/signature.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace troupe::outbound;
using troupe::engine::base64_decode;
using troupe::engine::base64_encode;

namespace {

std::string key_of(std::string_view secret) {
  // Not by decode_signing_secret: one recorded secret is shorter than ours.
  return base64_decode(secret.substr(std::string_view{"whsec_"}.size()))
    .value();
}

std::string signature_of(std::string_view secret, std::string_view id,
                         std::int64_t at, std::string_view body) {
  const std::vector<std::string> keys{key_of(secret)};
  const auto headers = standard_webhook_headers(id, at, body, keys);
  REQUIRE(headers);
  return (*headers)[2].second;
}

constexpr std::string_view specification_secret
  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view recorded_secret
  = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

} // namespace

TEST_CASE("signatures agree with the recorded vectors of Standard Webhooks",
          "[outbound][signature]") {
  CHECK(signature_of(specification_secret, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                     1614265330, R"({"test": 2432232314})")
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  CHECK(signature_of("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf",
                     1731705121,
                     R"({"event_type":"ping","data":{"success":true}})")
        == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
  CHECK(signature_of(recorded_secret, "msg_2a", 1700000000,
                     R"({"type":"order.completed",)"
                     R"("timestamp":"2026-01-02T03:04:05.000Z",)"
                     R"("data":{"contact":"usr_123"}})")
        == "v1,RnhT1uFrpy9TO4TzOgUS07fThVo5DsjEjjvPfLvTeyk=");
}

TEST_CASE("a delivery carries webhook-id, -timestamp in seconds and -signature",
          "[outbound][signature]") {
  const std::vector<std::string> keys{key_of(recorded_secret)};
  const auto headers
    = *standard_webhook_headers("msg_2a", 1700000000, "", keys);
  REQUIRE(headers.size() == 3);
  CHECK(headers[0]
        == std::pair<std::string, std::string>{"webhook-id", "msg_2a"});
  CHECK(
    headers[1]
    == std::pair<std::string, std::string>{"webhook-timestamp", "1700000000"});
  CHECK(headers[2].first == "webhook-signature");
}

TEST_CASE("during a rotation every key signs, separated by spaces",
          "[outbound][signature]") {
  const std::vector<std::string> keys{key_of(specification_secret),
                                      key_of(recorded_secret)};
  const auto both
    = (*standard_webhook_headers("msg_1", 5, "b", keys))[2].second;
  CHECK(both
        == signature_of(specification_secret, "msg_1", 5, "b") + " "
             + signature_of(recorded_secret, "msg_1", 5, "b"));
}

TEST_CASE("W14 an id with a dot, or none, is not signed",
          "[outbound][signature]") {
  const std::vector<std::string> keys{key_of(recorded_secret)};
  CHECK(
    standard_webhook_headers("msg_1.1700000000", 5, "b", keys).failure().name
    == "invalid_webhook_id");
  CHECK(standard_webhook_headers("", 5, "b", keys).failure().name
        == "invalid_webhook_id");
  CHECK(standard_webhook_headers("msg_1", 5, "b", {}).failure().name
        == "no_signing_secret");
}

TEST_CASE("a changed id, time, body or key changes the signature",
          "[outbound][signature]") {
  const std::set<std::string> all{
    signature_of(recorded_secret, "msg_1", 5, "b"),
    signature_of(recorded_secret, "msg_2", 5, "b"),
    signature_of(recorded_secret, "msg_1", 6, "b"),
    signature_of(recorded_secret, "msg_1", 5, "c"),
    signature_of(specification_secret, "msg_1", 5, "b")};
  CHECK(all.size() == 5);
}

TEST_CASE("new signing secrets are whsec_ and 32 bytes, each another",
          "[outbound][signature]") {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) {
    const auto secret = *make_signing_secret();
    CHECK(secret.starts_with("whsec_"));
    CHECK(decode_signing_secret(secret)->size() == 32);
    secrets.insert(secret);
  }
  CHECK(secrets.size() == 100);
}

TEST_CASE("signing secrets hold 24 to 64 bytes in base64",
          "[outbound][signature]") {
  const auto decodes = [](const std::string& text) {
    return decode_signing_secret(text).has_value();
  };
  const auto of_size = [](std::size_t size) {
    return "whsec_" + base64_encode(std::string(size, 'k'));
  };
  CHECK_FALSE(decodes(of_size(23)));
  CHECK(decodes(of_size(24)));
  CHECK(decodes(of_size(64)));
  CHECK_FALSE(decodes(of_size(65)));
  CHECK_FALSE(decodes(base64_encode(std::string(32, 'k'))));
  CHECK_FALSE(decodes("whsec_my-secret"));
  CHECK_FALSE(decodes("whsec_"));
  CHECK_FALSE(decodes(""));
}
