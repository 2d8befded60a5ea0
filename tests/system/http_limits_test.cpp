// Bounds, media types, methods and paths, sent byte for byte to the real binary
// (RFC 9110; H5–H10, H12).
#include "tests/system/strict_requests.hpp"

#include <string>
#include <vector>

using namespace troupe::test;
using namespace std::string_literals;

TEST_CASE("H5 what is too large has its own status and ends the connection",
          "[system][http_limits]") {
  are_refused(
    414, {"GET /" + std::string(8'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
          "GET /" + std::string(70'000, 'a') + " HTTP/1.1\r\n" + host});
  are_refused(431, {line + host + "X: " + std::string(9'000, 'a') + "\r\n\r\n",
                    line + host + std::string(9'000, 'X') + ": a\r\n\r\n"});
  std::string many = line + host;
  for (int i = 0; i < 150; ++i)
    many += "X: a\r\n";
  are_refused(431, {many + "\r\n"});
  // RFC 9112 3: a request line of 8,000 bytes should be taken.
  CHECK(status_of("GET /" + std::string(7'900, 'a') + " HTTP/1.1\r\n" + host
                  + "\r\n")
        == 404);
}

TEST_CASE("H5 a body over the bound of its route is 413 before it is read",
          "[system][http_limits]") {
  are_refused(413, {posted("Content-Length: 10000000\r\n", ""),
                    posted("Content-Length: 999999999999999999\r\n", ""),
                    posted("Content-Length: 65537\r\n", ""),
                    chunked("10001\r\n"), chunked("fffffffffffffff\r\n")});
  // A client that looks only after it has sent everything hears it too.
  raw_client client{shared_server().port()};
  client.send(posted("Content-Length: 10000000\r\n", ""));
  CHECK(client.send(std::string(10'000'000, 'x')));
  const auto answer = client.receive();
  CHECK(answer.status == 413);
  CHECK(answer.body.find("\"payload_too_large\"") != std::string::npos);
}

TEST_CASE("H6 100 comes only after every check that needs no body",
          "[system][http_limits]") {
  const auto body = good_event();
  const auto waits = "Expect: 100-continue\r\nContent-Length: "
                     + std::to_string(body.size()) + "\r\n";
  {
    raw_client client{shared_server().port()};
    CHECK(client.ask(posted(waits, "")).status == 100);
    CHECK(client.ask(body).status == 200);
    CHECK(client.ask(next).status == 200);
  }
  const auto large = "Expect: 100-continue\r\nContent-Length: 70000\r\n"s;
  const auto json = "Content-Type: application/json\r\n"s;
  const auto nobody = "POST /v1/events HTTP/1.1\r\n" + host + json;
  are_refused(401, {nobody + waits + "\r\n",
                    nobody + "Authorization: Bearer x\r\n" + waits + "\r\n"});
  are_refused(404, {keyed("POST /v1/nothing") + json + waits + "\r\n"});
  are_refused(405, {keyed("POST /healthz") + json + waits + "\r\n"});
  are_refused(413, {posted(large, "")});
  are_refused(415, {keyed("POST /v1/events") + waits + "\r\n"});
  are_refused(417, {posted("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}")});
  // HTTP/1.0 knows no expectations.
  auto old = posted(waits + "Connection: close\r\n", body);
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  CHECK(send(old).answer.status == 200);
}

TEST_CASE("H7 H8 a body is JSON, named so once, and not compressed",
          "[system][http_limits]") {
  const auto body = good_event();
  const auto typed = [&](const std::string& fields) {
    return keyed("POST /v1/events") + fields + "Content-Length: "
           + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  std::vector<std::string> wrong{typed("")};
  for (const std::string type :
       {"text/plain", "application/xml", "application/jsonp",
        "application/json; charset=latin1", "application/json, text/plain",
        "application/x-www-form-urlencoded", "application/*", "json", ""})
    wrong.push_back(typed("Content-Type: " + type + "\r\n"));
  wrong.push_back(typed("Content-Type: application/json\r\n"
                        "Content-Type: application/json\r\n"));
  for (const std::string coding : {"gzip", "deflate", "br", "identity", "x"})
    wrong.push_back(typed("Content-Type: application/json\r\nContent-Encoding: "
                          + coding + "\r\n"));
  are_refused(415, wrong);
  for (const std::string type : {"application/json", "APPLICATION/JSON",
                                 "application/json;charset=UTF-8",
                                 "application/json; charset=\"utf-8\""})
    CHECK(status_of(typed("Content-Type: " + type + "\r\n")) == 200);
}

TEST_CASE("H8 a POST without a body says that one is missing",
          "[system][http_limits]") {
  for (const std::string length : {"", "Content-Length: 0\r\n"}) {
    raw_client client{shared_server().port()};
    const auto answer = client.ask(keyed("POST /v1/events") + length + "\r\n");
    CHECK(answer.status == 422);
    CHECK(answer.body.find("\"body_invalid_json\"") != std::string::npos);
    CHECK(answer.body.find("The body is empty") != std::string::npos);
    CHECK(client.ask(next).status == 200);
  }
}

TEST_CASE("H9 a method that a path does not serve is 405 with Allow",
          "[system][http_limits]") {
  raw_client client{shared_server().port()};
  for (const std::string method :
       {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get",
        "Get", "FOO", "PROPFIND", "GETX"}) {
    INFO(method);
    const auto answer
      = client.ask(method + " /healthz HTTP/1.1\r\n" + host + "\r\n");
    CHECK(answer.status == 405);
    CHECK(answer.headers.at("allow") == "GET, HEAD");
    CHECK(answer.headers.count("access-control-allow-origin") == 0);
  }
  CHECK(client.ask(keyed("DELETE /v1/events") + "\r\n").headers.at("allow")
        == "OPTIONS, POST, GET, HEAD");
  // TRACE would show credentials to a script.
  const auto traced = client.ask(keyed("TRACE /v1/events") + "\r\n");
  CHECK(traced.status == 405);
  CHECK(traced.body.find(shared_server().key()) == std::string::npos);
}

TEST_CASE("H9 a header does not change the method", "[system][http_limits]") {
  raw_client client{shared_server().port()};
  for (const std::string field :
       {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"})
    CHECK(client
            .ask("POST /healthz HTTP/1.1\r\n" + host + field
                 + ": GET\r\nContent-Length: 0\r\n\r\n")
            .status
          == 405);
}

TEST_CASE("H9 HEAD is GET without the body", "[system][http_limits]") {
  raw_client client{shared_server().port()};
  const auto whole = client.ask(next);
  client.send("HEAD /healthz HTTP/1.1\r\n" + host + "\r\n");
  const auto head = client.receive(false);
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == std::to_string(whole.body.size()));
  client.send(keyed("HEAD /v1/events") + "\r\n" + keyed("HEAD /nowhere")
              + "\r\n");
  CHECK(client.receive(false).status == 200);
  CHECK(client.receive(false).status == 404);
  CHECK(client.ask(next).body == whole.body);
}

TEST_CASE("H9 OPTIONS * names the methods of the server",
          "[system][http_limits]") {
  raw_client client{shared_server().port()};
  const auto answer = client.ask("OPTIONS * HTTP/1.1\r\n" + host + "\r\n");
  CHECK(answer.status == 204);
  CHECK(answer.headers.at("allow").starts_with("GET, HEAD, POST"));
  CHECK(answer.headers.count("content-length") == 0);
  CHECK(client.ask(next).status == 200);
}

TEST_CASE("H9 an upgrade is not taken", "[system][http_limits]") {
  CHECK(status_of(line + host + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        == 200);
  CHECK(
    status_of(line + host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    == 200);
}

TEST_CASE("H10 a path means one thing or is refused", "[system][http_limits]") {
  const auto got = [](const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\n" + host + "\r\n";
  };
  std::vector<std::string> wrong;
  for (const std::string path : {"//healthz",     "/healthz//",
                                 "/v1//events",   "/./healthz",
                                 "/../healthz",   "/v1/../healthz",
                                 "/v1/..",        "/%2e%2e/healthz",
                                 "/.%2e/healthz", "/v1/%2E%2e/healthz",
                                 "/%2e/healthz",  "/v1%2fevents",
                                 "/v1%2Fevents",  "/v1%5cevents",
                                 "/v1\\events",   "/healthz%00",
                                 "/%00healthz",   "/healthz%",
                                 "/healthz%4",    "/healthz%zz",
                                 "/healthz%0a",   "/healthz%0d%0aX:%20y",
                                 "/healthz%7f",   "/%c0%ae%c0%ae/healthz",
                                 "/%ff",          "/%ed%a0%80",
                                 "/healthz#a",    "/\xc3\xa9",
                                 "/healthz\x7f",  "/healthz\x01"})
    wrong.push_back(got(path));
  are_refused(400, wrong);
  for (const std::string path :
       {"/HEALTHZ", "/Healthz", "/healthz/", "/healthz;a=b", "/healthz%20",
        "/healthz%3f", "/%2568ealthz", "/v1/events;a"})
    CHECK(status_of(got(path)) == 404);
  // Escapes that were not needed change nothing.
  CHECK(status_of(got("/%68ealthz")) == 200);
  CHECK(status_of(got("/healthz?a=../..//")) == 200);
}

TEST_CASE("H12 a forwarded address is not believed, and harms nothing",
          "[system][http_limits]") {
  for (const std::string value : {"127.0.0.1", "10.0.0.1, unknown", ",,,"})
    CHECK(status_of(line + host + "X-Forwarded-For: " + value
                    + "\r\nX-Forwarded-Host: other\r\nForwarded: for=a\r\n\r\n")
          == 200);
}

TEST_CASE("the id of a request is in its answer and in its error",
          "[system][http_limits]") {
  api_client nobody{shared_server().port()};
  const auto named = nobody.get("/v1/events", {{"X-Request-Id", "mine-7"}});
  CHECK(named.header("x-request-id") == "mine-7");
  CHECK(named.text("/request_id") == "mine-7");
  CHECK(named.text("/error/request_id") == "mine-7");
  const auto made = nobody.get("/v1/events", {{"X-Request-Id", "not mine"}});
  CHECK(made.text("/request_id").starts_with("req_"));
  CHECK(made.header("x-request-id") == made.text("/request_id"));
}
