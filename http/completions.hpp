// Answers on their way back to one io thread. However many threads answer, the
// io thread is woken once for all answers that gathered meanwhile.
#pragma once

#include "http/responder.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace troupe::http {

struct completion {
  request_ticket ticket;
  std::optional<response> answer; // nothing: abandoned
};

class completions final : public answer_sink {
public:
  using delivery = std::function<void(completion&)>;

  /// `deliver` is called on the thread that runs `context`.
  completions(boost::asio::io_context& context, delivery deliver);

  void complete(request_ticket ticket, response answer) noexcept override;
  void abandon(request_ticket ticket) noexcept override;

  /// Names the io thread. @pre called on it, before any request
  void own();

  /// Between the two, an answer to `serial` from the io thread itself is kept
  /// aside and given back: no lock, no wake-up.
  void enter(std::uint64_t serial);
  std::optional<completion> leave();

  /// Drops all answers from now on; the context may be destroyed after it.
  void close();

private:
  void push(completion done) noexcept;
  void drain();

  boost::asio::io_context& context_;
  delivery deliver_;
  std::thread::id owner_;
  std::uint64_t current_ = 0; // serial inside the handler, 0 for none
  std::optional<completion> immediate_;
  std::vector<completion> draining_; // keeps its memory between drains

  std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<completion> waiting_;
  bool is_posted_ = false; // drain(), which will take them
  bool is_closed_ = false;
};

} // namespace troupe::http
