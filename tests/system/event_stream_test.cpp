// Following events over the real socket.
#include "tests/system/tenant.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace troupe::test;

namespace {

namespace json = boost::json;
using troupe::support::raw_answer;
using troupe::support::raw_client;

struct message {
  std::string id;
  json::value event;
};

/// A client of the stream; every wait ends after ten seconds.
class stream_client {
public:
  stream_client(std::uint16_t port, const std::string& key,
                const std::string& query = {}, const std::string& more = {})
    : connection_{port} {
    connection_.send("GET /v1/events/stream" + query
                     + " HTTP/1.1\r\nHost: troupe\r\nAuthorization: Bearer "
                     + key + "\r\n" + more + "\r\n");
    head_ = connection_.receive(false);
  }

  [[nodiscard]] const raw_answer& head() const {
    return head_;
  }

  /// The next message; without an id when the stream ended before.
  message next() {
    for (;;) {
      const auto end = text_.find("\n\n");
      if (end == text_.npos) {
        const auto piece = chunk();
        if (piece.empty())
          return {};
        text_ += piece;
        continue;
      }
      const auto block = text_.substr(0, end + 1);
      text_.erase(0, end + 2);
      if (auto found = parse(block); !found.id.empty())
        return found;
    }
  }

  /// True when the stream ends as it should: with its last chunk.
  bool ends() {
    while (!is_over_ && !chunk().empty())
      ;
    return is_over_;
  }

  raw_client& connection() {
    return connection_;
  }

private:
  static message parse(const std::string& block) {
    message found;
    std::string data;
    for (std::size_t at = 0; at < block.size();) {
      const auto end = block.find('\n', at);
      const auto line = block.substr(at, end - at);
      at = end + 1;
      if (line.starts_with("id: "))
        found.id = line.substr(4);
      if (line.starts_with("data: "))
        data += line.substr(6) + "\n";
    }
    json::error_code failure;
    found.event = json::parse(data, failure);
    return found;
  }

  // Empty: the last one, or the connection broke off.
  std::string chunk() {
    const auto line = connection_.receive_until("\r\n");
    if (line.empty())
      return {};
    const auto size = std::stoul(line, nullptr, 16);
    const auto piece = connection_.receive_bytes(size + 2);
    is_over_ = size == 0;
    return piece.substr(0, size);
  }

  raw_client connection_;
  raw_answer head_;
  std::string text_;
  bool is_over_ = false;
};

class followers : protected with_server {
protected:
  stream_client follow(const std::string& query = {},
                       const std::string& more = {}) {
    return {shared_server().port(), mine.made.text("/key"), query, more};
  }

  std::string emit(const std::string& type, const std::string& who = "usr_1",
                   const std::string& metadata = "{}") {
    const auto made
      = mine.api.emit(event_body(type, by_external_id(who), metadata));
    REQUIRE(made.status == 200);
    return made.text("/id");
  }

  tenant mine{api};
};

} // namespace

TEST_CASE_METHOD(followers,
                 "a stream tells of events as they happen, each once, in order",
                 "[system][event_stream]") {
  emit("stream.before");
  auto live = follow();
  CHECK(live.head().status == 200);
  CHECK(live.head().headers.at("content-type") == "text/event-stream");
  CHECK(live.head().headers.at("cache-control") == "no-cache");
  CHECK(live.head().headers.at("transfer-encoding") == "chunked");
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i)
    sent.push_back(emit("stream.sent", "usr_" + std::to_string(i % 7),
                        "{\"n\":\n  " + std::to_string(i) + "}"));
  for (int i = 0; i < 100; ++i) {
    const auto got = live.next();
    REQUIRE(got.id == sent[static_cast<std::size_t>(i)]);
    CHECK(got.event.at("id").as_string() == got.id);
    CHECK(got.event.at("metadata").at("n") == i);
  }
  const auto shown = mine.api.get("/v1/events/" + sent.back());
  emit("stream.last");
  CHECK(live.next().event.at("type").as_string() == "stream.last");
}

TEST_CASE_METHOD(followers,
                 "who comes back with the last id misses nothing and gets "
                 "nothing twice",
                 "[system][event_stream]") {
  std::vector<std::string> sent{emit("back.first")};
  for (int i = 0; i < 150; ++i)
    sent.push_back(emit("back.away"));
  auto live = follow("?after=" + sent[0]);
  for (std::size_t i = 1; i < 60; ++i)
    REQUIRE(live.next().id == sent[i]);
  // The header is of later than the address.
  auto again
    = follow("?after=" + sent[0], "Last-Event-ID: " + sent[59] + "\r\n");
  sent.push_back(emit("back.live"));
  for (std::size_t i = 60; i < sent.size(); ++i)
    REQUIRE(again.next().id == sent[i]);
}

TEST_CASE_METHOD(followers,
                 "a stream is of one workspace, and of the types and the "
                 "contact asked for, also after a merge",
                 "[system][event_stream]") {
  const auto first = emit("filter.first");
  tenant other{api};
  other.api.emit(event_body("filter.other", by_external_id("usr_1")));
  mine.api.emit(event_body("filter.visit", R"({"anonymous_id":"anon_1"})"));
  emit("filter.noise", "usr_2");
  emit("wanted.one", "usr_2");
  const auto merged = mine.api.emit(event_body(
    "filter.signup", R"({"external_id":"usr_9","anonymous_id":"anon_1"})"));
  emit("filter.last", "usr_9");
  auto typed = follow("?type=wanted.*&after=" + first);
  CHECK(typed.next().event.at("type").as_string() == "wanted.one");
  auto of_one = follow("?contact[external_id]=usr_9&after=" + first);
  for (const auto* type : {"filter.visit", "filter.signup", "filter.last"})
    CHECK(of_one.next().event.at("type").as_string() == type);
  auto of_nobody = follow("?contact[external_id]=usr_late");
  emit("filter.late", "usr_1");
  emit("filter.come", "usr_late");
  CHECK(of_nobody.next().event.at("type").as_string() == "filter.come");
}

TEST_CASE_METHOD(followers, "what cannot be followed is refused",
                 "[system][event_stream]") {
  CHECK(mine.api.get("/v1/events/stream?after=evt_0").code()
        == "event_id_invalid");
  CHECK(mine.api.get("/v1/events/stream", {{"Last-Event-ID", "7"}}).status
        == 422);
  CHECK(mine.api.get("/v1/events/stream?limit=5").code()
        == "query_parameter_unknown");
  CHECK(mine.api.get("/v1/events/stream?contact[size]=5").status == 422);
  const auto writer
    = mine.api.post("/v1/keys", R"({"name":"w","scopes":["events:write"]})");
  api_client writing{shared_server().port(), writer.text("/key")};
  CHECK(writing.get("/v1/events/stream").status == 403);
  auto head = raw_client{shared_server().port()};
  head.send("HEAD /v1/events/stream HTTP/1.1\r\nHost: troupe\r\n"
            "Authorization: Bearer "
            + mine.made.text("/key") + "\r\nConnection: close\r\n\r\n");
  CHECK(head.receive(false).status == 200);
  CHECK(head.is_closed());
  std::vector<stream_client> open;
  for (int i = 0; i < 32; ++i) {
    open.push_back(follow());
    REQUIRE(open.back().head().status == 200);
  }
  const auto over = mine.api.get("/v1/events/stream");
  CHECK(over.status == 503);
  CHECK(over.code() == "streams_limit");
  open.pop_back(); // who went away makes room
  CHECK(eventually([&] {
    return follow().head().status == 200;
  }));
}

TEST_CASE_METHOD(followers,
                 "a stream tells nothing once its key is revoked, and ends",
                 "[system][event_stream]") {
  const auto key = mine.api.post(
    "/v1/keys", R"({"name":"screen","scopes":["events:read"]})");
  stream_client live{shared_server().port(), key.text("/key")};
  const auto before = emit("revoked.before");
  CHECK(live.next().id == before);
  REQUIRE(mine.api.send("DELETE", "/v1/keys/" + key.text("/id"), "", {}).status
          == 200);
  emit("revoked.after");
  CHECK(live.next().id.empty());
  CHECK(live.ends());
}

TEST_CASE_METHOD(followers, "a client of HTTP/1.0 is told without chunks",
                 "[system][event_stream]") {
  const auto first = emit("old.first");
  const auto second = emit("old.second");
  raw_client old{shared_server().port()};
  old.send("GET /v1/events/stream?after=" + first
           + " HTTP/1.0\r\nHost: troupe\r\nAuthorization: Bearer "
           + mine.made.text("/key") + "\r\n\r\n");
  const auto head = old.receive(false);
  CHECK(head.status == 200);
  CHECK_FALSE(head.headers.contains("transfer-encoding"));
  CHECK(old.receive_until("\n\n") == "retry: 2000");
  CHECK(old.receive_until("\n") == "id: " + second);
}

TEST_CASE_METHOD(followers,
                 "a reader that does not read holds up nobody and is "
                 "disconnected",
                 "[system][event_stream]") {
  const auto first = emit("slow.first");
  constexpr int events = 2'500; // more than the kernel keeps for a reader
  const auto filler = R"({"text":")" + std::string(4000, 'x') + "\"}";
  std::string last;
  for (int i = 0; i < events; ++i)
    last = emit("slow.filler", "usr_1", filler);
  raw_client stuck{shared_server().port(), 4096};
  stuck.send("GET /v1/events/stream?after=" + first
             + " HTTP/1.1\r\nHost: troupe\r\nAuthorization: Bearer "
             + mine.made.text("/key") + "\r\n\r\n");
  REQUIRE(stuck.receive(false).status == 200);
  auto quick = follow("?after=" + first);
  std::string seen;
  for (int i = 0; i < events; ++i)
    seen = quick.next().id;
  CHECK(seen == last);
  // Its write deadline: what is on its way may still come, then the end.
  CHECK(eventually(
    [&] {
      return !stuck.send("x"); // no end without a reset
    },
    std::chrono::seconds{60}));
}

TEST_CASE("a stream ends with the server, within its drain",
          "[system][event_stream]") {
  troupe_server server;
  stream_client live{server.port(), server.key()};
  REQUIRE(live.head().status == 200);
  CHECK(server.stop() == 0);
  CHECK(live.ends());
}

TEST_CASE("a stream goes on after a crash where it was",
          "[system][event_stream]") {
  troupe_server server;
  auto api = server.client();
  const auto emit = [](api_client& by, const char* type) {
    return by.emit(event_body(type, by_external_id("usr_1"))).text("/id");
  };
  const auto first = emit(api, "crash.one");
  const auto second = emit(api, "crash.two");
  server.kill();
  server.start();
  auto after = server.client();
  stream_client live{server.port(), server.key(), "?after=" + first};
  CHECK(live.next().id == second);
  const auto third = emit(after, "crash.three");
  CHECK(live.next().id == third);
}
