// The description of the API as a person or a tool gets it.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

using namespace troupe::test;

namespace {

class without_key {
protected:
  api_client api{shared_server().port()};
};

} // namespace

TEST_CASE_METHOD(without_key,
                 "the description of the API is served as JSON and as YAML",
                 "[system][documentation]") {
  const auto json = api.get("/openapi.json");
  CHECK(json.status == 200);
  CHECK(json.text("/openapi") == "3.1.0");
  CHECK(json.header("content-type") == "application/json");
  const auto yaml = api.get("/openapi.yaml");
  CHECK(yaml.status == 200);
  CHECK(yaml.body.starts_with("openapi: 3.1.0\n"));
}

TEST_CASE_METHOD(without_key,
                 "who has the description already is told so, who takes gzip "
                 "gets gzip",
                 "[system][documentation]") {
  const auto whole = api.get("/openapi.json");
  const auto tag = whole.header("etag");
  REQUIRE_FALSE(tag.empty());
  CHECK(api.get("/openapi.json", {{"If-None-Match", tag}}).status == 304);
  CHECK(api.get("/openapi.json", {{"If-None-Match", "\"x\""}}).status == 200);
  const auto refused
    = api.get("/openapi.json", {{"Accept-Encoding", "gzip;q=0"}});
  CHECK(refused.body == whole.body);
  const auto zipped = api.get("/openapi.yaml", {{"Accept-Encoding", "gzip"}});
  CHECK(zipped.header("content-encoding") == "gzip");
  CHECK(zipped.header("vary") == "Accept-Encoding");
  CHECK(zipped.body.starts_with("\x1f\x8b"));
}

TEST_CASE_METHOD(without_key,
                 "D1 the page of the API loads nothing from elsewhere and "
                 "nothing inline",
                 "[system][documentation]") {
  const auto page = api.get("/docs");
  CHECK(page.status == 200);
  if (page.header("content-type") == "text/plain; charset=utf-8")
    return; // built without its parts, and says so
  const auto policy = page.header("content-security-policy");
  CHECK(policy.find("default-src 'none'") != policy.npos);
  CHECK(policy.find("script-src 'self';") != policy.npos);
  CHECK(policy.find("style-src 'self';") != policy.npos);
  CHECK(policy.find("unsafe") == policy.npos);
  CHECK(page.header("x-content-type-options") == "nosniff");
  for (const auto* part : {"page.js", "page.css", "swagger-ui.css",
                           "swagger-ui-bundle.js", "licence.txt"}) {
    CAPTURE(part);
    CHECK(api.get(std::string{"/docs/"} + part).status == 200);
  }
  CHECK(api.get("/docs/package.json").status == 404);
}

TEST_CASE_METHOD(without_key,
                 "pages of any origin load the script, which is below 5 kB",
                 "[system][documentation]") {
  const auto script = api.get("/troupe.js");
  CHECK(script.status == 200);
  CHECK(script.header("content-type") == "text/javascript; charset=utf-8");
  CHECK(script.header("access-control-allow-origin") == "*");
  CHECK(script.header("cross-origin-resource-policy") == "cross-origin");
  CHECK(script.body.size() > 1000);
  CHECK(script.body.size() < 5000);
  const auto tag = script.header("etag");
  CHECK(api.get("/troupe.js", {{"If-None-Match", tag}}).status == 304);
}
