// The requests of the bench: 170 bytes of JSON about one of many contacts
// picked at random, never the same Idempotency-Key twice; or batches of the
// same events as the Segment family sends them.
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
    /// Events of a request to `/v1/batch`; 0: one event, in its native form.
    std::uint32_t batch = 0;
  };

  explicit event_source(options chosen);

  /// One whole HTTP/1.1 request; valid until the next call.
  const std::string& next();

private:
  void next_order();
  void add_contact();
  void write_event();
  void write_batch();

  std::string head_;
  std::string api_key_;
  std::uint32_t contacts_;
  std::uint32_t batch_;
  std::mt19937_64 random_;
  std::string run_; // keys of two runs must differ as well
  std::uint64_t number_ = 0;
  std::string order_;
  std::string body_;
  std::string request_;
};

} // namespace troupe::bench
