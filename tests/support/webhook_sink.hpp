// A webhook receiver that keeps what it gets and answers as it is told.
#pragma once

#include "tests/support/receiver.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace troupe::test {

struct received_call {
  std::string line;                           // "POST /hook HTTP/1.1"
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
  boost::json::value json; // null when the body is none
  std::chrono::steady_clock::time_point at;
};

class webhook_sink {
public:
  /// @param status answers the n-th call, from 0; 200 always when absent
  explicit webhook_sink(std::function<int(std::size_t)> status = {},
                        std::uint16_t port = 0);

  [[nodiscard]] std::string url() const {
    return receiver_.url();
  }

  [[nodiscard]] std::uint16_t port() const noexcept {
    return receiver_.port();
  }

  /// What came so far, once that are `count` calls or time is over.
  std::vector<received_call> wait_for(std::size_t count,
                                      std::chrono::seconds patience);

private:
  void play(connection& peer);

  std::function<int(std::size_t)> status_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<received_call> calls_;
  receiver receiver_; // last: its threads use the rest
};

/// Whether one of the call's signatures is the one of this `whsec_…` secret
/// over what was received.
bool is_signed_with(const received_call& call, const std::string& secret);

} // namespace troupe::test
