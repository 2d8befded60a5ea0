#include "engine/name_search.hpp"

#include <catch2/catch.hpp>

using troupe::engine::name_search;

TEST_CASE("X10 a rejected body names a contact by what identifies it",
          "[engine][erasure]") {
  const name_search search{
    {"usr_1", "42", "ada@example.com", "Ada@Example.com", "+4915112345678"}};
  const auto* const body = GENERATE(
    R"({"contact": {"external_id": "usr_1"}})", R"({"userId": 42})",
    R"([{"distinct_id": "42"}])", R"({"alias": "usr_1"})",
    R"({"to": "ADA@example.COM"})", R"({"note": " ada@example.com "})",
    R"({"phone": "+49 151 12345678"})",
    R"({"cut": "off", "email": "Ada@example.com", "and so)",
    R"({"cut": "off\nada@example.com)");
  CAPTURE(body);
  CHECK(search.is_in_body(body));
}

TEST_CASE(
  "X10 a rejected body that holds the same word for another thing names "
  "nobody",
  "[engine][erasure]") {
  const name_search search{{"42", "gold", "usr_1", "ada@example.com"}};
  const auto* const body = GENERATE(
    R"({"price": 42})", R"({"plan": "gold"})", R"({"text": "42 gold"})",
    R"({"user_id": "usr_10"})", R"({"email": "nada@example.com"})",
    R"({"email": "ada@example.community"})",
    R"({"cut": "off", "user_id": "usr_1", "and so)");
  CAPTURE(body);
  CHECK_FALSE(search.is_in_body(body));
}

TEST_CASE(
  "X10 of a text the words that are an address or a number are looked at",
  "[engine][erasure]") {
  const name_search search{{"gold", "ada@example.com", "+4915112345678"}};
  CHECK(search.is_in_text("<Ada@Example.com> is no e-mail address"));
  CHECK(search.is_in_text("call +4915112345678."));
  CHECK_FALSE(search.is_in_text("the plan gold"));
  CHECK_FALSE(search.is_in_text("nada@example.com"));
  CHECK_FALSE(name_search{{}}.has_names());
}
