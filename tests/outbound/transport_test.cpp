#include "outbound/transport.hpp"
#include "tests/support/calls.hpp"
#include "tests/support/receiver.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <semaphore>
#include <set>

using namespace troupe::outbound;
using namespace troupe::test;

namespace {

/// Keeps what it was sent, answers 200.
struct recording_receiver {
  std::mutex mutex;
  std::vector<std::string> requests;
  receiver sink{[this](connection& peer) {
    for (auto request = peer.read_request(); !request.empty();
         request = peer.read_request()) {
      {
        const std::lock_guard lock{mutex};
        requests.push_back(request);
      }
      const bool is_head = request.starts_with("HEAD");
      peer.write(response(200, {}, is_head ? "" : "ok"));
    }
  }};

  std::string last() {
    const std::lock_guard lock{mutex};
    return requests.back();
  }
};

/// Ends at once, on the transport's thread.
http_call refused_call() {
  auto call = post_to({});
  call.method = "TRACE";
  return call;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("an answer comes back with status, headers and body",
          "[outbound][transport]") {
  receiver sink{answers(response(201, "X-One: a\r\nx-two:  b \r\n", "made"))};
  transport calls{local_options()};
  const auto outcome = ask(calls, post_to(sink.url()));
  CHECK(outcome.status == 201);
  CHECK(outcome.error.empty());
  CHECK(outcome.body == "made");
  CHECK(
    outcome.headers
    == header_list{{"content-length", "4"}, {"X-One", "a"}, {"x-two", "b"}});
  CHECK_FALSE(outcome.retry_after_seconds);
  CHECK(outcome.timings.total >= outcome.timings.first_byte);
}

TEST_CASE("every status is an answer, for others to judge",
          "[outbound][transport]") {
  const int status = GENERATE(200, 204, 400, 410, 429, 500, 502, 503, 599);
  receiver sink{answers(response(status))};
  transport calls{local_options()};
  const auto outcome = ask(calls, post_to(sink.url()));
  CHECK(outcome.status == status);
  CHECK(outcome.error.empty());
}

TEST_CASE("a request carries the caller's headers and body and no more",
          "[outbound][transport]") {
  recording_receiver receiver;
  transport calls{local_options()};
  auto call = post_to(receiver.sink.url(), std::string{"a\0b", 3});
  call.headers = {{"webhook-id", "msg_1"}, {"x-empty", ""}};
  CHECK(ask(calls, std::move(call)).status == 200);
  const auto port = std::to_string(receiver.sink.port());
  CHECK(receiver.last()
        == "POST /hook HTTP/1.1\r\nHost: 127.0.0.1:" + port
             + "\r\nUser-Agent: Troupe\r\nAccept: */*\r\nwebhook-id: msg_1\r\n"
               "x-empty:\r\nContent-Length: 3\r\n\r\n"
             + std::string{"a\0b", 3});
}

TEST_CASE("nothing of a call is left over for the next one",
          "[outbound][transport]") {
  recording_receiver receiver;
  auto options = local_options();
  options.concurrent_calls_max = 1;
  transport calls{options};
  struct row {
    std::string method, body;
    bool sends_length;
  };
  const std::vector<row> rows{
    {"POST", "one", true}, {"GET", "", false},     {"HEAD", "", false},
    {"PUT", "two", true},  {"DELETE", "", false},  {"POST", "", true},
    {"PATCH", "x", true},  {"OPTIONS", "", false}, {"GET", "q", true},
    {"HEAD", "", false},   {"POST", "last", true}};
  for (const auto& row : rows) {
    auto call = post_to(receiver.sink.url(), row.body);
    call.method = row.method;
    call.headers = {{"x-" + row.method, "1"}};
    CHECK(ask(calls, std::move(call)).status == 200);
    const auto request = receiver.last();
    CAPTURE(request);
    CHECK(request.starts_with(row.method + " /hook HTTP/1.1\r\n"));
    CHECK(request.ends_with("\r\n\r\n" + row.body));
    CHECK(contains(request, "x-" + row.method + ": 1\r\n"));
    CHECK(request.find("\r\nx-") == request.rfind("\r\nx-"));
    CHECK(contains(request, "Content-Length") == row.sends_length);
  }
  CHECK(receiver.sink.connections() == 1);
}

TEST_CASE("calls one after another share a connection",
          "[outbound][transport]") {
  receiver sink{answers(response(200, {}, "ok"))};
  transport calls{local_options()};
  for (int i = 0; i < 20; ++i)
    CHECK(ask(calls, post_to(sink.url())).status == 200);
  CHECK(sink.connections() == 1);
}

TEST_CASE("a large body is sent at once, without Expect",
          "[outbound][transport]") {
  recording_receiver receiver;
  transport calls{local_options()};
  const std::string body(3'000'000, 'b');
  CHECK(ask(calls, post_to(receiver.sink.url(), body)).status == 200);
  CHECK(receiver.last().ends_with("\r\n\r\n" + body));
  CHECK_FALSE(contains(receiver.last(), "Expect"));
}

TEST_CASE("W7 a header that could split a request is refused, unsent",
          "[outbound][transport]") {
  receiver sink{answers(response(200))};
  transport calls{local_options()};
  const std::vector<header_list> refused{
    {{"x", "a\r\nHost: other"}}, {{"x\r\ny", "a"}},         {{"", "a"}},
    {{"Host", "other"}},         {{"Content-Length", "0"}}, {{"x", "\n"}}};
  for (const auto& headers : refused) {
    auto call = post_to(sink.url());
    call.headers = headers;
    CHECK(ask(calls, std::move(call)).error == "header_not_allowed");
  }
  for (const auto* method : {"", "CONNECT", "TRACE", "GET / HTTP/1.1\r\nx:"}) {
    auto call = post_to(sink.url());
    call.method = method;
    CHECK(ask(calls, std::move(call)).error == "method_not_allowed");
  }
  CHECK(sink.connections() == 0);
}

TEST_CASE("W4 only http and https without a user name are called",
          "[outbound][transport]") {
  receiver sink{answers(response(200))};
  transport calls{local_options()};
  const auto port = std::to_string(sink.port());
  for (const auto& url : std::vector<std::string>{
         "", "ftp://127.0.0.1:" + port + "/", "file:///etc/hostname",
         "gopher://127.0.0.1:" + port + "/", "smtp://127.0.0.1:" + port + "/",
         "http://u:p@127.0.0.1:" + port + "/", "http://"}) {
    CAPTURE(url);
    const auto outcome = ask(calls, post_to(url));
    CHECK(outcome.error == "url_not_allowed");
    CHECK(outcome.body.empty());
  }
  CHECK(sink.connections() == 0);
}

TEST_CASE("proxies of the environment are not used", "[outbound][transport]") {
  receiver proxy{answers(response(200, {}, "proxy"))};
  receiver sink{answers(response(200, {}, "sink"))};
  for (const auto* name : {"http_proxy", "all_proxy", "ALL_PROXY"})
    setenv(name, proxy.url().c_str(), 1);
  transport calls{local_options()};
  CHECK(ask(calls, post_to(sink.url())).body == "sink");
  CHECK(proxy.connections() == 0);
  for (const auto* name : {"http_proxy", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
}

TEST_CASE("no more calls are under way than allowed; the others wait",
          "[outbound][transport]") {
  std::promise<void> gate;
  receiver sink{[opened = gate.get_future().share()](connection& peer) {
    while (!peer.read_request().empty()) {
      opened.wait();
      peer.write(response(200));
    }
  }};
  auto options = local_options();
  options.concurrent_calls_max = 3;
  transport calls{options};
  std::vector<std::future<http_outcome>> outcomes;
  for (int i = 0; i < 200; ++i)
    outcomes.push_back(submit(calls, post_to(sink.url())));
  // Two turns of the transport: by now it has begun all it wants to begin.
  for (int i = 0; i < 2; ++i)
    ask(calls, refused_call());
  gate.set_value();
  for (auto& outcome : outcomes)
    CHECK(outcome_of(std::move(outcome)).status == 200);
  CHECK(sink.connections() == 3);
}

TEST_CASE("U1 a server that hangs leaves room for others",
          "[outbound][transport]") {
  std::promise<void> gate;
  receiver hanging{[opened = gate.get_future().share()](connection& peer) {
    while (!peer.read_request().empty()) {
      opened.wait();
      peer.write(response(200));
    }
  }};
  receiver quick{answers(response(200))};
  auto options = local_options();
  options.concurrent_calls_max = 4;
  options.calls_of_server_max = 3;
  transport calls{options};
  std::vector<std::future<http_outcome>> outcomes;
  for (int i = 0; i < 20; ++i)
    outcomes.push_back(submit(calls, post_to(hanging.url())));
  for (int i = 0; i < 5; ++i)
    CHECK(ask(calls, post_to(quick.url())).status == 200);
  gate.set_value();
  for (auto& outcome : outcomes)
    CHECK(outcome_of(std::move(outcome)).status == 200);
  CHECK(hanging.connections() == 3);
}

TEST_CASE("open connections stay within the bound over many endpoints",
          "[outbound][transport]") {
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  const receiver::script play = [&](connection& peer) {
    most = std::max(most.load(), ++open);
    while (!peer.read_request().empty() && peer.write(response(200)))
      ;
    --open;
  };
  std::vector<std::unique_ptr<receiver>> sinks;
  for (int i = 0; i < 12; ++i)
    sinks.push_back(std::make_unique<receiver>(play));
  auto options = local_options();
  options.concurrent_calls_max = 4;
  transport calls{options};
  for (const auto& sink : sinks)
    CHECK(ask(calls, post_to(sink->url())).status == 200);
  int connections = 0;
  for (const auto& sink : sinks)
    connections += sink->connections();
  CHECK(connections == 12);
  // Closed ones may be noticed by their receivers a moment later; without the
  // bound all 12 stay open.
  CHECK(most <= 9);
}

TEST_CASE("calls beyond the waiting room end as overloaded",
          "[outbound][transport]") {
  receiver sink{[](connection& peer) {
    peer.hang();
  }};
  auto options = local_options();
  options.concurrent_calls_max = 1;
  options.waiting_calls_max = 2;
  std::vector<std::future<http_outcome>> outcomes;
  {
    transport calls{options};
    for (int i = 0; i < 6; ++i)
      outcomes.push_back(submit(calls, post_to(sink.url())));
    // One is under way at most, two wait at most: the rest has been refused,
    // and the refusals do not wait for a free place.
    CHECK(outcome_of(std::move(outcomes.back())).error == "overloaded");
    outcomes.pop_back();
  }
  int overloaded = 0;
  for (auto& outcome : outcomes)
    overloaded += outcome_of(std::move(outcome)).error == "overloaded";
  CHECK(overloaded >= 2);
}

TEST_CASE("the end of a transport aborts calls under way and waiting ones",
          "[outbound][transport]") {
  receiver sink{[](connection& peer) {
    peer.hang();
  }};
  auto options = local_options();
  options.concurrent_calls_max = 2;
  std::atomic<int> aborted = 0;
  std::atomic<int> ended = 0;
  {
    transport calls{options};
    for (int i = 0; i < 10; ++i)
      calls.submit(post_to(sink.url()), [&](http_outcome outcome) {
        ++ended;
        aborted += outcome.error == "aborted" && outcome.status == 0;
        if (ended <= 10) // one that is told to stop may try once more
          calls.submit(post_to(sink.url()), [&](http_outcome again) {
            aborted += again.error == "aborted";
          });
      });
  }
  CHECK(ended == 10);
  CHECK(aborted == 20);
}

TEST_CASE("completions run on the transport's thread and may submit",
          "[outbound][transport]") {
  receiver sink{answers(response(200))};
  transport calls{local_options()};
  std::set<std::thread::id> threads;
  std::promise<void> finished;
  std::function<void(int)> next = [&](int left) {
    calls.submit(post_to(sink.url()), [&, left](http_outcome outcome) {
      threads.insert(std::this_thread::get_id());
      if (left == 0 || outcome.status != 200)
        return finished.set_value();
      next(left - 1);
    });
  };
  next(50);
  REQUIRE(finished.get_future().wait_for(patience)
          == std::future_status::ready);
  CHECK(threads.size() == 1);
  CHECK(threads.count(std::this_thread::get_id()) == 0);
  CHECK(sink.connections() == 1);
}

TEST_CASE("each of many calls from many threads ends exactly once",
          "[outbound][transport]") {
  receiver good{answers(response(200, {}, "ok"))};
  receiver bad{[](connection& peer) {
    peer.read_request();
    peer.reset_on_close();
  }};
  constexpr int threads = 4;
  constexpr int calls_each = 250;
  std::vector<std::atomic<int>> ends(threads * calls_each);
  std::atomic<int> wrong = 0;
  {
    transport calls{local_options()};
    std::counting_semaphore<> ended{0};
    std::vector<std::thread> submitters;
    for (int t = 0; t < threads; ++t)
      submitters.emplace_back([&, t] {
        for (int i = 0; i < calls_each; ++i) {
          const bool to_bad = i % 10 == 0;
          const auto at = static_cast<std::size_t>(t * calls_each + i);
          calls.submit(post_to(to_bad ? bad.url() : good.url()),
                       [&, at, to_bad](http_outcome outcome) {
                         ++ends[at];
                         wrong += to_bad ? outcome.error != "connection_lost"
                                         : outcome.body != "ok";
                         ended.release();
                       });
        }
      });
    for (auto& submitter : submitters)
      submitter.join();
    for (int i = 0; i < threads * calls_each; ++i)
      REQUIRE(ended.try_acquire_for(patience));
  }
  for (const auto& count : ends)
    REQUIRE(count == 1);
  CHECK(wrong == 0);
}
