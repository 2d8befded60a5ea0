// `troupe events tail`: what it shows, and what it does when it is refused or
// loses its server.
#include "tests/support/receiver.hpp"
#include "tests/system/cli_shell.hpp"

#include <atomic>

using namespace troupe::test;

namespace {

namespace json = boost::json;

constexpr std::chrono::seconds patience{30};

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

const std::string stream_head{
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
  "retry: 2000\n\n"};
const std::string one_event{"id: evt_1\ndata: {\"type\":\"tail.played\"}\n\n"};

} // namespace

TEST_CASE_METHOD(shell, "events tail shows events as they come",
                 "[system][cli_tail]") {
  const auto type = fresh("cli.tailed.");
  process tail{
    words_of({"events", "tail", "--type", type, "--output", "ndjson"}),
    path("tail.err")};
  // It shows what comes once it follows.
  std::optional<std::string> line;
  CHECK(eventually([&] {
    api.emit(event_body(type, by_external_id("usr_1")));
    line = tail.read_line(std::chrono::seconds{1});
    return line.has_value();
  }));
  REQUIRE(line);
  CHECK(json::parse(*line).at("type") == type.c_str());
}

TEST_CASE_METHOD(shell, "events tail ends with what it was refused for",
                 "[system][cli_tail]") {
  const auto wrong = write("wrong-key", "tr_live_nobody\n");
  const auto stranger = troupe({"events", "tail", "--key-file", wrong});
  CHECK(stranger.code == 1);
  CHECK(stranger.errors.find("(invalid_api_key)") != std::string::npos);
  receiver strict{answers(response(
    400, "Content-Type: application/problem+json\r\n",
    R"({"code":"cursor_invalid","detail":"no such event","status":400})"))};
  const auto refused
    = run_troupe({"events", "tail", "--url",
                  "http://127.0.0.1:" + std::to_string(strict.port())});
  CHECK(refused.code == 1);
  CHECK(refused.errors == "troupe: no such event (cursor_invalid)\n");
  const auto nobody
    = run_troupe({"events", "tail", "--url", "http://127.0.0.1:1"});
  CHECK(nobody.code == 1);
  CHECK(nobody.errors.find("server_unreachable") != std::string::npos);
}

TEST_CASE_METHOD(
  shell,
  "events tail tries again after 5xx and a lost connection, says "
  "so once for each loss, and goes on where it was",
  "[system][cli_tail]") {
  std::atomic<int> asked{0};
  std::atomic<bool> told_last{false};
  receiver flaky{[&](connection& peer) {
    const auto request = peer.read_request();
    switch (asked++) {
      case 0:
      case 1:
        peer.write(response(503));
        return;
      case 2: // and the connection breaks off
        peer.write(stream_head + one_event);
        return;
      default:
        told_last = request.find("Last-Event-ID: evt_1") != std::string::npos;
        peer.write(stream_head + one_event);
        peer.hang();
    }
  }};
  process tail{words_of({"events", "tail", "--output", "ndjson", "--url",
                         "http://127.0.0.1:" + std::to_string(flaky.port())}),
               path("tail.err")};
  CHECK(tail.read_line(patience) == R"({"type":"tail.played"})");
  CHECK(tail.read_line(patience) == R"({"type":"tail.played"})");
  CHECK(told_last);
  INFO(read("tail.err"));
  CHECK(count(read("tail.err"), "trying again") == 2);
}

TEST_CASE_METHOD(shell,
                 "events tail notices a server that fell silent, and takes "
                 "signs of life for what they are",
                 "[system][cli_tail]") {
  receiver silent{[](connection& peer) {
    peer.read_request();
    peer.write(stream_head + one_event);
    peer.hang();
  }};
  const auto type = fresh("cli.quiet.");
  process lively{
    words_of({"events", "tail", "--type", type, "--output", "ndjson"}),
    path("lively.err")};
  process tail{words_of({"events", "tail", "--output", "ndjson", "--url",
                         "http://127.0.0.1:" + std::to_string(silent.port())}),
               path("tail.err")};
  CHECK(tail.read_line(patience));
  // No event for longer than a stream may be silent.
  CHECK(eventually(
    [&] {
      return silent.connections() > 1;
    },
    std::chrono::seconds{90}));
  INFO(read("tail.err"));
  CHECK(count(read("tail.err"), "nothing came for 40 s") == 1);
  CHECK(read("lively.err").empty());
  CHECK(api.emit(event_body(type, by_external_id("usr_1"))).status == 200);
  CHECK(lively.read_line(patience));
}
