// How endpoints are spoken to in each profile and format, on a real socket.
#include "outbound/webhook_check.hpp"
#include "tests/system/tenant.hpp"
#include "tests/system/webhook_endpoints.hpp"

#include <future>

using namespace troupe::test;
using troupe::engine::webhook_profile;

namespace json = boost::json;

namespace {

std::string header(const received_call& call, const std::string& name) {
  const auto found = call.headers.find(name);
  return found == call.headers.end() ? std::string{} : found->second;
}

// What a receiver checks, with the headers that its profile has.
bool is_good(const received_call& call, const std::string& secret,
             webhook_profile profile) {
  troupe::outbound::delivery_headers given;
  given.id = header(call, "webhook-id");
  switch (profile) {
    case webhook_profile::standard:
      given.timestamp = header(call, "webhook-timestamp");
      given.signature = header(call, "webhook-signature");
      break;
    case webhook_profile::genie:
      given.signature = header(call, "mailgenius-signature");
      break;
    case webhook_profile::genie_sdk:
      given.signature = header(call, "x-genieos-signature");
      break;
    case webhook_profile::growthos:
      given.timestamp = header(call, "x-growthos-timestamp");
      given.signature = header(call, "x-growthos-signature");
      break;
    case webhook_profile::bearer:
      given.signature = header(call, "authorization");
      break;
  }
  return troupe::outbound::check_signature(given, call.body, secret, profile)
    .has_value();
}

class profiles : protected with_server {
protected:
  api_answer hook(const std::string& url, const std::string& more,
                  const std::string& events = "order.*") {
    return make_endpoint(own.api, url, more, events);
  }

  api_answer order(const std::string& type = "order.completed") {
    auto made = own.api.emit(
      event_body(type, R"({"external_id":"ada","email":"ada@example.com"})",
                 R"({"cart":7})"));
    REQUIRE(made.status == 200);
    return made;
  }

  received_call delivered(webhook_sink& sink, std::size_t count = 1) {
    const auto calls = sink.wait_for(count, patience);
    REQUIRE(calls.size() == count);
    return calls.back();
  }

  tenant own{api};
};

} // namespace

TEST_CASE_METHOD(profiles,
                 "G68 profile genie: MailGenius headers in milliseconds, and "
                 "the documented body",
                 "[system][profiles]") {
  webhook_sink sink;
  const auto made = hook(sink.url(), R"("profile":"genie")");
  CHECK(made.text("/profile") == "genie");
  CHECK(made.text("/ordering") == "none");
  const auto sent = order();
  const auto call = delivered(sink);
  CHECK(header(call, "mailgenius-event") == "order.completed");
  CHECK(header(call, "mailgenius-delivery-id").starts_with("dlv_"));
  CHECK(header(call, "mailgenius-timestamp").size() == 13);
  CHECK(header(call, "mailgenius-signature")
          .starts_with("t=" + header(call, "mailgenius-timestamp") + ",v1="));
  CHECK(is_good(call, made.text("/signing_secret"), webhook_profile::genie));
  CHECK_FALSE(
    is_good(call, made.text("/signing_secret") + "x", webhook_profile::genie));
  const auto& body = call.json.as_object();
  CHECK(body.at("id") == json::value(sent.text("/id")));
  CHECK(body.at("type") == "order.completed");
  CHECK(body.contains("created_at"));
  CHECK(body.at("data").at("metadata").at("cart") == 7);
}

TEST_CASE_METHOD(profiles,
                 "G68 profile genie_sdk: one header in seconds, and the SDK's "
                 "body",
                 "[system][profiles]") {
  webhook_sink sink;
  const auto made = hook(sink.url(), R"("profile":"genie_sdk")");
  const auto sent = order();
  const auto call = delivered(sink);
  const auto signature = header(call, "x-genieos-signature");
  CHECK(signature.find(",v1=") == std::string{"t=1700000000"}.size());
  CHECK(
    is_good(call, made.text("/signing_secret"), webhook_profile::genie_sdk));
  const auto& body = call.json.as_object();
  CHECK(body.at("id") == json::value(sent.text("/id")));
  CHECK(body.at("event") == "order.completed");
  CHECK(body.at("workspaceId") == json::value(own.id()));
  CHECK(body.contains("occurredAt"));
  CHECK(body.at("data").at("metadata").at("cart") == 7);
}

TEST_CASE_METHOD(profiles,
                 "B72 profile growthos: hex and seconds, the vendor's "
                 "envelope, prefixes of names",
                 "[system][profiles]") {
  webhook_sink sink;
  const auto made = hook(sink.url(), R"("profile":"growthos")", "referral.*");
  order(); // not subscribed to
  const auto sent = order("referral.converted");
  const auto call = delivered(sink);
  CHECK(header(call, "x-growthos-timestamp").size() == 10);
  CHECK(header(call, "x-growthos-signature").size() == 64);
  CHECK(is_good(call, made.text("/signing_secret"), webhook_profile::growthos));
  const auto& body = call.json.as_object();
  CHECK(body.at("id") == json::value(sent.text("/id")));
  CHECK(body.at("type") == "referral.converted");
  CHECK(body.at("tenant_id") == json::value(own.id()));
  CHECK(body.at("idempotency_key").as_string().starts_with("idk_"));
  CHECK(body.contains("created_at"));
  const auto& data = body.at("data").as_object();
  CHECK(data.at("event") == "referral.converted");
  CHECK(data.at("user_id") == "ada");
  CHECK(data.at("properties").at("cart") == 7);
}

TEST_CASE_METHOD(profiles,
                 "B72 profile growthos: a 4xx is the last word, 429 and 500 "
                 "are not; a replay has the same idempotency key",
                 "[system][profiles]") {
  steered_sink to{404};
  const auto id = hook(to.sink.url(), R"("profile":"growthos")").text("/id");
  const auto list = [&] {
    return own.api.get("/v1/webhooks/" + id + "/deliveries");
  };
  const auto comes_to = [&](const std::string& wanted, bool is_retried) {
    return eventually([&] {
      const auto now = list();
      return now.text("/data/0/status") == wanted
             && now.at("/data/0/attempts").as_array().size() == 1
             && now.has("/data/0/next_attempt_at") == is_retried;
    });
  };
  order();
  CHECK(comes_to("dead", false));
  const auto first = delivered(to.sink, 1);
  to.status = 429;
  order();
  CHECK(comes_to("pending", true));
  to.status = 500;
  order();
  CHECK(comes_to("pending", true));
  to.status = 200;
  const auto dead = list().text("/data/2/id");
  REQUIRE(own.api.post("/v1/deliveries/" + dead + "/replay", "").status < 300);
  REQUIRE(eventually([&] {
    return list().text("/data/2/status") == "delivered";
  }));
  for (const auto& call : to.sink.wait_for(4, patience))
    if (call.json.at("id") == first.json.at("id"))
      CHECK(call.body == first.body);
  CHECK(own.api.get("/v1/deliveries/" + dead).text("/attempts/1/request/body")
        == first.body);
}

TEST_CASE_METHOD(profiles, "R33 profile bearer: the secret itself",
                 "[system][profiles]") {
  webhook_sink sink;
  const auto made = hook(sink.url(), R"("profile":"bearer")");
  CHECK(made.text("/ordering") == "contact");
  order();
  const auto call = delivered(sink);
  const auto secret = made.text("/signing_secret");
  CHECK(header(call, "authorization") == "Bearer " + secret);
  CHECK(call.json.as_object().contains("timestamp"));
  const auto id = made.text("/id");
  std::string one;
  REQUIRE(eventually([&] {
    const auto all = own.api.get("/v1/webhooks/" + id + "/deliveries");
    one = all.text("/data/0/id");
    return all.text("/data/0/status") == "delivered";
  }));
  // It is kept nowhere that people look.
  CHECK(own.api.get("/v1/deliveries/" + one).body.find(secret)
        == std::string::npos);
}

TEST_CASE_METHOD(profiles,
                 "G67 after a rotation both secrets hold for a day, in each "
                 "profile that has room for two",
                 "[system][profiles]") {
  const auto& [profile, name]
    = GENERATE(from_range(troupe::engine::webhook_profile_names.begin(),
                          troupe::engine::webhook_profile_names.end()));
  INFO(name);
  webhook_sink sink;
  const auto made
    = hook(sink.url(), R"("profile":")" + std::string{name} + "\"");
  const auto newest
    = own.api.post("/v1/webhooks/" + made.text("/id") + "/rotate", "")
        .text("/signing_secret");
  order();
  auto call = delivered(sink);
  CHECK(is_good(call, newest, profile));
  const auto former = made.text("/signing_secret");
  if (profile == webhook_profile::growthos)
    call.headers["x-growthos-signature"]
      = call.headers["x-growthos-signature-previous"];
  CHECK(is_good(call, former, profile) == (profile != webhook_profile::bearer));
}

TEST_CASE_METHOD(profiles,
                 "G70 endpoints of each profile show how it went, are paused "
                 "and tried out",
                 "[system][profiles]") {
  const auto& [profile, name]
    = GENERATE(from_range(troupe::engine::webhook_profile_names.begin(),
                          troupe::engine::webhook_profile_names.end()));
  INFO(name);
  webhook_sink sink;
  const auto made
    = hook(sink.url(), R"("profile":")" + std::string{name} + "\"");
  const auto path = "/v1/webhooks/" + made.text("/id");
  const auto tried = own.api.post(path + "/test", "");
  CHECK(tried.at("/delivered") == true);
  const auto trial = delivered(sink);
  CHECK(is_good(trial, made.text("/signing_secret"), profile));
  CHECK(trial.body.find("webhook.test") != std::string::npos);
  const auto paused
    = change_endpoint(own.api, made.text("/id"), R"({"status":"paused"})");
  CHECK(paused.text("/status") == "paused");
  CHECK(paused.text("/profile") == name);
  order();
  CHECK(own.api.get(path + "/deliveries").text("/data/0/status") == "held");
  change_endpoint(own.api, made.text("/id"), R"({"status":"active"})");
  delivered(sink, 2);
  REQUIRE(eventually([&] {
    return own.api.get(path).number("/last_status") == 200;
  }));
  CHECK(own.api.get(path).number("/consecutive_failures") == 0);
  CHECK(own.api.get(path).text("/last_delivery_at").size() > 10);
}

TEST_CASE_METHOD(profiles, "formats cloudevents and template",
                 "[system][profiles]") {
  webhook_sink clouds;
  webhook_sink own_text;
  hook(clouds.url(), R"("format":"cloudevents")");
  const auto made
    = hook(own_text.url(), R"("profile":"genie","format":"template",
      "template":{"text":"{{contact.email}} bought {{cart}}"})");
  CHECK(made.text("/template/text") == "{{contact.email}} bought {{cart}}");
  const auto sent = order();
  const auto cloud = delivered(clouds);
  CHECK(header(cloud, "content-type") == "application/cloudevents+json");
  CHECK(cloud.json.at("specversion") == "1.0");
  CHECK(cloud.json.at("id") == json::value(sent.text("/id")));
  CHECK(cloud.json.at("data").at("metadata").at("cart") == 7);
  const auto text = delivered(own_text);
  CHECK(text.body == R"({"text":"ada@example.com bought 7"})");
  CHECK(is_good(text, made.text("/signing_secret"), webhook_profile::genie));
}

TEST_CASE_METHOD(profiles, "a wrong profile, format or template is refused",
                 "[system][profiles]") {
  const auto refused = [&](const std::string& more) {
    return own.api.post("/v1/webhooks",
                        R"({"url":"http://127.0.0.1:9/","events":["a.b"],)"
                          + more + "}");
  };
  const auto syntax
    = refused(R"("format":"template","template":{"a":"{{#if}}"})");
  CHECK(syntax.status == 422);
  CHECK(syntax.code() == "template_syntax");
  CHECK(syntax.body.find("/template/a") != std::string::npos);
  CHECK(refused(R"("profile":"other")").code() == "field_invalid");
  CHECK(refused(R"("format":"genie")").code() == "field_invalid");
  CHECK(refused(R"("ordering":"endpoint")").code() == "field_invalid");
  CHECK(refused(R"("format":"template")").code() == "field_required");
  CHECK(refused(R"("template":{})").code() == "field_invalid");
  CHECK(refused(R"("format":"template","template":")"
                + std::string(65 * 1024, 'x') + "\"")
          .code()
        == "template_limit");
  const auto id = refused(R"("signature":"standard")").text("/id");
  const auto change = [&](const std::string& body) {
    return change_endpoint(own.api, id, body);
  };
  CHECK(change(R"({"format":"template"})").code() == "field_required");
  CHECK(change(R"({"format":"template","template":{"a":1}})").status == 200);
  const auto back
    = change(R"({"format":null,"template":null,"profile":"growthos"})");
  CHECK(back.text("/profile") == "growthos");
  CHECK_FALSE(back.has("/template"));
}

TEST_CASE("B72 profile growthos: an answer within 30 s is in time, where other "
          "profiles have 15 s; later ones are not waited for",
          "[system][profiles]") {
  // So that half a minute is 3 s.
  troupe_server server;
  REQUIRE(server.stop() == 0);
  server.start_fast(10);
  auto api = server.client();
  std::promise<void> given_up;
  auto is_over = given_up.get_future();
  std::once_flag once;
  receiver standard{[&](connection& peer) {
    peer.read_request();
    peer.hang();
    std::call_once(once, [&] {
      given_up.set_value();
    });
  }};
  // Answers when 15 s are over.
  receiver late{[&](connection& peer) {
    peer.read_request();
    is_over.wait_for(patience);
    peer.write(response(200));
  }};
  receiver never{[](connection& peer) {
    peer.read_request();
    peer.hang();
  }};
  const auto hooked = [&](const receiver& to, const std::string& profile) {
    return api
      .post("/v1/webhooks", R"({"url":")" + to.url()
                              + R"(","events":["a.came"],"profile":")" + profile
                              + "\"}")
      .text("/id");
  };
  const auto of_standard = hooked(standard, "standard");
  const auto of_late = hooked(late, "growthos");
  const auto of_never = hooked(never, "growthos");
  api.emit(event_body("a.came", by_external_id("ada")));
  const auto first = [&](const std::string& endpoint) {
    api_answer list;
    CHECK(eventually([&] {
      list = api.get("/v1/webhooks/" + endpoint + "/deliveries");
      return list.has("/data/0/attempts/0");
    }));
    return list;
  };
  const auto cut = first(of_standard);
  CHECK(cut.text("/data/0/attempts/0/error") == "timeout");
  CHECK(cut.number("/data/0/attempts/0/timings_ms/total") > 14'000);
  const auto taken = first(of_late);
  CHECK(taken.text("/data/0/status") == "delivered");
  CHECK(taken.number("/data/0/attempts/0/timings_ms/total") > 14'000);
  const auto silent = first(of_never);
  CHECK(silent.text("/data/0/attempts/0/error") == "timeout");
  CHECK(silent.text("/data/0/status") == "pending");
  CHECK(silent.number("/data/0/attempts/0/timings_ms/total") > 29'000);
}
