// The requests of the bench: one event each, 170 bytes of JSON about one of
// many contacts picked at random, never the same Idempotency-Key twice.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace troupe::bench {

class event_source {
public:
  struct options {
    std::string host;
    std::string path = "/v1/events";
    std::string api_key;
    std::uint32_t contacts = 10'000;
  };

  explicit event_source(options chosen);

  /// One whole HTTP/1.1 request; valid until the next call.
  const std::string& next();

private:
  std::string head_;
  std::uint32_t contacts_;
  std::mt19937_64 random_;
  std::string run_; // keys of two runs must differ as well
  std::uint64_t number_ = 0;
  std::string order_;
  std::string body_;
  std::string request_;
};

} // namespace troupe::bench
