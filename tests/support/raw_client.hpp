// A TCP client that sends exactly the bytes it is given. Every wait ends after
// ten seconds at the latest, with a failure the test sees.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::support {

struct raw_answer {
  int status = 0;                             // 0: the connection ended instead
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
};

class raw_client {
public:
  explicit raw_client(std::uint16_t port, int receive_buffer = 0,
                      const char* from = nullptr)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer > 0)
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof receive_buffer);
    if (from != nullptr) {
      const auto local = address(from, 0);
      ::bind(socket_, as_plain(&local), sizeof local);
    }
    const auto remote = address("127.0.0.1", port);
    if (::connect(socket_, as_plain(&remote), sizeof remote) != 0)
      throw std::runtime_error{"cannot connect"};
  }

  raw_client(raw_client&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)},
      unread_{std::move(other.unread_)} {}

  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;
  raw_client& operator=(raw_client&&) = delete;

  ~raw_client() {
    if (socket_ >= 0)
      ::close(socket_);
  }

  /// False once the peer takes no more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent
        = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void end_sending() {
    ::shutdown(socket_, SHUT_WR);
  }

  /// The next answer, an interim one included.
  raw_answer receive(bool has_body = true) {
    raw_answer answer;
    std::size_t end = 0;
    while ((end = unread_.find("\r\n\r\n")) == unread_.npos)
      if (!read_more())
        return answer;
    parse_head(unread_.substr(0, end + 2), answer);
    unread_.erase(0, end + 4);
    const auto length = answer.headers.find("content-length");
    if (!has_body || length == answer.headers.end())
      return answer;
    const auto wanted = std::stoul(length->second);
    while (unread_.size() < wanted)
      if (!read_more())
        return {};
    answer.body = unread_.substr(0, wanted);
    unread_.erase(0, wanted);
    return answer;
  }

  /// What comes before the mark, which is taken too; empty when it never does.
  std::string receive_until(std::string_view mark) {
    std::size_t end = 0;
    while ((end = unread_.find(mark)) == unread_.npos)
      if (!read_more())
        return {};
    auto found = unread_.substr(0, end);
    unread_.erase(0, end + mark.size());
    return found;
  }

  /// So many bytes; fewer when the connection ends.
  std::string receive_bytes(std::size_t count) {
    while (unread_.size() < count && read_more())
      ;
    auto found = unread_.substr(0, count);
    unread_.erase(0, found.size());
    return found;
  }

  raw_answer ask(std::string_view bytes) {
    send(bytes);
    return receive();
  }

  /// Whether bytes or the end of the connection come within `patience`.
  bool is_readable(std::chrono::milliseconds patience) {
    pollfd waiting{socket_, POLLIN, 0};
    return !unread_.empty()
           || ::poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
  }

  /// Waits for the end of the connection. False when more bytes come first,
  /// or nothing happens.
  bool is_closed() {
    if (!unread_.empty())
      return false;
    char byte = 0;
    const auto got = ::recv(socket_, &byte, 1, 0);
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }

  [[nodiscard]] int native() const noexcept {
    return socket_;
  }

  /// Reads a head without its last, empty line.
  static void parse_head(std::string_view head, raw_answer& answer) {
    answer.status = std::stoi(std::string{head.substr(9, 3)});
    head.remove_prefix(head.find("\r\n") + 2);
    while (!head.empty()) {
      const auto line = head.substr(0, head.find("\r\n"));
      head.remove_prefix(line.size() + 2);
      const auto colon = line.find(": ");
      std::string name{line.substr(0, colon)};
      for (auto& c : name)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.headers[name] = line.substr(colon + 2);
    }
  }

private:
  static sockaddr_in address(const char* host, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    ::inet_pton(AF_INET, host, &result.sin_addr);
    return result;
  }

  static const sockaddr* as_plain(const sockaddr_in* address) {
    return reinterpret_cast<const sockaddr*>(address);
  }

  bool read_more() {
    char bytes[16 * 1024];
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0)
      return false;
    unread_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  std::string unread_;
};

} // namespace troupe::support
