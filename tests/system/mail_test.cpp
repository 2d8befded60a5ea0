// E-mail over a real SMTP server, and what contacts and people do with it.
#include "tests/support/mail_server.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/fixture.hpp"

#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace troupe::test;
namespace json = boost::json;

namespace {

const std::string public_url = "https://t.example.org";

std::string text_of(const json::value& value) {
  return std::string{std::string_view{value.as_string()}};
}

/// One server, which people would reach at `public_url`.
troupe_server& serving() {
  static troupe_server server{{"--public-url", public_url}};
  return server;
}

class mail {
protected:
  /// The body of an smtp channel to the server.
  json::object channel_to(const mail_server& server, const std::string& key) {
    return {{"key", key},
            {"type", "smtp"},
            {"host", "localhost"},
            {"port", server.port()},
            {"username", "troupe"},
            {"password", "pa\"ss"},
            {"certificate", server.certificate()},
            {"from", "Zoë, News <news@example.org>"},
            {"reply_to", "help@example.org"}};
  }

  std::string channel(const json::object& more = {}) {
    const auto key = fresh("mail_");
    auto body = channel_to(taker, key);
    for (const auto& each : more)
      body[each.key()] = each.value();
    const auto made = api.post("/v1/channels", json::serialize(body));
    INFO(made.body);
    REQUIRE(made.status == 201);
    return key;
  }

  /// A sequence of one send that starts at the event of its name.
  std::string sending(const json::object& send) {
    const auto key = fresh("campaign_");
    json::object node{{"type", "send"}, {"then", "end"}};
    for (const auto& each : send)
      node[each.key()] = each.value();
    json::object nodes{{"mail", node}, {"end", {{"type", "exit"}}}};
    json::object trigger;
    trigger["any"] = json::array{json::object{{"event", key + ".go"}}};
    publish(api, json::serialize(json::object{{"key", key},
                                              {"status", "active"},
                                              {"reentry", "always"},
                                              {"trigger", trigger},
                                              {"entry", "mail"},
                                              {"nodes", nodes}}));
    return key;
  }

  void start(const std::string& campaign, const std::string& address) {
    const auto sent = api.emit(event_body(campaign + ".go", by_email(address)));
    INFO(sent.body);
    REQUIRE(sent.status == 200);
  }

  /// The contact's events of the type, the newest first, once there are some.
  json::array events(const std::string& address, const std::string& type,
                     std::size_t least = 1) {
    api_answer page;
    eventually(
      [&] {
        page = api.get("/v1/events?type=" + percent_encode(type)
                       + "&contact[email]=" + percent_encode(address));
        return page.status == 200
               && page.at("/data").as_array().size() >= least;
      },
      std::chrono::seconds{60});
    INFO(page.body);
    REQUIRE(page.status == 200);
    REQUIRE(page.at("/data").as_array().size() == least);
    return page.at("/data").as_array();
  }

  api_answer preferences(const std::string& address) {
    return api.get("/v1/contacts/email:" + percent_encode(address)
                   + "/preferences");
  }

  api_answer choose(const std::string& address, const json::array& data) {
    return api.send(
      "PUT", "/v1/contacts/email:" + percent_encode(address) + "/preferences",
      json::serialize(json::object{{"data", data}}),
      {{"Content-Type", "application/json"}});
  }

  /// The path of a link to the server, from where it begins in the text.
  static std::string path_in(const std::string& text, const std::string& kind) {
    const auto from = text.find(public_url + "/t/" + kind + "/");
    INFO(text);
    REQUIRE(from != text.npos);
    const auto path = from + public_url.size();
    return text.substr(path, text.find_first_of("\"> \r\n", path) - path);
  }

  mail_server taker;
  api_client api = serving().client();
  api_client anyone{serving().port()};
};

} // namespace

TEST_CASE_METHOD(mail,
                 "B43 a send goes out as e-mail with text and html, and the "
                 "contact gets $email_sent",
                 "[system][mail]") {
  const auto over = channel();
  const auto key = fresh("letter_");
  REQUIRE(api
            .post("/v1/templates",
                  R"({"key":")" + key + R"(","channel":")" + over
                    + R"(","subject":"Grüße, {{name}}\r\nBcc: eve@example.org",
                       "text":"Hi {{name}} €",
                       "html":"<p>Hi <b>{{name}}</b> €</p>"})")
            .status
          == 201);
  const auto campaign = sending({{"channel", over},
                                 {"template", key},
                                 {"category", "news"},
                                 {"vars", {{"name", "Ada & Bea"}}}});
  const auto address = fresh("ada") + "@example.com";
  start(campaign, address);
  const auto seen = taker.next();
  INFO(json::serialize(seen));
  REQUIRE(seen.is_object());
  CHECK(seen.at("from") == "news@example.org");
  CHECK(text_of(seen.at("to")) == address);
  CHECK(seen.at("tls") == true);
  CHECK(seen.at("login") == true);
  CHECK(seen.at("ascii") == true);
  CHECK(seen.at("bare") == 0);
  CHECK(seen.at("longest").as_int64() <= 998);
  CHECK(seen.at("type") == "multipart/alternative");
  CHECK(seen.at("parts").at("text/plain") == "Hi Ada & Bea €");
  CHECK(seen.at("parts").at("text/html") == "<p>Hi <b>Ada &amp; Bea</b> €</p>");
  const auto& headers = seen.at("headers");
  CHECK_THAT(text_of(headers.at("subject")),
             Catch::StartsWith("Grüße, Ada & Bea")
               && Catch::Contains("Bcc: eve"));
  CHECK(headers.as_object().count("bcc") == 0);
  CHECK(headers.at("from") == "\"Zoë, News\" <news@example.org>");
  CHECK(headers.at("reply-to") == "help@example.org");
  CHECK(text_of(headers.at("to")) == address);
  CHECK(headers.as_object().count("date") == 1);
  const auto sent = events(address, "$email_sent").front();
  const auto& about = sent.at("metadata");
  CHECK(text_of(about.at("campaign_id")) == campaign);
  CHECK(text_of(about.at("template_id")) == key);
  CHECK(text_of(about.at("channel")) == over);
  CHECK(about.at("category") == "news");
  CHECK(about.at("node") == "mail");
  CHECK(text_of(headers.at("message-id"))
        == "<" + text_of(about.at("delivery_id")) + "@example.org>");
}

TEST_CASE_METHOD(mail,
                 "G65 transactional.delivered tells of an e-mail that a server "
                 "took",
                 "[system][mail]") {
  webhook_sink sink;
  const auto hook = subscribe(api, sink.url(), "transactional.delivered");
  const auto campaign = sending({{"channel", channel()}, {"text", "Hi"}});
  const auto address = fresh("taken") + "@example.com";
  start(campaign, address);
  REQUIRE(taker.next().is_object());
  const auto calls = sink.wait_for(1, std::chrono::seconds{30});
  REQUIRE(calls.size() == 1);
  const auto& told = calls[0].json;
  CHECK(told.at("type") == "transactional.delivered");
  CHECK(text_of(told.at("data").at("campaign_id")) == campaign);
  CHECK(text_of(told.at("data").at("contact").at("email")) == address);
  const auto sent
    = api.get("/v1/deliveries/" + text_of(told.at("data").at("delivery_id")));
  CHECK(sent.text("/status") == "delivered");
  api.send("DELETE", "/v1/webhooks/" + hook.text("/id"), "", {});
}

TEST_CASE_METHOD(mail,
                 "B46 an address that the server refuses for good is told at "
                 "once as a hard bounce, which can start a sequence",
                 "[system][mail]") {
  webhook_sink sink;
  subscribe(api, sink.url(), "$email_bounced");
  const auto campaign = sending({{"channel", channel()}, {"text", "Hi"}});
  const auto address = fresh("hard") + "@example.com";
  start(campaign, address);
  CHECK(text_of(taker.next().at("refused")) == address);
  const auto bounced = events(address, "$email_bounced").front();
  CHECK(text_of(bounced.at("metadata").at("campaign_id")) == campaign);
  CHECK(bounced.at("metadata").at("bounce_type") == "hard");
  CHECK(bounced.at("metadata").at("status_code") == 550);
  CHECK(bounced.at("metadata").at("template_id").is_null());
  REQUIRE(sink.wait_for(1, std::chrono::seconds{30}).size() == 1);
  const auto delivery = api.get(
    "/v1/deliveries/" + text_of(bounced.at("metadata").at("delivery_id")));
  CHECK(delivery.text("/status") == "dead");
  CHECK(delivery.text("/attempts/0/error") == "recipient_refused");
  CHECK(delivery.number("/attempts/0/status_code") == 550);
}

TEST_CASE_METHOD(mail,
                 "B46 what is refused for now is sent again as the same "
                 "message, and told once",
                 "[system][mail]") {
  const auto campaign
    = sending({{"channel", channel()}, {"html", "<p>Hi</p>"}});
  const auto address = fresh("later") + "@example.com";
  start(campaign, address);
  const auto first = taker.next();
  REQUIRE(first.is_object());
  CHECK(first.at("answer") == 451);
  const auto second = taker.next();
  REQUIRE(second.is_object());
  CHECK(second.at("answer") == 250);
  CHECK(first.at("type") == "text/html");
  CHECK(first.at("headers") == second.at("headers"));
  CHECK(first.at("parts") == second.at("parts"));
  events(address, "$email_sent", 1);
  events(address, "$email_bounced", 0);
}

TEST_CASE_METHOD(mail, "a password is shown nowhere and can be changed",
                 "[system][mail]") {
  const auto key = fresh("mail_");
  const auto made
    = api.post("/v1/channels", json::serialize(channel_to(taker, key)));
  REQUIRE(made.status == 201);
  const auto shown = api.get("/v1/channels/" + key);
  const auto changed
    = api.send("PATCH", "/v1/channels/" + key,
               R"({"password":"other-secret","security":"tls","port":null})",
               {{"Content-Type", "application/json"}});
  INFO(changed.body);
  REQUIRE(changed.status == 200);
  CHECK(changed.number("/port") == 465);
  const auto removed = api.send("PATCH", "/v1/channels/" + key,
                                R"({"password":null,"username":null})",
                                {{"Content-Type", "application/json"}});
  CHECK(removed.at("/password_set") == false);
  for (const auto* answer : {&made, &shown, &changed}) {
    CHECK(answer->at("/password_set") == true);
    CHECK(answer->text("/host") == "localhost");
  }
  for (const auto& text : {made.body, shown.body, changed.body, removed.body,
                           api.get("/v1/audit-log").body,
                           api.get("/v1/channels").body, serving().errors()}) {
    CHECK(text.find("pa\\\"ss") == text.npos);
    CHECK(text.find("pa\"ss") == text.npos);
    CHECK(text.find("other-secret") == text.npos);
  }
}

TEST_CASE_METHOD(mail,
                 "what is wrong with an smtp channel is said with its place",
                 "[system][mail]") {
  const auto refusal = [this](const json::object& more) {
    auto body = channel_to(taker, fresh("mail_"));
    for (const auto& each : more) {
      if (each.value() == "absent")
        body.erase(each.key());
      else
        body[each.key()] = each.value();
    }
    const auto answer = api.post("/v1/channels", json::serialize(body));
    INFO(answer.body);
    CHECK(answer.status == 422);
    return answer.text("/errors/0/pointer");
  };
  CHECK_THAT(refusal({{"host", "absent"}}), Catch::StartsWith("/host"));
  CHECK_THAT(refusal({{"host", "a/b"}}), Catch::StartsWith("/host"));
  CHECK_THAT(refusal({{"host", "169.254.169.254"}}),
             Catch::StartsWith("/host"));
  CHECK_THAT(refusal({{"from", "no address"}}), Catch::StartsWith("/from"));
  CHECK_THAT(refusal({{"from", "a@b.example\r\nBcc: c@d.example"}}),
             Catch::StartsWith("/from"));
  CHECK_THAT(refusal({{"port", 70'000}}), Catch::StartsWith("/port"));
  CHECK_THAT(refusal({{"security", "ssl"}}), Catch::StartsWith("/security"));
  CHECK_THAT(refusal({{"security", "none"}}), Catch::StartsWith("/security"));
  CHECK_THAT(refusal({{"password", "absent"}}), Catch::StartsWith("/password"));
  CHECK_THAT(refusal({{"tracking", 1}}), Catch::StartsWith("/tracking"));
  CHECK_THAT(refusal({{"url", "https://a.example"}}),
             Catch::StartsWith("/url"));
}

TEST_CASE_METHOD(mail,
                 "S41 choices per channel and category are kept and hold for "
                 "the next send",
                 "[system][mail]") {
  const auto over = channel();
  const auto news
    = sending({{"channel", over}, {"text", "news"}, {"category", "news"}});
  const auto receipts
    = sending({{"channel", over}, {"text", "paid"}, {"category", "receipts"}});
  const auto address = fresh("ada") + "@example.com";
  start(receipts, address);
  CHECK(taker.next().at("parts").at("text/plain") == "paid\n");
  CHECK(preferences(address).at("/data").as_array().empty());
  const auto made = choose(
    address, {{{"channel", over}, {"category", "news"}, {"subscribed", false}},
              {{"channel", "capture"}, {"subscribed", true}}});
  INFO(made.body);
  REQUIRE(made.status == 200);
  CHECK(preferences(address).json == made.json);
  REQUIRE(made.at("/data").as_array().size() == 2);
  CHECK(made.text("/data/1/channel") == over);
  CHECK(made.text("/data/1/category") == "news");
  CHECK(made.at("/data/1/subscribed") == false);
  CHECK_FALSE(made.text("/data/1/updated_at").empty());
  start(news, address);
  start(receipts, address);
  CHECK(taker.next().at("parts").at("text/plain") == "paid\n");
  REQUIRE(choose(address, {{{"channel", over}, {"subscribed", false}}}).status
          == 200);
  start(receipts, address);
  REQUIRE(
    choose(address,
           {{{"channel", over}, {"subscribed", true}},
            {{"channel", over}, {"category", "news"}, {"subscribed", true}}})
      .status
    == 200);
  start(news, address);
  CHECK(taker.next().at("parts").at("text/plain") == "news\n");
  events(address, "$email_sent", 3);
}

TEST_CASE_METHOD(
  mail,
  "S41 a message that waits to be sent again is dropped when the "
  "contact does not want it any more",
  "[system][mail]") {
  const auto over = channel();
  const auto campaign = sending({{"channel", over}, {"text", "Hi"}});
  const auto address = fresh("later") + "@example.com";
  start(campaign, address);
  const auto first = taker.next();
  REQUIRE(first.is_object());
  CHECK(first.at("answer") == 451);
  REQUIRE(choose(address, {{{"channel", over}, {"subscribed", false}}}).status
          == 200);
  const auto message = text_of(first.at("headers").at("message-id"));
  const auto delivery
    = "/v1/deliveries/" + message.substr(1, message.find('@') - 1);
  CHECK(eventually([&] {
    return api.get(delivery).text("/status") == "dead";
  }));
  const auto dropped = api.get(delivery);
  INFO(dropped.body);
  CHECK(dropped.number("/attempts/0/status_code") == 451);
  CHECK(dropped.text("/attempts/1/error") == "consent_withdrawn");
  // It did not go out: the next message over the channel is another one.
  const auto other = fresh("ada") + "@example.com";
  start(campaign, other);
  CHECK(text_of(taker.next().at("to")) == other);
  events(address, "$email_sent", 0);
  events(address, "$email_bounced", 0);
}

TEST_CASE_METHOD(mail,
                 "S41 a choice that makes no sense is refused with its place",
                 "[system][mail]") {
  const auto over = channel();
  const auto address = fresh("ada") + "@example.com";
  REQUIRE(api.emit(event_body("a.b", by_email(address))).status == 200);
  CHECK(choose(address, {}).code() == "field_required");
  CHECK(choose(address, {{{"channel", "nobody"}, {"subscribed", true}}}).code()
        == "unknown_channel");
  CHECK(choose(address, {{{"channel", over}}}).code() == "field_required");
  CHECK(choose(address, {{{"channel", over},
                          {"category", std::string(65, 'c')},
                          {"subscribed", true}}})
          .code()
        == "field_type_mismatch");
  CHECK(choose(address, {{{"channel", over}, {"subscribed", true}, {"x", 1}}})
          .code()
        == "field_unknown");
  CHECK(
    choose("nobody@example.com", {{{"channel", over}, {"subscribed", true}}})
      .code()
    == "contact_not_found");
  CHECK(preferences("nobody@example.com").code() == "contact_not_found");
}

TEST_CASE_METHOD(mail,
                 "B44, B45 opening a tracked message and following its link is "
                 "told once, and the link leads where it led",
                 "[system][mail]") {
  const auto campaign = sending(
    {{"channel", channel({{"tracking", true}})},
     {"text", "https://a.example/plain"},
     {"html",
      R"(<body><a href="https://a.example/?a=1&amp;b=2">go</a><a href="{{unsubscribe_url}}">no</a></body>)"}});
  const auto address = fresh("ada") + "@example.com";
  start(campaign, address);
  const auto seen = taker.next();
  REQUIRE(seen.is_object());
  CHECK(seen.at("parts").at("text/plain") == "https://a.example/plain");
  const auto html = text_of(seen.at("parts").at("text/html"));
  const auto picture = path_in(html, "o");
  const auto link = path_in(html, "c");
  CHECK(html.find("a.example") == html.npos);
  // That link is as it is: nobody is counted who leaves.
  CHECK(anyone.get(path_in(html, "u")).status == 200);
  for (int i = 0; i < 2; ++i) {
    const auto shown = anyone.get(picture);
    CHECK(shown.status == 200);
    CHECK(shown.header("content-type") == "image/gif");
    CHECK(shown.body.size() == 43);
    CHECK(shown.body.starts_with("GIF89a"));
    const auto led = anyone.get(link);
    CHECK(led.status == 302);
    CHECK(led.header("location") == "https://a.example/?a=1&b=2");
  }
  const auto opened = events(address, "$email_opened", 1).front();
  CHECK(text_of(opened.at("metadata").at("campaign_id")) == campaign);
  CHECK(opened.at("metadata").at("contact_id")
        == opened.at("contact").at("id"));
  const auto clicked = events(address, "$email_clicked", 1).front();
  CHECK(text_of(clicked.at("metadata").at("campaign_id")) == campaign);
  CHECK(clicked.at("metadata").at("url") == "https://a.example/?a=1&b=2");
  for (const auto& path :
       {"/t/c/" + picture.substr(5), "/t/o/" + link.substr(5), link + "A",
        link.substr(0, link.size() - 1), std::string{"/t/c/A"},
        std::string{"/t/c/https:evil.example"}})
    CHECK(anyone.get(path).code() == "link_not_found");
}

TEST_CASE_METHOD(mail, "without tracking a message stays as it was written",
                 "[system][mail]") {
  const std::string html = "<a href=\"https://a.example\">go</a>";
  start(sending({{"channel", channel()}, {"html", html}}),
        fresh("ada") + "@example.com");
  CHECK(text_of(taker.next().at("parts").at("text/html")) == html + "\n");
}

TEST_CASE_METHOD(mail,
                 "B47 unsubscribing by the link of the message or by one click "
                 "is a choice for its category, and told",
                 "[system][mail]") {
  const auto over = channel();
  const auto campaign = sending({{"channel", over},
                                 {"category", "news"},
                                 {"text", "No more? {{unsubscribe_url}}"}});
  const auto address = fresh("ada") + "@example.com";
  start(campaign, address);
  const auto seen = taker.next();
  REQUIRE(seen.is_object());
  const auto path = path_in(text_of(seen.at("parts").at("text/plain")), "u");
  CHECK(text_of(seen.at("headers").at("list-unsubscribe"))
        == "<" + public_url + path + ">");
  CHECK(seen.at("headers").at("list-unsubscribe-post")
        == "List-Unsubscribe=One-Click");
  const auto page = anyone.get(path);
  CHECK(page.status == 200);
  CHECK_THAT(page.body, Catch::Contains("<form method=\"post\">"));
  CHECK_THAT(page.header("content-security-policy"),
             Catch::StartsWith("default-src 'none'"));
  CHECK(preferences(address).at("/data").as_array().empty());
  const auto done
    = anyone.send("POST", path, "List-Unsubscribe=One-Click",
                  {{"Content-Type", "application/x-www-form-urlencoded"}});
  INFO(done.body);
  CHECK(done.status == 200);
  const auto choices = preferences(address);
  REQUIRE(choices.at("/data").as_array().size() == 1);
  CHECK(choices.text("/data/0/channel") == over);
  CHECK(choices.text("/data/0/category") == "news");
  CHECK(choices.at("/data/0/subscribed") == false);
  const auto told = events(address, "$email_unsubscribed").front();
  CHECK(text_of(told.at("metadata").at("campaign_id")) == campaign);
  CHECK(told.at("metadata").at("reason") == "one_click");
  start(campaign, address);
  start(sending({{"channel", over}, {"text", "other"}}), address);
  CHECK(taker.next().at("parts").at("text/plain") == "other\n");
  CHECK(anyone.send("POST", path + "A", "", {}).code() == "link_not_found");
}

TEST_CASE_METHOD(mail,
                 "B47 links of a contact that became part of another one are "
                 "the other's",
                 "[system][mail]") {
  const auto over = channel();
  const auto campaign
    = sending({{"channel", over}, {"text", "{{unsubscribe_url}}"}});
  const auto address = fresh("ada") + "@example.com";
  start(campaign, address);
  const auto path
    = path_in(text_of(taker.next().at("parts").at("text/plain")), "u");
  const auto id = fresh("usr_");
  REQUIRE(api.emit(event_body("a.b", by_external_id(id))).status == 200);
  const auto merged = api.emit(event_body(
    "a.b", R"({"external_id":")" + id + R"(","email":")" + address + "\"}"));
  REQUIRE(merged.status == 200);
  CHECK(anyone.send("POST", path, "", {}).status == 200);
  const auto choices = contact_of(api, id, "/preferences");
  INFO(choices.body);
  CHECK(choices.text("/data/0/channel") == over);
  CHECK(choices.at("/data/0/subscribed") == false);
}
