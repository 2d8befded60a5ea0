// A contact, an event type and a sequence of a case's own, and what is said of
// them.
#pragma once

#include "tests/system/fixture.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace troupe::test {

inline boost::json::value json(const std::string& text) {
  return boost::json::parse(text);
}

class explained : protected with_server {
protected:
  std::string who;
  std::string type;
  std::string key;
  std::string trigger; // on `type`
  const std::string entry = R"("entry":"s",)";

  explained() {
    begin_again();
  }

  void begin_again() {
    who = fresh("usr_");
    type = fresh("explain.");
    key = fresh("explain_");
    trigger = R"("trigger":{"any":[{"event":")" + type + R"("}]},)";
  }

  static std::string nodes(const std::string& text) {
    return R"("nodes":{)" + text + "}";
  }

  /// @param members but the key and the status
  void publish_with(const std::string& members) {
    publish(api,
            R"({"key":")" + key + R"(","status":"active",)" + members + "}");
  }

  api_answer emit(const std::string& name,
                  const std::string& properties = "{}") {
    auto answer = api.emit(event_body(name, by_external_id(who), properties));
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer;
  }

  api_answer ask(const std::string& query = "") {
    return contact_of(api, who, "/sequences/" + key + "/explain" + query);
  }

  api_answer explain(const api_answer& event, const std::string& more = "") {
    auto said = ask("?event=" + event.text("/id") + more);
    UNSCOPED_INFO(said.body);
    REQUIRE(said.status == 200);
    CHECK(said.text("/event") == event.text("/id"));
    return said;
  }

  api_answer refused_by(const std::string& rule, const api_answer& event) {
    auto said = explain(event);
    CHECK(said.text("/verdict") == "refused");
    CHECK(said.text("/first_failed/rule") == rule);
    CHECK(said.at("/first_failed/result") == false);
    return said;
  }

  void write(const std::string& members) {
    const auto done = api.send("PATCH", "/v1/contacts/external_id:" + who,
                               members, {{"Content-Type", "application/json"}});
    INFO(done.body);
    REQUIRE(done.status == 200);
  }

  void set_attribute(const std::string& name, const std::string& value) {
    write(R"({"attributes":{")" + name + R"(":")" + value + "\"}}");
  }

  std::string first_run(const std::string& member) {
    return contact_of(api, who, "/runs").text("/data/0/" + member);
  }
};

} // namespace troupe::test
