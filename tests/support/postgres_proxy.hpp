// Stands between libpq and a server, and breaks connections where a test wants
// it: what a network does that loses the answer to a COMMIT.
#pragma once

#include "tests/support/temporary_directory.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe::test {

class postgres_proxy {
public:
  /// @param server the directory of its socket
  explicit postgres_proxy(const std::string& server);
  ~postgres_proxy();

  postgres_proxy(const postgres_proxy&) = delete;
  postgres_proxy& operator=(const postgres_proxy&) = delete;

  /// The directory of its own socket.
  [[nodiscard]] const std::string& directory() const {
    return at_.path();
  }

  enum class fault {
    none,
    lose_commit_answer, // of the next COMMIT: the server has done it
    lose_second_trip,   // what is sent after the next round trip never arrives
    cut_second_trip,    // it arrives, and the connection ends at once
    call,               // see before_second_trip
  };

  /// What happens to the next connection it applies to, once.
  void plan(fault what);

  /// Is called once, when the second round trip from now begins: between what
  /// a group reads and what it writes. Must not go through this proxy.
  void before_second_trip(std::function<void()> what);

  /// Round trips: how often a client waited for all of its answers.
  [[nodiscard]] int trips() const {
    return trips_;
  }

private:
  void listen();
  void serve(int client);
  /// @returns false when the connection shall end now
  bool pass_to_server(std::string_view bytes, int server);
  bool pass_to_client(std::string_view bytes, int client);

  temporary_directory at_;
  std::string server_;
  int listening_ = -1;
  int stopping_[2] = {-1, -1};
  std::atomic<fault> planned_{fault::none};
  std::atomic<int> trips_{0};
  std::atomic<int> trips_planned_{0};
  std::function<void()> call_;
  std::mutex threads_;
  std::vector<std::thread> serving_;
  std::thread thread_;
};

} // namespace troupe::test
