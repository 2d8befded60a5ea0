#include "tests/support/postgres_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

namespace troupe::test {

namespace {

using namespace std::string_view_literals;

sockaddr_un address_in(const std::string& directory) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const auto path = directory + "/.s.PGSQL.5432";
  if (path.size() >= sizeof at.sun_path)
    throw std::runtime_error{"too long for a socket: " + path};
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  return at;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

} // namespace

postgres_proxy::postgres_proxy(const std::string& server) : server_(server) {
  const auto here = address_in(at_.path());
  listening_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (pipe(stopping_) != 0
      || bind(listening_, reinterpret_cast<const sockaddr*>(&here), sizeof here)
           != 0
      || ::listen(listening_, 16) != 0)
    throw std::runtime_error{"the proxy cannot listen"};
  thread_ = std::thread{[this] {
    listen();
  }};
}

postgres_proxy::~postgres_proxy() {
  close(stopping_[1]); // all threads see the end of the pipe
  thread_.join();
  for (auto& each : serving_)
    each.join();
  close(stopping_[0]);
  close(listening_);
}

void postgres_proxy::plan(fault what) {
  trips_planned_ = trips_ + 1;
  planned_ = what;
}

void postgres_proxy::before_second_trip(std::function<void()> what) {
  call_ = std::move(what);
  plan(fault::call);
}

void postgres_proxy::listen() {
  for (;;) {
    pollfd wanted[] = {{listening_, POLLIN, 0}, {stopping_[0], POLLIN, 0}};
    poll(wanted, 2, -1);
    if (wanted[1].revents != 0)
      return;
    const auto client = accept(listening_, nullptr, nullptr);
    if (client < 0)
      continue;
    const std::lock_guard lock{threads_};
    serving_.emplace_back([this, client] {
      serve(client);
    });
  }
}

// A client that waits for its answers ends what it sends with a Sync.
bool postgres_proxy::pass_to_server(std::string_view bytes, int server) {
  const auto ends = bytes.ends_with("S\0\0\0\4"sv);
  const auto is_second = ends && trips_ >= trips_planned_;
  auto planned = fault::lose_second_trip;
  if (is_second && planned_.compare_exchange_strong(planned, fault::none))
    return false;
  planned = fault::call;
  if (is_second && planned_.compare_exchange_strong(planned, fault::none))
    call_();
  if (ends)
    ++trips_;
  if (!send_all(server, bytes))
    return false;
  planned = fault::cut_second_trip;
  return !is_second || !planned_.compare_exchange_strong(planned, fault::none);
}

bool postgres_proxy::pass_to_client(std::string_view bytes, int client) {
  auto planned = fault::lose_commit_answer;
  if (bytes.find("C\0\0\0\013COMMIT\0"sv) != bytes.npos
      && planned_.compare_exchange_strong(planned, fault::none))
    return false;
  return send_all(client, bytes);
}

void postgres_proxy::serve(int client) {
  const auto server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto there = address_in(server_);
  auto open
    = connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there)
      == 0;
  std::string buffer(1 << 20, '\0');
  while (open) {
    pollfd wanted[]
      = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stopping_[0], POLLIN, 0}};
    poll(wanted, 3, -1);
    open = wanted[2].revents == 0;
    for (int i = 0; open && i < 2; ++i) {
      if (wanted[i].revents == 0)
        continue;
      const auto got = read(wanted[i].fd, buffer.data(), buffer.size());
      const std::string_view bytes{buffer.data(),
                                   static_cast<std::size_t>(got > 0 ? got : 0)};
      open = got > 0
             && (i == 0 ? pass_to_server(bytes, server)
                        : pass_to_client(bytes, client));
    }
  }
  close(client);
  close(server);
}

} // namespace troupe::test
