#include "bench/load/event_source.hpp"

#include <array>
#include <charconv>

namespace troupe::bench {

namespace {

std::string in_hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end
    = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return {digits.data(), end.ptr};
}

} // namespace

event_source::event_source(options chosen)
  : head_{"POST " + chosen.path + " HTTP/1.1\r\nHost: " + chosen.host
          + "\r\nAuthorization: Bearer " + chosen.api_key
          + "\r\nContent-Type: application/json\r\nIdempotency-Key: "},
    contacts_{chosen.contacts},
    random_{std::random_device{}()},
    run_{in_hex(random_() & 0xffffff)} {}

const std::string& event_source::next() {
  ++number_;
  order_ = "ord_";
  order_ += run_;
  order_ += '_';
  order_ += std::to_string(number_);
  body_ = R"({"type":"order.completed","contact":{"external_id":"usr_)";
  body_ += std::to_string(random_() % contacts_ + 1);
  body_ += R"("},"metadata":{"order_id":")";
  body_ += order_;
  body_ += R"(","total_pence":4299,"first_purchase":true,"plan":"pro",)"
           R"("currency":"GBP"}})";
  request_ = head_;
  request_ += order_;
  request_ += ":completed\r\nContent-Length: ";
  request_ += std::to_string(body_.size());
  request_ += "\r\n\r\n";
  request_ += body_;
  return request_;
}

} // namespace troupe::bench
