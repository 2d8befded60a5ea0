// Golden replay: what real clients sent (tests/wire) is sent again, and the API
// shows what became of it.
#include "engine/json_text.hpp"
#include "engine/time.hpp"
#include "tests/system/door_case.hpp"
#include "tests/system/door_requests.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

using namespace troupe;
using namespace troupe::test;

namespace {

namespace json = boost::json;

// When they were recorded; their times are moved as far as that is ago.
const auto recorded_at = *engine::parse_iso8601("2026-11-21T20:05:00Z");

engine::duration age() {
  return std::chrono::time_point_cast<engine::duration>(
           std::chrono::system_clock::now())
         - recorded_at;
}

void replace_all(std::string& in, std::string_view from, std::string_view to) {
  for (auto at = in.find(from); at != in.npos;
       at = in.find(from, at + to.size()))
    in.replace(at, from.size(), to);
}

std::string moved(const std::string& text) {
  const auto at = text.size() < 40 ? engine::parse_iso8601(text) : std::nullopt;
  return at ? engine::to_iso8601(*at + age()) : text;
}

void move_times(json::value& in) {
  constexpr std::int64_t first = 1'790'000'000'000;
  constexpr std::int64_t last = 1'800'000'000'000;
  if (auto* text = in.if_string())
    *text = moved(std::string{*text});
  else if (auto* number = in.if_int64();
           number != nullptr && *number > first && *number < last)
    *number
      += std::chrono::duration_cast<std::chrono::milliseconds>(age()).count();
  else if (auto* object = in.if_object())
    for (auto& item : *object)
      move_times(item.value());
  else if (auto* list = in.if_array())
    for (auto& each : *list)
      move_times(each);
}

class recording : protected door_case {
protected:
  void load(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream{TROUPE_SOURCE_DIRECTORY "/tests/wire/" + file
                          + ".json"}
              .rdbuf();
    whole = json::parse(text.str());
  }

  /// Sends the requests of a scenario; every answer is good.
  std::vector<api_answer> send(const std::string& scenario) {
    std::vector<api_answer> answers;
    json::object last; // what a request that is the same again is like
    for (const auto& request : whole.at(scenario).at("requests").as_array()) {
      if (request.at("body").is_string())
        answers.push_back(send_one(last));
      else
        answers.push_back(send_one(last = request.as_object()));
      INFO(scenario << " " << answers.back().body);
      CHECK(answers.back().status < 300);
      CHECK(answers.back().status >= 200);
    }
    return answers;
  }

  api_answer send_one(const json::object& of) {
    auto body = of.at("body");
    move_times(body);
    auto text = body.is_null() ? std::string{} : engine::to_json(body);
    auto path = std::string{of.at("path").as_string()};
    header_list headers;
    for (const auto& line : of.at("headers").as_array())
      add_header(headers, std::string{line.as_string()}, text);
    for (auto* in : {&text, &path})
      if (!in->starts_with("\x1f"))
        put_key(*in);
    if (path == "/events")
      path = "/v1/cloudevents"; // that client is given the whole address
    return nobody.send(std::string{of.at("method").as_string()}, path, text,
                       headers);
  }

  void add_header(header_list& to, const std::string& line, std::string& body) {
    const auto colon = line.find(": ");
    auto name = line.substr(0, colon);
    auto value = line.substr(colon + 2);
    std::string plain = name;
    for (auto& c : plain)
      c = static_cast<char>(std::tolower(c));
    if (plain == "host" || plain == "connection" || plain == "content-length"
        || plain == "transfer-encoding" || plain == "expect")
      return;
    if (plain == "authorization" && value.starts_with("Basic ")) {
      auto pair = from_base64(value.substr(6));
      put_key(pair);
      value = basic(pair);
    } else {
      put_key(value);
    }
    if (plain == "ce-time")
      value = moved(value);
    if (plain == "content-encoding" && value == "gzip") {
      put_key(body);
      body = compressed(body, 31);
    }
    to.emplace_back(name, value);
  }

  void put_key(std::string& in) const {
    for (const auto* placeholder : {"WRITE_KEY", "phc_PROJECT_KEY", "EVENT_KEY",
                                    "API_KEY", "1abcdefghijklmnopqrstuvwxyz"})
      replace_all(in, placeholder, key);
    replace_all(in, "127.0.0.1:PORT", "troupe");
  }

  /// Events in their order, the oldest first.
  std::vector<std::string> names(const std::string& query = "") {
    const auto page = events(query);
    std::vector<std::string> out;
    for (const auto& each : page.at("/data").as_array())
      out.insert(out.begin(), std::string{each.at("type").as_string()});
    return out;
  }

  std::size_t lost() {
    return rejected().at("/data").as_array().size();
  }

  using list = std::vector<std::string>;

  json::value whole;
  std::string ada = "contact[external_id]=usr_123";
};

} // namespace

TEST_CASE_METHOD(recording, "wire: @segment/analytics-node", "[wire]") {
  load("segment-analytics-node");
  send("happy");
  const auto all = names(ada);
  send("happy"); // a retry
  CHECK(names(ada) == all);
  CHECK(std::find(all.begin(), all.end(), "order.completed") != all.end());
  CHECK(all.front() == "$identify");
  const auto contact = contact_of(own.api, "usr_123");
  CHECK(contact.text("/email") == "ada@example.com");
  CHECK(contact.text("/attributes/plan") == "pro");
  // Retries carry the same ids: each scenario adds its events once.
  for (const auto* scenario :
       {"http_429_retry_after_1_then_200", "http_500_always", "reset_then_200"})
    send(scenario);
  CHECK(names().size() == all.size() + 3);
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(recording, "wire: analytics-node", "[wire]") {
  load("segment-legacy-analytics-node");
  send("happy");
  const auto all = names();
  CHECK(all.size() >= 2);
  send("http_500");
  CHECK(names().size() == all.size() + 1);
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(recording, "wire: @segment/analytics-next in a browser",
                 "[wire]") {
  load("browser-segment-analytics-next");
  send("happy");
  const auto all = names(ada);
  CHECK(std::count(all.begin(), all.end(), "order.completed") == 1);
  CHECK(all.front() == "$identify");
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(recording, "wire: @rudderstack/analytics-js in a browser",
                 "[wire]") {
  load("browser-rudderstack-analytics-js");
  send("happy");
  const auto all = names(ada);
  CHECK(std::count(all.begin(), all.end(), "order.completed") == 1);
  CHECK(contact_of(own.api, "usr_123").text("/email") == "ada@example.com");
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(recording, "wire: @customerio/cdp-analytics-browser",
                 "[wire]") {
  load("browser-customerio-cdp");
  send("happy");
  CHECK(names(ada) == list{"$identify", "order.completed"});
}

TEST_CASE_METHOD(recording, "wire: customerio-node", "[wire]") {
  for (const auto* file : {"customerio-node-4", "customerio-node-5"}) {
    load(file);
    send("identify");
    send("track");
    send("trackAnonymous");
    send("trackPageView");
    send("mergeCustomers");
    send("suppress");
    send("addDevice");
    CHECK(send_one(whole.at("destroy").at("requests").at(0).as_object()).status
          == 501);
  }
  const list once{"$identify", "order.completed",    "$page_view",
                  "$alias",    "contact.suppressed", "device.added"};
  auto twice = once;
  twice.insert(twice.end(), once.begin(), once.end());
  CHECK(names(ada) == twice);
  CHECK(names("contact[anonymous_id]=anon_1")
        == list{"page_seen", "page_seen"});
  const auto contact = contact_of(own.api, "usr_123");
  CHECK(contact.text("/attributes/plan") == "pro");
  CHECK(contact.text("/attributes/device:dev_1/platform") == "ios");
}

TEST_CASE_METHOD(recording, "wire: cloudevents", "[wire]") {
  load("cloudevents");
  // That client sends no key of its own: ours is a header beside.
  const auto post = [&](const char* scenario) {
    const auto& of = whole.at(scenario).at("requests").at(0).as_object();
    auto body = of.at("body");
    move_times(body);
    header_list headers{{"Authorization", "Bearer " + key}};
    std::string text = engine::to_json(body);
    for (const auto& line : of.at("headers").as_array())
      add_header(headers, std::string{line.as_string()}, text);
    return nobody.send("POST", "/v1/cloudevents", text, headers);
  };
  CHECK(post("binary").status == 202);
  CHECK(post("structured").status == 202); // the same source and id
  CHECK(names(ada) == list{"order.completed"});
  const auto page = own.api.get("/v1/events");
  CHECK(page.number("/data/0/metadata/total_pence") == 4299);
  CHECK(page.text("/data/0/context/cloudevent/source") == "/shop");
  CHECK(page.text("/data/0/contact/email") == "ada@example.com");
  CHECK(page.text("/data/0/message_id") == "ord_1:completed");
}

TEST_CASE_METHOD(recording, "wire: posthog-node", "[wire]") {
  load("posthog-node");
  const auto answers = send("happy");
  CHECK(answers.front().number("/status") == 1);
  CHECK(names(ada) == list{"order.completed", "$identify", "$alias"});
  CHECK(contact_of(own.api, "usr_123").text("/email") == "ada@example.com");
  CHECK(contact_of(own.api, "usr_123").text("/anonymous_ids/0") == "anon_1");
  send("happy");
  CHECK(names(ada).size() == 3);
  for (const auto* scenario :
       {"no_compression", "feature_flag_call",
        "personal_api_key_local_eval_poll", "http_500_always"})
    send(scenario);
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(recording, "wire: posthog-js in a browser", "[wire]") {
  load("browser-posthog-js");
  send("happy");
  const auto all = names(ada);
  CHECK(std::count(all.begin(), all.end(), "order.completed") == 1);
  CHECK(std::count(all.begin(), all.end(), "$page_view") == 1);
  CHECK(std::count(all.begin(), all.end(), "posthog.pageleave") == 1);
  CHECK(lost() == 0);
}

TEST_CASE_METHOD(recording, "wire: @amplitude/analytics-node", "[wire]") {
  load("amplitude-analytics-node");
  const auto answers = send("happy");
  CHECK(answers.front().number("/code") == 200);
  CHECK(names(ada) == list{"order.completed", "$identify", "revenue_amount"});
  CHECK(contact_of(own.api, "usr_123").text("/attributes/plan") == "pro");
  CHECK(lost() == 1); // of a group, and of nobody
  send("happy");
  CHECK(names(ada).size() == 3);
}

TEST_CASE_METHOD(recording, "wire: inngest", "[wire]") {
  load("inngest-send");
  const auto answers = send("send_one");
  CHECK(answers.front().text("/ids/0") == "ord_1:completed");
  send("send_one");
  CHECK(names(ada) == list{"order.completed"});
  send("send_batch"); // says of nobody
  CHECK(lost() == 2);
}

TEST_CASE_METHOD(recording, "wire: loops", "[wire]") {
  load("loops");
  key = make_key(own.api, R"(["events:write","events:read"])").text("/key");
  const auto sent = send("sendEvent");
  CHECK(sent.front().at("/success") == true);
  send("sendEvent"); // with the same Idempotency-Key
  CHECK(names(ada) == list{"order.completed"});
  send("updateContact");
  const auto found = send("findContact");
  CHECK(found.front().text("/0/email") == "ada@example.com");
  CHECK(found.front().text("/0/plan") == "pro");
  CHECK(lost() == 0);
}
