// A team that speaks Sendmator's dialect.
#pragma once

#include "engine/time.hpp"
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

namespace troupe::test {

/// A workspace of its own, and how its products call.
class team {
public:
  explicit team(troupe_server& server, const std::string& kind = "live")
    : plain{server.port()} {
    auto admin = server.client();
    const auto made
      = admin.post("/v1/workspaces", R"({"name":")" + fresh("team ")
                                       + R"(","kind":")" + kind + "\"}");
    INFO(made.body);
    REQUIRE(made.status == 201);
    id = made.text("/id");
    key = made.text("/key");
    api = api_client{server.port(), key};
  }

  /// After a new start, on another port.
  void find(const troupe_server& server) {
    plain = api_client{server.port()};
    api = api_client{server.port(), key};
  }

  [[nodiscard]] header_list headers() const {
    return {{"X-API-Key", key}, {"X-Team-ID", id}};
  }

  api_answer post(const std::string& path, const std::string& body,
                  const header_list& more = {}) {
    auto all = headers();
    all.insert(all.end(), more.begin(), more.end());
    return plain.post("/api/v1" + path, body, all);
  }

  api_answer get(const std::string& path) {
    return plain.get("/api/v1" + path, headers());
  }

  api_answer ask(const std::string& method, const std::string& path,
                 const std::string& body = {}) {
    auto all = headers();
    all.emplace_back("Content-Type", "application/json");
    return plain.send(method, "/api/v1" + path, body, all);
  }

  api_answer cancel(const std::string& trigger) {
    return ask("DELETE", "/triggers/" + trigger);
  }

  api_answer send(const std::string& body, const header_list& more = {}) {
    return post("/events/send", body, more);
  }

  /// A new event type that is active.
  std::string type(const std::string& prefix) {
    auto name = fresh(prefix);
    const auto made = post("/event-types", R"({"name":")" + name + "\"}");
    INFO(made.body);
    REQUIRE(made.status == 201);
    return name;
  }

  api_answer trigger(const api_answer& sent, const std::string& rest = "") {
    return get("/triggers/" + sent.text("/trigger_id") + rest);
  }

  /// The trigger when it is over.
  api_answer over(const api_answer& sent) {
    api_answer seen;
    REQUIRE(eventually([&] {
      seen = trigger(sent);
      return seen.text("/status") == "completed"
             || seen.text("/status") == "failed";
    }));
    INFO(seen.body);
    CHECK(seen.number("/summary/sent") + seen.number("/summary/failed")
            + seen.number("/summary/filtered")
          == seen.number("/summary/total_contacts"));
    return seen;
  }

  /// How often the contact had the event.
  std::size_t heard(const std::string& who, const std::string& event) {
    const auto found
      = api.get("/v1/events?contact[external_id]=" + who + "&type=" + event);
    REQUIRE(found.status == 200);
    return found.at("/data").as_array().size();
  }

  std::string id;
  std::string key;
  api_client plain;
  api_client api{0}; // with the native API's key
};

/// The members of an event about a contact, and more.
inline std::string event_for(const std::string& type, const std::string& who,
                             const std::string& more = "") {
  return R"({"event_name":")" + type
         + R"(","user_info":{"contact_external_id":")" + who + "\"}" + more
         + "}";
}

inline std::string in_from_now(std::chrono::milliseconds after) {
  return engine::to_iso8601(std::chrono::floor<std::chrono::milliseconds>(
    std::chrono::system_clock::now() + after));
}

inline std::string at(const std::string& time) {
  return R"(,"trigger_at":")" + time + "\"";
}

inline std::string message(const std::string& text, const std::string& then) {
  return R"({"type":"send","channel":"capture","text":")" + text
         + R"(","then":")" + then + "\"}";
}

inline void check_refused(const api_answer& answer, int status,
                          const std::string& message,
                          const std::string& words) {
  INFO(answer.body);
  CHECK(answer.status == status);
  CHECK(answer.json.as_object().size() == 3);
  CHECK(answer.number("/statusCode") == status);
  CHECK(answer.text("/message") == message);
  CHECK(answer.text("/error") == words);
}

} // namespace troupe::test
