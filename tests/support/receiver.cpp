#include "tests/support/receiver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace troupe::test {

namespace {

constexpr int drip_pause_ms = 10;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

std::size_t content_length(std::string_view head) {
  for (auto name : {"Content-Length: ", "content-length: "})
    if (const auto at = head.find(name); at != std::string_view::npos)
      return static_cast<std::size_t>(
        std::atol(head.data() + at + std::string_view{name}.size()));
  return 0;
}

} // namespace

std::string connection::receive() {
  std::array<char, 16 * 1024> buffer{};
  const auto count
    = tls_ != nullptr
        ? SSL_read(tls_, buffer.data(), static_cast<int>(buffer.size()))
        : static_cast<int>(recv(socket_, buffer.data(), buffer.size(), 0));
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count))
                   : std::string{};
}

std::string connection::read_request() {
  while (true) {
    if (const auto end = unread_.find("\r\n\r\n"); end != std::string::npos) {
      const auto size
        = end + 4 + content_length(std::string_view{unread_}.substr(0, end));
      if (unread_.size() >= size) {
        auto request = unread_.substr(0, size);
        unread_.erase(0, size);
        return request;
      }
    }
    const auto more = receive();
    if (more.empty())
      return {};
    unread_ += more;
  }
}

bool connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count
      = tls_ != nullptr
          ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
          : static_cast<int>(
            send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (count <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void connection::drip(std::string_view text) {
  for (std::size_t i = 0; !stopping_; i = (i + 1) % text.size()) {
    pollfd gone{socket_, POLLIN | POLLRDHUP, 0};
    if (poll(&gone, 1, drip_pause_ms) != 0 || !write(text.substr(i, 1)))
      return;
  }
}

std::size_t connection::flood(std::string_view text) {
  std::size_t sent = 0;
  while (!stopping_ && write(text))
    sent += text.size();
  return sent;
}

void connection::hang() {
  while (!receive().empty())
    ;
}

void connection::reset_on_close() {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void connection::half_close() {
  shutdown(socket_, SHUT_WR);
}

receiver::receiver(script play, std::shared_ptr<ssl_ctx_st> tls,
                   std::string_view address, std::uint16_t port)
  : play_{std::move(play)}, tls_{std::move(tls)} {
  const bool is_v6 = address.find(':') != std::string_view::npos;
  listener_ = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0)
    fail("socket");
  sockaddr_storage storage{};
  socklen_t size = is_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto& in = reinterpret_cast<sockaddr_in&>(storage);
  auto& in6 = reinterpret_cast<sockaddr_in6&>(storage);
  storage.ss_family = is_v6 ? AF_INET6 : AF_INET;
  in.sin_port = htons(port); // at the same place in both
  inet_pton(storage.ss_family, std::string{address}.c_str(),
            is_v6 ? static_cast<void*>(&in6.sin6_addr) : &in.sin_addr);
  auto* generic = reinterpret_cast<sockaddr*>(&storage);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 512) != 0)
    fail("bind");
  getsockname(listener_, generic, &size);
  port_ = ntohs(in.sin_port);
  accepting_ = std::thread{[this] {
    accept_all();
  }};
}

receiver::~receiver() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  close(listener_);
  {
    const std::lock_guard lock{mutex_};
    for (const int socket : open_)
      shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_)
    thread.join();
}

std::string receiver::url(std::string_view scheme,
                          std::string_view host) const {
  return std::string{scheme} + "://" + std::string{host} + ":"
         + std::to_string(port_) + "/hook";
}

void receiver::accept_all() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0)
      return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    const std::lock_guard lock{mutex_};
    open_.push_back(socket);
    if (stopping_)
      shutdown(socket, SHUT_RDWR);
    threads_.emplace_back([this, socket] {
      serve(socket);
    });
  }
}

void receiver::serve(int socket) {
  // OpenSSL writes to a closed socket. Blocked in this thread only, so that a
  // signal raised by the code under test still ends the program.
  sigset_t pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);
  {
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls{
      tls_ ? SSL_new(tls_.get()) : nullptr, &SSL_free};
    if (tls)
      SSL_set_fd(tls.get(), socket);
    connection peer{socket, tls.get(), stopping_};
    if (!tls || SSL_accept(tls.get()) == 1)
      play_(peer);
  }
  // Under the lock: the number may belong to another socket once it is closed.
  const std::lock_guard lock{mutex_};
  open_.erase(std::find(open_.begin(), open_.end(), socket));
  close(socket);
}

receiver::script answers(std::string response) {
  return [response = std::move(response)](connection& peer) {
    while (!peer.read_request().empty())
      if (!peer.write(response))
        return;
  };
}

std::string response(int status, std::string_view header_lines,
                     std::string_view body) {
  return "HTTP/1.1 " + std::to_string(status)
         + " Any\r\ncontent-length: " + std::to_string(body.size()) + "\r\n"
         + std::string{header_lines} + "\r\n" + std::string{body};
}

} // namespace troupe::test
