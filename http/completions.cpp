#include "http/completions.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace troupe::http {

completions::completions(boost::asio::io_context& context, delivery deliver)
  : context_{context}, deliver_{std::move(deliver)} {}

void completions::complete(request_ticket ticket, response answer) noexcept {
  push({ticket, std::move(answer)});
}

void completions::abandon(request_ticket ticket) noexcept {
  push({ticket, std::nullopt});
}

void completions::own() {
  const std::lock_guard lock{mutex_};
  owner_ = std::this_thread::get_id();
}

void completions::enter(std::uint64_t serial) {
  current_ = serial;
}

std::optional<completion> completions::leave() {
  current_ = 0;
  return std::exchange(immediate_, std::nullopt);
}

void completions::push(completion done) noexcept {
  // `owner_` is set before the first request, so before the first answer.
  if (std::this_thread::get_id() == owner_ && done.ticket.serial == current_) {
    immediate_ = std::move(done);
    return;
  }
  try {
    const std::lock_guard lock{mutex_};
    if (is_closed_)
      return;
    waiting_.push_back(std::move(done));
    // Under the lock, so that close() means that nothing is posted after it.
    if (!is_posted_)
      boost::asio::post(context_, [this] {
        drain();
      });
    is_posted_ = true;
  } catch (...) {
    // Out of memory: the next one posts, or the request's deadline answers 503.
  }
}

void completions::drain() {
  {
    const std::lock_guard lock{mutex_};
    is_posted_ = false;
    draining_.swap(waiting_);
  }
  for (auto& done : draining_)
    deliver_(done);
  draining_.clear();
}

void completions::close() {
  const std::lock_guard lock{mutex_};
  is_closed_ = true;
  waiting_.clear();
}

} // namespace troupe::http
