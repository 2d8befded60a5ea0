// One keep-alive connection with at most one request under way. Blocking
// connects and writes (a request fits any socket buffer), reads only when the
// caller knows that bytes are there.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace troupe::bench {

using clock = std::chrono::steady_clock;

class connection {
public:
  enum class progress { waiting, answered, broken };

  explicit connection(std::uint16_t port) : port_{port} {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    close();
  }

  /// @returns false when nobody listens.
  bool open();
  void close();

  /// @pre open, no request under way
  /// @returns false when the connection broke.
  bool send(const std::string& request, clock::time_point now);

  /// Reads what has come. After `answered`, `status` and `answer` say what.
  progress receive();

  int descriptor() const {
    return descriptor_;
  }
  bool is_busy() const {
    return is_busy_;
  }
  clock::time_point sent_at() const {
    return sent_at_;
  }
  int status() const;
  const std::string& answer() const {
    return bytes_;
  }

private:
  bool is_whole();

  std::uint16_t port_;
  int descriptor_ = -1;
  bool is_busy_ = false;
  clock::time_point sent_at_{};
  std::string bytes_;
};

} // namespace troupe::bench
