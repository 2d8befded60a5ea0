#include "cli/event_tail.hpp"

#include "cli/client.hpp"
#include "cli/output.hpp"
#include "cli/server_sent_events.hpp"
#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds pause_first{1};
constexpr std::chrono::seconds pause_max{30};

void show(const std::string& format, const json::value& event) {
  if (format != "table") {
    std::puts(format == "json" ? pretty(event).c_str()
                               : engine::to_json(event).c_str());
  } else {
    const auto part = [&](const char* pointer) {
      json::error_code failure;
      const auto* found = event.find_pointer(pointer, failure);
      return found == nullptr ? std::string{"-"} : plain(*found);
    };
    std::printf("%s  %s  %s  %s\n", part("/received_at").c_str(),
                part("/type").c_str(), part("/contact/external_id").c_str(),
                part("/metadata").c_str());
  }
  std::fflush(stdout);
}

/// How long to wait before the next try. What went wrong is said once, until
/// the stream was there again.
class retries {
public:
  void succeed() {
    failures_ = 0;
  }

  void wait(const std::string& why) {
    if (failures_ == 0)
      std::fprintf(stderr, "troupe: %s; trying again until it answers\n",
                   why.c_str());
    std::this_thread::sleep_for(
      std::min(pause_first * (1 << failures_), pause_max));
    failures_ = std::min(failures_ + 1, doublings_max);
  }

private:
  static constexpr int doublings_max = 5;

  int failures_ = 0;
};

} // namespace

int tail_events(const arguments& given, const std::string& path) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  const auto format = given.text("--output", "table");
  std::string last;
  auto was_there = false;
  retries again;
  for (;;) {
    request_headers headers{{"Accept", "text/event-stream"}};
    if (!last.empty())
      headers.emplace_back("Last-Event-ID", last);
    server_sent_events parser{[&](const server_sent_event& each) {
      json::error_code failure;
      const auto event = json::parse(each.data, failure);
      if (!failure)
        show(format, event);
      if (!each.id.empty())
        last = each.id;
    }};
    const auto done = server->stream(path, headers, [&](std::string_view more) {
      was_there = true;
      again.succeed();
      parser.read(more);
    });
    // One that never was there is more likely a slip in its address.
    if (!done
        && (done.failure().code != engine::errc::overloaded
            || (!was_there && done.failure().name == "server_unreachable")))
      return report(done.failure());
    again.wait(done ? "the stream ended" : done.failure().message);
  }
}

} // namespace troupe::cli
