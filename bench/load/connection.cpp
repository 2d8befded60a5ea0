#include "bench/load/connection.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

namespace troupe::bench {

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::string_view length_field = "\r\ncontent-length:";

/// The announced length of the body; 0 without one.
std::size_t body_length(std::string_view head) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    auto field = head.substr(at);
    if (strncasecmp(field.data(), length_field.data(), length_field.size())
        != 0)
      continue;
    field.remove_prefix(length_field.size());
    field.remove_prefix(field.find_first_not_of(' '));
    std::size_t length = 0;
    std::from_chars(field.data(), field.data() + field.size(), length);
    return length;
  }
  return 0;
}

} // namespace

bool connection::open() {
  descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port_);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return connect(descriptor_, reinterpret_cast<const sockaddr*>(&server),
                 sizeof server)
         == 0;
}

void connection::close() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  descriptor_ = -1;
  is_busy_ = false;
}

bool connection::send(const std::string& request, clock::time_point now) {
  bytes_.clear();
  sent_at_ = now;
  is_busy_ = true;
  return ::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL)
         == static_cast<ssize_t>(request.size());
}

connection::progress connection::receive() {
  std::array<char, 16'384> part;
  const auto count = recv(descriptor_, part.data(), part.size(), MSG_DONTWAIT);
  if (count <= 0)
    return progress::broken;
  bytes_.append(part.data(), static_cast<std::size_t>(count));
  if (!is_whole())
    return progress::waiting;
  is_busy_ = false;
  return progress::answered;
}

int connection::status() const {
  constexpr std::size_t at = std::string_view{"HTTP/1.1 "}.size();
  int code = 0;
  if (bytes_.size() > at + 3)
    std::from_chars(bytes_.data() + at, bytes_.data() + at + 3, code);
  return code;
}

bool connection::is_whole() {
  const std::string_view all = bytes_;
  const auto end = all.find(end_of_head);
  if (end == std::string_view::npos)
    return false;
  const auto head = all.substr(0, end + 2);
  return all.size() >= end + end_of_head.size() + body_length(head);
}

} // namespace troupe::bench
