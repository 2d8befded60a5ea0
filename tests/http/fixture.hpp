// A real server on a free port with a handler that does what the path says.
#pragma once

#include "http/server.hpp"
#include "tests/support/raw_client.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::http::test {

/// Options that no test waits long for: long limits, a quick tick.
inline server_options quick() {
  server_options options;
  options.tick = std::chrono::milliseconds{5};
  options.linger_timeout = std::chrono::milliseconds{50};
  return options;
}

/// Responders of `/held`, until a test answers or drops them.
class held_responders {
public:
  void add(responder answer) {
    const std::lock_guard lock{mutex_};
    held_.push_back(std::move(answer));
    changed_.notify_all();
  }

  /// Waits until there are `count`.
  std::vector<responder> take(std::size_t count) {
    std::unique_lock lock{mutex_};
    const auto there = changed_.wait_for(lock, std::chrono::seconds{10}, [&] {
      return held_.size() >= count;
    });
    REQUIRE(there);
    return std::exchange(held_, {});
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<responder> held_;
};

/// Looks until the fact is there; false after ten seconds.
template <class Fact>
bool eventually(Fact fact) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::seconds{10};
  while (clock::now() < end) {
    if (fact())
      return true;
    std::this_thread::yield();
  }
  return false;
}

inline response text(std::string body) {
  response answer;
  answer.content_type = "text/plain";
  answer.body = std::move(body);
  return answer;
}

class echo_server {
public:
  explicit echo_server(server_options options = quick())
    : server_{start(std::move(options), *held_)} {}

  ~echo_server() {
    server_->stop();
  }

  [[nodiscard]] support::raw_client connect(int receive_buffer = 0,
                                            const char* from = nullptr) const {
    return support::raw_client{server_->address().port, receive_buffer, from};
  }

  held_responders& held() {
    return *held_;
  }

  server* operator->() {
    return server_.get();
  }

  [[nodiscard]] const http_counters& counters() const {
    return server_->counters();
  }

private:
  static std::unique_ptr<server> start(server_options options,
                                       held_responders& held) {
    auto started = server::start(
      std::move(options), [&held](request asked, responder answer) {
        serve(std::move(asked), std::move(answer), held);
      });
    REQUIRE(started);
    return std::move(*started);
  }

  static void serve(request asked, responder answer, held_responders& held) {
    const auto path = asked.path();
    if (path == "/held") {
      held.add(std::move(answer));
    } else if (path == "/dropped") {
      return;
    } else if (path == "/throws") {
      throw std::runtime_error{"from the handler"};
    } else if (path == "/memory") {
      throw std::bad_alloc{};
    } else if (path == "/large") {
      answer.respond(text(std::string(8 * 1024 * 1024, 'x')));
    } else if (path == "/fixed") {
      static const std::string bytes(4 * 1024 * 1024, 'f');
      auto fixed = text({});
      fixed.fixed_body = bytes;
      answer.respond(std::move(fixed));
    } else {
      std::string shown{asked.method()};
      shown.append(" ").append(path).append("?").append(asked.query());
      answer.respond(text(shown + " " + asked.body));
    }
  }

  // Before the server: handlers use it until the server has stopped.
  std::unique_ptr<held_responders> held_ = std::make_unique<held_responders>();
  std::unique_ptr<server> server_;
};

inline std::string get(std::string_view path, std::string_view more = {}) {
  std::string bytes = "GET ";
  bytes.append(path).append(" HTTP/1.1\r\nHost: here\r\n").append(more);
  return bytes + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body) {
  std::string bytes = "POST ";
  bytes.append(path).append(" HTTP/1.1\r\nHost: here\r\nContent-Length: ");
  bytes.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return bytes;
}

} // namespace troupe::http::test
