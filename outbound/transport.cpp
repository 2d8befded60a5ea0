#include "outbound/transport.hpp"

#include "outbound/exchange.hpp"
#include "outbound/fair_queue.hpp"
#include "outbound/headers.hpp"
#include "outbound/server_of.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::outbound {

namespace {

// The poll also ends at curl's own timers and at a wake-up.
constexpr int poll_ms_max = 60'000;

http_outcome failed(const char* word) {
  http_outcome outcome;
  outcome.error = word;
  return outcome;
}

constexpr std::array<std::string_view, 7> methods{
  "POST", "GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

const char* refusal_of(const http_call& call) {
  if (call.mail)
    return nullptr;
  if (std::find(methods.begin(), methods.end(), call.method) == methods.end())
    return "method_not_allowed";
  for (const auto& [name, value] : call.headers)
    if (!check_header(name, value))
      return "header_not_allowed";
  return nullptr;
}

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

} // namespace

class transport::worker {
public:
  explicit worker(transport_options options);
  ~worker();

  void submit(http_call call, completion done);

private:
  struct waiting_call {
    http_call call;
    completion done;
    const char* refusal; // why the call must not be made, or nullptr
  };

  void run();
  void collect();
  void start_waiting();
  bool finish_ended();
  void finish(exchange& ended, CURLcode code);
  void abort_all();
  std::unique_ptr<exchange> free_exchange();

  const transport_options options_;
  CURLM* multi_;
  // Shared with submitters.
  std::mutex mutex_;
  std::vector<waiting_call> inbox_;
  std::atomic<std::size_t> waiting_count_ = 0;
  std::atomic<bool> stopping_ = false;
  // The thread's own.
  std::vector<waiting_call> collected_;
  fair_queue<waiting_call> waiting_;
  std::vector<std::unique_ptr<exchange>> active_;
  std::vector<std::unique_ptr<exchange>> free_;
  std::thread thread_;
};

transport::worker::worker(transport_options options)
  : options_{std::move(options)},
    multi_{(start_curl(), curl_multi_init())},
    waiting_{options_.calls_of_server_max} {
  const auto connections_max = static_cast<long>(options_.concurrent_calls_max);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections_max);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections_max);
  thread_ = std::thread{[this] {
    run();
  }};
}

transport::worker::~worker() {
  stopping_ = true;
  curl_multi_wakeup(multi_);
  thread_.join();
  free_.clear();
  curl_multi_cleanup(multi_);
}

void transport::worker::submit(http_call call, completion done) {
  const char* refusal = refusal_of(call);
  if (waiting_count_.fetch_add(1) >= options_.waiting_calls_max)
    refusal = "overloaded";
  if (refusal != nullptr)
    call = {};
  bool was_empty = false;
  {
    const std::lock_guard lock{mutex_};
    was_empty = inbox_.empty();
    inbox_.push_back({std::move(call), std::move(done), refusal});
  }
  // A full inbox has been announced already.
  if (was_empty)
    curl_multi_wakeup(multi_);
}

void transport::worker::run() {
  while (!stopping_) {
    collect();
    start_waiting();
    int running = 0;
    curl_multi_perform(multi_, &running);
    // A freed place may be taken at once, and a completion may have submitted.
    if (finish_ended())
      continue;
    curl_multi_poll(multi_, nullptr, 0, poll_ms_max, nullptr);
  }
  abort_all();
}

void transport::worker::collect() {
  {
    const std::lock_guard lock{mutex_};
    collected_.swap(inbox_);
  }
  for (auto& call : collected_) {
    if (call.refusal == nullptr) {
      auto server = server_of(call.call.url);
      waiting_.push(std::move(server), std::move(call));
      continue;
    }
    --waiting_count_;
    call.done(failed(call.refusal));
  }
  collected_.clear();
}

std::unique_ptr<exchange> transport::worker::free_exchange() {
  if (free_.empty())
    return std::make_unique<exchange>(options_);
  auto exchange = std::move(free_.back());
  free_.pop_back();
  return exchange;
}

void transport::worker::start_waiting() {
  while (active_.size() < options_.concurrent_calls_max) {
    auto turn = waiting_.take();
    if (!turn)
      return;
    auto& next = turn->item;
    --waiting_count_;
    auto started = free_exchange();
    if (!started->begin(std::move(next.call), std::move(next.done))
        || curl_multi_add_handle(multi_, started->handle()) != CURLM_OK) {
      // Not put back: a handle that failed once is not to be relied on.
      waiting_.done(turn->whose);
      started->take_completion()(failed("internal"));
      continue;
    }
    started->place = active_.size();
    started->server = std::move(turn->whose);
    active_.push_back(std::move(started));
  }
}

bool transport::worker::finish_ended() {
  bool any = false;
  int left = 0;
  while (const auto* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    finish(*exchange::of(message->easy_handle), message->data.result);
    any = true;
  }
  return any;
}

void transport::worker::finish(exchange& ended, CURLcode code) {
  curl_multi_remove_handle(multi_, ended.handle());
  auto outcome = ended.finish(code);
  auto done = ended.take_completion();
  waiting_.done(ended.server);
  const auto place = ended.place;
  std::swap(active_[place], active_.back());
  active_[place]->place = place;
  if (ended.is_reusable())
    free_.push_back(std::move(active_.back()));
  active_.pop_back();
  done(std::move(outcome));
}

void transport::worker::abort_all() {
  for (auto& started : active_)
    curl_multi_remove_handle(multi_, started->handle());
  for (auto& started : std::exchange(active_, {}))
    started->take_completion()(failed("aborted"));
  // Completions may submit once more, and refusals have completions too.
  for (collect(); waiting_count_ > 0; collect())
    for (auto& call : waiting_.take_all()) {
      --waiting_count_;
      call.done(failed("aborted"));
    }
}

transport::transport(transport_options options) {
  auto mail = options.guard.options();
  mail.ports = {25, 465, 587, 2525};
  options.mail_guard = address_guard{std::move(mail)};
  worker_ = std::make_unique<worker>(std::move(options));
}

transport::~transport() = default;

void transport::submit(http_call call, completion done) {
  worker_->submit(std::move(call), std::move(done));
}

} // namespace troupe::outbound
