#include "http/body_stream.hpp"

#include <utility>

namespace troupe::http {

// Once until the next take.
void body_stream::wake() {
  if (wake_ && !std::exchange(is_woken_, true))
    wake_();
}

bool body_stream::write(std::string_view piece) {
  const std::lock_guard lock{mutex_};
  if (is_closed_ || is_ended_)
    return false;
  waiting_ += piece;
  wake();
  return true;
}

bool body_stream::has_room() const {
  const std::lock_guard lock{mutex_};
  return waiting_.size() < room_;
}

void body_stream::end() {
  const std::lock_guard lock{mutex_};
  is_ended_ = true;
  wake();
}

void body_stream::open(std::function<void()> wake) {
  const std::lock_guard lock{mutex_};
  wake_ = std::move(wake);
}

std::string body_stream::take(std::size_t bytes_max) {
  std::string taken;
  auto is_empty = false;
  {
    const std::lock_guard lock{mutex_};
    is_woken_ = false;
    if (waiting_.size() <= bytes_max) {
      taken.swap(waiting_);
    } else {
      taken = waiting_.substr(0, bytes_max);
      waiting_.erase(0, bytes_max);
    }
    is_empty = !taken.empty() && waiting_.empty();
  }
  if (is_empty && on_room_)
    on_room_();
  return taken;
}

bool body_stream::is_over() const {
  const std::lock_guard lock{mutex_};
  return is_ended_ && waiting_.empty();
}

void body_stream::close() {
  const std::lock_guard lock{mutex_};
  is_closed_ = true;
  wake_ = nullptr;
  waiting_.clear();
}

std::shared_ptr<body_stream>
taker_of(const std::shared_ptr<body_stream>& stream) {
  return {stream.get(), [stream](body_stream* all) {
            all->close();
          }};
}

} // namespace troupe::http
