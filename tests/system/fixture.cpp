#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

namespace troupe::test {

troupe_server& shared_server() {
  static troupe_server server;
  return server;
}

std::string fresh(std::string_view prefix) {
  static std::atomic<int> last = 0;
  return std::string{prefix} + std::to_string(++last);
}

std::string by_external_id(std::string_view id) {
  return "{\"external_id\":\"" + std::string{id} + "\"}";
}

std::string by_email(std::string_view address) {
  return "{\"email\":\"" + std::string{address} + "\"}";
}

bool eventually(const std::function<bool()>& holds,
                std::chrono::seconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

api_answer event_of(api_client& api, const api_answer& emitted) {
  return api.get("/v1/events/" + emitted.text("/id"));
}

api_answer contact_of(api_client& api, std::string_view external_id,
                      std::string_view rest) {
  return api.get("/v1/contacts/external_id:" + percent_encode(external_id)
                 + std::string{rest});
}

std::string sequence_on(const std::string& key, const std::string& trigger,
                        const std::string& nodes, const std::string& more) {
  return R"({"key":")" + key + R"(","status":"active","reentry":"always",
    "entry":"s",)"
         + more + R"("trigger":{"any":[{"event":")" + trigger
         + R"("}]},"nodes":{)" + nodes + R"(,"x":{"type":"exit"}}})";
}

void publish(api_client& api, const std::string& definition) {
  const auto saved = api.post("/v1/sequences", definition);
  INFO(saved.body);
  REQUIRE(saved.status == 201);
}

api_answer subscribe(api_client& api, const std::string& url,
                     std::string_view event) {
  auto made = api.post("/v1/webhooks", "{\"url\":\"" + url + "\",\"events\":[\""
                                         + std::string{event} + "\"]}");
  INFO(made.body);
  REQUIRE(made.status == 201);
  return made;
}

} // namespace troupe::test
