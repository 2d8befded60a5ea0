#include "bench/load/event_source.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace troupe::bench {

namespace {

std::string in_hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  const auto end
    = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return {digits.data(), end.ptr};
}

constexpr std::string_view properties
  = R"(","total_pence":4299,"first_purchase":true,"plan":"pro",)"
    R"("currency":"GBP"}})";

} // namespace

event_source::event_source(options chosen)
  : head_{"POST " + chosen.path + " HTTP/1.1\r\nHost: " + chosen.host
          + "\r\nContent-Type: application/json\r\n"},
    api_key_{chosen.api_key},
    contacts_{chosen.contacts},
    batch_{chosen.batch},
    random_{std::random_device{}()},
    run_{in_hex(random_() & 0xffffff)} {
  if (batch_ == 0)
    head_ += "Authorization: Bearer " + api_key_ + "\r\n";
}

const std::string& event_source::next() {
  request_ = head_;
  if (batch_ == 0) {
    write_event();
    request_ += "Idempotency-Key: " + order_ + ":completed\r\n";
  } else {
    write_batch();
  }
  request_ += "Content-Length: ";
  request_ += std::to_string(body_.size());
  request_ += "\r\n\r\n";
  request_ += body_;
  return request_;
}

void event_source::next_order() {
  order_ = "ord_";
  order_ += run_;
  order_ += '_';
  order_ += std::to_string(++number_);
}

void event_source::add_contact() {
  body_ += "usr_";
  body_ += std::to_string(random_() % contacts_ + 1);
}

void event_source::write_event() {
  next_order();
  body_ = R"({"type":"order.completed","contact":{"external_id":")";
  add_contact();
  body_ += R"("},"metadata":{"order_id":")";
  body_ += order_;
  body_ += properties;
}

void event_source::write_batch() {
  body_ = R"({"writeKey":")" + api_key_ + R"(","batch":[)";
  for (std::uint32_t left = batch_; left > 0; --left) {
    next_order();
    body_ += R"({"type":"track","event":"order.completed","userId":")";
    add_contact();
    body_ += R"(","messageId":")";
    body_ += order_;
    body_ += R"(","properties":{"order_id":")";
    body_ += order_;
    body_ += properties;
    body_ += left > 1 ? "," : "]}";
  }
}

} // namespace troupe::bench
