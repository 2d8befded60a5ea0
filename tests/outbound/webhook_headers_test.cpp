// Vectors made with `openssl dgst -sha256 -hmac`.
#include "outbound/webhook_headers.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace troupe;
using namespace troupe::outbound;
using engine::webhook_profile;

namespace {

const std::string newest = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const std::string former = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

constexpr std::string_view newest_ms
  = "e264a81b583168b0bf125f144e2da04b1c00a89c567eacc1c4143f13802c7dae";
constexpr std::string_view former_ms
  = "6900313c28b27c5eb2fa8a60a13ac36567081f4d47655449d3d1648876b0a026";
constexpr std::string_view newest_s
  = "0575b7ced08a1d85c649abff3a20a2d81c0c2d4d5fefc81a28298fa2a54f8915";
constexpr std::string_view former_s
  = "34957347348a5559aa4fe887dd6c3b533fa9d4473260a2cb35770c36c60b5447";

using headers = std::map<std::string, std::string>;

headers of(webhook_profile profile, const std::vector<std::string>& secrets) {
  const auto made
    = webhook_headers(profile,
                      {"dlv_2a", std::chrono::milliseconds{1'700'000'000'123},
                       R"({"type":"order.completed"})"},
                      secrets);
  REQUIRE(made);
  return {made->begin(), made->end()};
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const auto each : parts)
    out += each;
  return out;
}

} // namespace

TEST_CASE("profile standard signs id, seconds and body with the decoded secret",
          "[outbound][profiles]") {
  const headers wanted{
    {"webhook-id", "dlv_2a"},
    {"webhook-timestamp", "1700000000"},
    {"webhook-signature", "v1,q7SQEv0L+FA724OrFuKZUOzlwfNERKYnSrs+SdNnzKs="}};
  CHECK(of(webhook_profile::standard, {newest}) == wanted);
}

TEST_CASE("G68 profile genie signs milliseconds and body with the secret's "
          "text",
          "[outbound][profiles]") {
  const headers wanted{
    {"webhook-id", "dlv_2a"},
    {"mailgenius-delivery-id", "dlv_2a"},
    {"mailgenius-timestamp", "1700000000123"},
    {"mailgenius-signature", joined({"t=1700000000123,v1=", newest_ms})}};
  CHECK(of(webhook_profile::genie, {newest}) == wanted);
}

TEST_CASE("G68 profile genie_sdk has seconds and one header",
          "[outbound][profiles]") {
  const headers wanted{
    {"webhook-id", "dlv_2a"},
    {"x-genieos-signature", joined({"t=1700000000,v1=", newest_s})}};
  CHECK(of(webhook_profile::genie_sdk, {newest}) == wanted);
}

TEST_CASE("B72 profile growthos has a bare hex signature and its seconds",
          "[outbound][profiles]") {
  const headers wanted{{"webhook-id", "dlv_2a"},
                       {"x-growthos-timestamp", "1700000000"},
                       {"x-growthos-signature", std::string{newest_s}}};
  CHECK(of(webhook_profile::growthos, {newest}) == wanted);
}

TEST_CASE("R33 profile bearer shows the secret", "[outbound][profiles]") {
  const headers wanted{{"webhook-id", "dlv_2a"},
                       {"authorization", "Bearer " + newest}};
  CHECK(of(webhook_profile::bearer, {newest}) == wanted);
  CHECK(of(webhook_profile::bearer, {newest, former}) == wanted);
}

TEST_CASE("G67 during a rotation both secrets sign where there is room",
          "[outbound][profiles]") {
  const std::vector both{newest, former};
  CHECK(of(webhook_profile::genie, both).at("mailgenius-signature")
        == joined({"t=1700000000123,v1=", newest_ms, ",v1=", former_ms}));
  CHECK(of(webhook_profile::genie_sdk, both).at("x-genieos-signature")
        == joined({"t=1700000000,v1=", newest_s, ",v1=", former_s}));
  const auto growthos = of(webhook_profile::growthos, both);
  CHECK(growthos.at("x-growthos-signature") == newest_s);
  CHECK(growthos.at("x-growthos-signature-previous") == former_s);
  CHECK(of(webhook_profile::standard, both).at("webhook-signature").find(' ')
        != std::string::npos);
}

TEST_CASE("no profile signs without a secret", "[outbound][profiles]") {
  for (const auto& [profile, name] : engine::webhook_profile_names)
    CHECK(webhook_headers(profile, {"dlv_2a", {}, ""}, {}).failure().name
          == "no_signing_secret");
}
