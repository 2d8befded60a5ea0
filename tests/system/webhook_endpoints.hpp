// What the tests of webhook endpoints start from.
#pragma once

#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace troupe::test {

inline constexpr std::chrono::seconds patience{20};

class webhooks : protected with_server {
protected:
  std::string made(const std::string& url, const std::string& event) {
    const auto answer = subscribe(api, url, event);
    secret = answer.text("/signing_secret");
    return answer.text("/id");
  }

  api_answer change(const std::string& id, const std::string& body) {
    return api.send("PATCH", "/v1/webhooks/" + id, body,
                    {{"Content-Type", "application/json"}});
  }

  api_answer shown(const std::string& id) {
    return api.get("/v1/webhooks/" + id);
  }

  api_answer emit() {
    auto answer = api.emit(event_body(type, by_external_id(fresh("usr_"))));
    REQUIRE(answer.status == 200);
    return answer;
  }

  std::string type = fresh("webhook.sent.");
  std::string secret;
};

inline std::set<std::string>
events_of(const std::vector<received_call>& calls) {
  std::set<std::string> ids;
  for (const auto& call : calls)
    ids.insert(std::string{call.json.at("id").as_string()});
  return ids;
}

} // namespace troupe::test
