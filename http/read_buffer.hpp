// Bytes read and not yet used; starts small, grows to a fixed bound, and so
// bounds what a client can send ahead.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace troupe::http {

class read_buffer {
public:
  explicit read_buffer(std::size_t capacity_max)
    : capacity_max_{capacity_max} {}

  [[nodiscard]] std::string_view view() const {
    return {bytes_.get() + begin_, end_ - begin_};
  }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_)
      begin_ = end_ = 0;
  }

  void commit(std::size_t count) {
    end_ += count;
  }

  /// Room to read into; empty only when the bound is reached. Moves bytes, so
  /// views are void after it.
  std::span<char> space() {
    if (end_ == capacity_ && begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == capacity_)
      grow();
    return {bytes_.get() + end_, capacity_ - end_};
  }

  /// Takes all the room it may have, for a long body.
  void grow_fully() {
    while (capacity_ < capacity_max_)
      grow();
  }

private:
  void grow() {
    constexpr std::size_t first = 4'096;
    const auto larger
      = std::min(capacity_max_, capacity_ == 0 ? first : capacity_ * 2);
    if (larger == capacity_)
      return;
    std::unique_ptr<char[]> bytes{new char[larger]}; // left uninitialised
    if (end_ != 0)
      std::memcpy(bytes.get(), bytes_.get(), end_);
    bytes_ = std::move(bytes);
    capacity_ = larger;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t capacity_max_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

} // namespace troupe::http
