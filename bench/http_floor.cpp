// What the HTTP front costs by itself: a server whose handler always gives the
// same answer. Measure CPU time of this process per request, pinned:
//   taskset -c 0 http_floor [threaded] & taskset -c 1 wrk -t1 -c64 -d5s
// Prints its address, then, after the end of its input, one line with requests
// and CPU-µs per request (user and system). With `threaded`, answers come from
// another thread, as they do from actors.
#include "http/server.hpp"

#include <sys/resource.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace troupe::http;

namespace {

double cpu_microseconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto all = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return all(used.ru_utime) + all(used.ru_stime);
}

response accepted() {
  response answer;
  answer.status = 202;
  answer.body = R"({"data":{"id":"evt_01J0000000000000000000000","ok":true}})";
  return answer;
}

/// Answers from a thread of its own, in batches as they gather.
class answering_thread {
public:
  ~answering_thread() {
    {
      const std::lock_guard lock{mutex_};
      has_ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void add(responder answer) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(answer));
    if (waiting_.size() == 1)
      changed_.notify_one();
  }

private:
  void run() {
    std::unique_lock lock{mutex_};
    while (!has_ended_) {
      changed_.wait(lock, [this] {
        return has_ended_ || !waiting_.empty();
      });
      auto batch = std::exchange(waiting_, {});
      lock.unlock();
      for (auto& each : batch)
        each.respond(accepted());
      batch.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<responder> waiting_;
  bool has_ended_ = false;
  std::thread thread_{[this] {
    run();
  }};
};

} // namespace

int main(int argc, char** argv) {
  const auto is_threaded = argc > 1 && std::string_view{argv[1]} == "threaded";
  server_options options;
  answering_thread answering;
  auto started = server::start(options, [&](request, responder answer) {
    if (is_threaded)
      answering.add(std::move(answer));
    else
      answer.respond(accepted());
  });
  if (!started)
    return 1;
  auto& running = **started;
  std::printf("%s\n", running.address().url().c_str());
  std::fflush(stdout);
  const auto before = cpu_microseconds();
  while (std::getchar() != EOF) {
  }
  const auto spent = cpu_microseconds() - before;
  const auto requests = static_cast<double>(running.counters().requests.load());
  std::printf("requests %.0f, CPU-us per request %.2f\n", requests,
              requests > 0 ? spent / requests : 0.0);
  running.stop();
  return 0;
}
