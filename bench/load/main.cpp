// Load for one server on this machine: keep-alive connections that each send
// the next event as soon as the last one is answered. One thread. Prints one
// line of JSON; ends with 1 when nobody listens.
//
// usage: load_generator --port N [--connections 64] [--seconds 5]
//          [--requests N] [--warm-up SECONDS] [--key KEY] [--path /v1/events]
//          [--contacts 10000] [--batch EVENTS]
//
// With --requests the run ends after that many, otherwise after --seconds.
// What is sent during the warm-up is counted apart. A run ends when every
// request is answered, so that `requests` + `warm_up_requests` is all the work
// the server was given.
#include "bench/load/connection.hpp"
#include "bench/load/event_source.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace troupe::bench;

namespace {

constexpr std::chrono::seconds patience{30};

double own_cpu_us() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

struct tally {
  std::vector<double> latencies_ms;
  std::uint64_t warm_up = 0;
  std::uint64_t not_2xx = 0;
  std::uint64_t socket_errors = 0;
  clock::time_point last_answer{};
};

class load {
public:
  explicit load(std::map<std::string, std::string> given)
    : given_{std::move(given)},
      source_{{"127.0.0.1", text("path", "/v1/events"), text("key", "none"),
               static_cast<std::uint32_t>(number("contacts", 10'000)),
               static_cast<std::uint32_t>(number("batch", 0))}},
      epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    const auto port = static_cast<std::uint16_t>(number("port", 0));
    for (auto left = number("connections", 64); left >= 1; --left)
      connections_.push_back(std::make_unique<connection>(port));
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() {
    ::close(epoll_);
  }

  bool run() {
    const auto seconds = [](double count) {
      return std::chrono::duration_cast<clock::duration>(
        std::chrono::duration<double>{count});
    };
    const auto limit = number("requests", 0);
    measured_from_ = clock::now() + seconds(number("warm-up", 0));
    if (limit > 0) {
      requests_left_ = static_cast<std::uint64_t>(limit);
      ends_at_ = clock::time_point::max();
    } else {
      ends_at_ = measured_from_ + seconds(number("seconds", 5));
    }
    for (auto& one : connections_)
      if (!join(*one))
        return false;
    while (busy_ > 0)
      if (!turn())
        return false;
    return true;
  }

  void print() {
    auto& all = result_.latencies_ms;
    std::sort(all.begin(), all.end());
    const auto at = [&all](double share) {
      const auto index = static_cast<double>(all.size()) * share;
      return all.empty()
               ? 0.0
               : all[std::min(all.size() - 1, static_cast<std::size_t>(index))];
    };
    const auto elapsed
      = std::chrono::duration<double>(result_.last_answer - measured_from_)
          .count();
    const auto rate
      = all.empty() ? 0.0 : static_cast<double>(all.size()) / elapsed;
    std::printf("{\"requests\":%zu,\"warm_up_requests\":%llu,\"seconds\":%.3f,"
                "\"rps\":%.1f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,"
                "\"p999_ms\":%.3f,\"max_ms\":%.3f,\"not_2xx\":%llu,"
                "\"socket_errors\":%llu,\"own_cpu_us\":%.0f}\n",
                all.size(), static_cast<unsigned long long>(result_.warm_up),
                elapsed, rate, at(0.5), at(0.9), at(0.99), at(0.999),
                all.empty() ? 0.0 : all.back(),
                static_cast<unsigned long long>(result_.not_2xx),
                static_cast<unsigned long long>(result_.socket_errors),
                own_cpu_us());
  }

private:
  std::string text(const std::string& name, const std::string& otherwise) {
    const auto found = given_.find(name);
    return found == given_.end() ? otherwise : found->second;
  }
  double number(const std::string& name, double otherwise) {
    const auto found = given_.find(name);
    return found == given_.end() ? otherwise
                                 : std::strtod(found->second.c_str(), nullptr);
  }

  /// Opens the connection and sends its first request.
  bool join(connection& one) {
    if (!one.open()) {
      std::fprintf(stderr, "load_generator: nobody listens\n");
      return false;
    }
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.ptr = &one;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, one.descriptor(), &interest);
    return send_next(one);
  }

  bool send_next(connection& one) {
    const auto now = clock::now();
    if (now >= ends_at_ || requests_left_ == 0)
      return true;
    --requests_left_;
    ++busy_;
    return one.send(source_.next(), now) || replace(one);
  }

  /// A broken connection is counted and opened again.
  bool replace(connection& one) {
    if (one.is_busy()) {
      ++result_.socket_errors;
      --busy_;
    }
    one.close();
    return join(one);
  }

  bool turn() {
    std::array<epoll_event, 256> ready;
    const auto count
      = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), 1000);
    if (count <= 0 && clock::now() - last_progress_ > patience) {
      std::fprintf(stderr, "load_generator: no answer for %lld s\n",
                   static_cast<long long>(patience.count()));
      return false;
    }
    for (int i = 0; i < count; ++i) {
      auto& one = *static_cast<connection*>(
        ready[static_cast<std::size_t>(i)].data.ptr);
      const auto came = one.receive();
      if (came == connection::progress::broken) {
        if (!replace(one))
          return false;
      } else if (came == connection::progress::answered) {
        note(one);
        if (!send_next(one))
          return false;
      }
    }
    return true;
  }

  void note(const connection& one) {
    --busy_;
    last_progress_ = clock::now();
    if (one.status() / 100 != 2 && ++result_.not_2xx == 1)
      std::fprintf(stderr, "first answer that is not 2xx:\n%s\n",
                   one.answer().c_str());
    if (one.sent_at() < measured_from_) {
      ++result_.warm_up;
      return;
    }
    result_.last_answer = last_progress_;
    const std::chrono::duration<double, std::milli> took
      = last_progress_ - one.sent_at();
    result_.latencies_ms.push_back(took.count());
  }

  std::map<std::string, std::string> given_;
  event_source source_;
  int epoll_;
  std::vector<std::unique_ptr<connection>> connections_;
  std::uint64_t requests_left_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t busy_ = 0;
  clock::time_point measured_from_{};
  clock::time_point ends_at_{};
  clock::time_point last_progress_ = clock::now();
  tally result_;
};

} // namespace

int main(int count, char** arguments) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < count; i += 2)
    if (const std::string name = arguments[i]; name.starts_with("--"))
      given[name.substr(2)] = arguments[i + 1];
  if (!given.contains("port")) {
    std::fprintf(stderr, "usage: load_generator --port N [--connections 64] "
                         "[--seconds 5] [--requests N] [--warm-up SECONDS] "
                         "[--key KEY] [--path /v1/events] "
                         "[--contacts 10000]\n");
    return 2;
  }
  load run{std::move(given)};
  const auto has_ended = run.run();
  run.print();
  return has_ended ? 0 : 1;
}
