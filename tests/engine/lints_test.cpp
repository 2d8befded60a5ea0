#include "engine/json_text.hpp"
#include "engine/lints.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace troupe::engine;

namespace {

boost::json::object object(const char* text) {
  return boost::json::parse(text).as_object();
}

std::string found(const char* text) {
  std::string out;
  for (const auto& each : lints_of(object(text), "x"))
    out += std::string{each.code} + "@" + each.path + " ";
  return out;
}

} // namespace

TEST_CASE("G82 what looks like a card number has 13 to 19 digits and a right "
          "check digit") {
  CHECK(looks_like_card_number("4111111111111111"));
  CHECK(looks_like_card_number("4111 1111 1111 1111"));
  CHECK(looks_like_card_number("5500-0000-0000-0004"));
  CHECK(looks_like_card_number("378282246310005"));
  for (const auto* other :
       {"4111111111111112", "411111111111", "", "41111111111111111111",
        "4111  111111111111", "-4111111111111111", "4111111111111111 ",
        "411111111111111a", "0000000000000000"}) {
    INFO(other);
    CHECK_FALSE(looks_like_card_number(other));
  }
}

TEST_CASE("G46 addresses and payment methods are linted at every depth") {
  CHECK(found(R"({"plan":"pro","total_pence":4299})").empty());
  CHECK(found(R"({"card":"4111111111111111"})") == "card_number@card ");
  CHECK(found(R"({"a":{"b":["x","4111 1111 1111 1111"]}})")
        == "card_number@a.b.1 ");
  CHECK(found(R"({"number":4111111111111111})") == "card_number@number ");
  CHECK(found(R"({"shipping_address":{"street":"1 High St"}})")
        == "postal_address@shipping_address "
           "postal_address@shipping_address.street ");
  CHECK(found(R"({"user_password":"x","api_key":"y"})")
        == "secret@user_password secret@api_key ");
  CHECK(found(R"({"passenger":"x","ip_address":"a","tokens_left":4})").empty());
}

TEST_CASE("B64 e-mail addresses, telephone numbers and names of people are "
          "linted, whatever the style of their key") {
  CHECK(found(R"({"email":"a","mrr_cents":9900,"plan":"Pro Plan"})")
        == "pii_property@email ");
  CHECK(found(R"({"customerEmail":"a","home_phone":"1","phone_number":2})")
        == "pii_property@customerEmail pii_property@home_phone "
           "pii_property@phone_number ");
  CHECK(found(R"({"first_name":"a","Last Name":"b","name":"c"})")
        == "pii_property@first_name pii_property@Last Name "
           "pii_property@name ");
  CHECK(found(R"({"user":{"name":"Ada"},"product":{"name":"Shirt"}})")
        == "pii_property@user.name ");
  CHECK(found(R"({"to":["x","ada@example.com"],"masked":"••••"})")
        == "pii_property@to.1 pii_property@masked ");
  CHECK(found(R"({"email_count":2,"plan_name":"pro","headphones":"x",
                  "email_opened":true,"email":null,"file_name":"a.txt",
                  "handle":"@ada","text":"write to ada@example.com"})")
          .empty());
  CHECK(
    lints_of(object(R"({"traits":{"email":"ada@example.com"}})"), "$identify")
      .empty());
}

TEST_CASE("G82 card numbers and secrets are masked, the rest is as it was") {
  CHECK(to_json(masked(object(
          R"({"a":1,"password":{"x":1},"b":[{"c":"4111 1111 1111 1111"}]})")))
        == R"({"a":1,"password":"••••","b":[{"c":"••••1111"}]})");
}
