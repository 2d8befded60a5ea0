// Reads a stream of Server-Sent Events as it comes (HTML Living Standard, 9.2).
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace troupe::cli {

struct server_sent_event {
  std::string id; // of the last one that had one
  std::string type;
  std::string data;
};

class server_sent_events {
public:
  explicit server_sent_events(
    std::function<void(const server_sent_event&)> found)
    : found_(std::move(found)) {}

  void read(std::string_view more) {
    for (const char c : more)
      if (c == '\n')
        end_line();
      else if (c != '\r')
        line_ += c;
  }

private:
  void end_line() {
    if (line_.empty()) {
      if (!now_.data.empty())
        found_(now_);
      now_.data.clear();
      now_.type.clear();
      return;
    }
    const auto colon = line_.find(':');
    const auto name = line_.substr(0, colon);
    auto value = colon == line_.npos ? std::string{} : line_.substr(colon + 1);
    if (value.starts_with(' '))
      value.erase(0, 1);
    if (name == "data")
      now_.data += (now_.data.empty() ? "" : "\n") + value;
    else if (name == "id")
      now_.id = value;
    else if (name == "event")
      now_.type = value;
    line_.clear();
  }

  std::function<void(const server_sent_event&)> found_;
  server_sent_event now_;
  std::string line_;
};

} // namespace troupe::cli
