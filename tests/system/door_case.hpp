// What cases about doors begin with: a workspace of their own, a write key, a
// client that shows no key, and how to see what became of what they sent.
#pragma once

#include "tests/system/tenant.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace troupe::test {

class door_case : protected access_case {
protected:
  /// The newest hundred events that the query asks for.
  api_answer events(const std::string& query = "") {
    auto page = own.api.get("/v1/events?limit=100&" + query);
    INFO(page.body);
    REQUIRE(page.status == 200);
    return page;
  }

  std::size_t count(const std::string& query = "") {
    return events(query).at("/data").as_array().size();
  }

  api_answer rejected() {
    return own.api.get("/v1/rejected-events");
  }

  /// Settings of the workspace.
  void set(const std::string& settings) {
    const auto answer
      = own.api.send("PATCH", "/v1/workspaces/" + own.id(), settings,
                     {{"content-type", "application/json"}});
    INFO(answer.body);
    REQUIRE(answer.status == 200);
  }

  tenant own{api};
  std::string key
    = make_key(own.api, R"(["events:write"])", "write").text("/key");
  api_client nobody{shared_server().port()};
  std::string user = fresh("usr_");
};

} // namespace troupe::test
