#include "http/query.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace troupe::http;

namespace {

std::string failure_of(std::string_view raw) {
  const auto parsed = parse_query(raw);
  if (parsed)
    return "";
  CHECK(parsed.failure().code == troupe::engine::errc::invalid_request);
  return parsed.failure().name + parsed.failure().pointer;
}

} // namespace

TEST_CASE("a query is decoded into named parameters", "[http][query]") {
  const auto parsed = parse_query("a=1&b=%C3%A9+x%2By&&c&d==&e=a/b?c");
  REQUIRE(parsed);
  CHECK(parsed->find("a") == "1");
  CHECK(parsed->find("b") == "\xc3\xa9 x+y");
  CHECK(parsed->find("c") == "");
  CHECK(parsed->find("d") == "=");
  CHECK(parsed->find("e") == "a/b?c");
  CHECK_FALSE(parsed->find("f"));
  CHECK(parsed->all().size() == 5);
  CHECK(parse_query("")->all().empty());
}

TEST_CASE("brackets and dots spell one name", "[http][query]") {
  for (const auto* raw :
       {"contact[external_id]=u", "contact.external_id=u",
        "contact%5Bexternal_id%5D=u", "contact%5bexternal_id%5d=u"}) {
    const auto parsed = parse_query(raw);
    REQUIRE(parsed);
    CHECK(parsed->find("contact.external_id") == "u");
  }
  CHECK(parse_query("a[b][c]=u")->find("a.b.c") == "u");
  CHECK(failure_of("contact[email]=a&contact.email=b")
        == "query_parameter_duplicate/contact.email");
}

TEST_CASE("a query that can not be kept names its parameter", "[http][query]") {
  CHECK(failure_of("a=1&a=1") == "query_parameter_duplicate/a");
  CHECK(failure_of("a=%zz") == "query_parameter_invalid/a");
  CHECK(failure_of("a=%4") == "query_parameter_invalid/a");
  CHECK(failure_of("a=%ff") == "query_parameter_invalid/a");
  CHECK(failure_of("a=%ed%a0%80") == "query_parameter_invalid/a");
  CHECK(failure_of("a=%c0%80") == "query_parameter_invalid/a");
  CHECK(failure_of("a=x%00") == "query_parameter_invalid/a");
  CHECK(failure_of("%ff=1") == "query_parameter_invalid/%ff");
  CHECK(failure_of("=1") == "query_parameter_invalid/");
  CHECK(failure_of("a[=1") == "query_parameter_invalid/a[");
  CHECK(failure_of("a]=1") == "query_parameter_invalid/a]");
  CHECK(failure_of("a[]=1") == "query_parameter_invalid/a[]");
  CHECK(failure_of("[a]=1") == "query_parameter_invalid/[a]");
  CHECK(failure_of("a[b]c=1") == "query_parameter_invalid/a[b]c");
  CHECK(failure_of("a~/=%zz") == "query_parameter_invalid/a~0~1");
}

TEST_CASE("the number and size of parameters are bounded", "[http][query]") {
  std::string raw;
  for (int i = 0; i < 64; ++i)
    raw += "p" + std::to_string(i) + "=1&";
  CHECK(parse_query(raw)->all().size() == 64);
  CHECK(failure_of(raw + "q=1") == "query_too_many_parameters");
  CHECK(failure_of("a=" + std::string(2048, 'x')) == "");
  CHECK(failure_of("a=" + std::string(2049, 'x'))
        == "query_parameter_too_long/a");
  CHECK(failure_of(std::string(129, 'n') + "=1")
          .starts_with("query_parameter_too_long"));
}
