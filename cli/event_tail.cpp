#include "cli/event_tail.hpp"

#include "cli/client.hpp"
#include "cli/output.hpp"
#include "cli/server_sent_events.hpp"
#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

#include <chrono>
#include <cstdio>
#include <thread>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::chrono::seconds pause{1};

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

} // namespace

int tail_events(const arguments& given, const std::string& path) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  const auto format = given.text("--output", "table");
  std::string last;
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
    const auto done
      = server->stream(path, headers, [&parser](std::string_view more) {
          parser.read(more);
          return true;
        });
    // A stream that ended is asked for again; one that was refused is not.
    if (!done && last.empty())
      return report(done.failure());
    std::this_thread::sleep_for(pause);
  }
}

} // namespace troupe::cli
