// The one-shot promise of an answer that a handler is given with a request.
#pragma once

#include "http/response.hpp"

#include <cstdint>
#include <memory>

namespace troupe::http {

/// Names a request of one io thread; never used twice.
struct request_ticket {
  std::uint32_t slot = 0;
  std::uint64_t serial = 0;
};

/// Where answers go. Implemented by the io thread's completions, and by tests.
class answer_sink {
public:
  virtual ~answer_sink() = default;

  /// Thread-safe; answers to requests that are gone are dropped.
  virtual void complete(request_ticket ticket, response answer) noexcept = 0;

  /// Nobody will answer any more: the session says 500.
  virtual void abandon(request_ticket ticket) noexcept = 0;
};

/// Moves only. Usable on any thread, also after the session, the deadline or
/// the server have gone. Destroyed without an answer, it answers 500, so that
/// no request is forgotten.
class responder {
public:
  responder() = default;
  responder(std::shared_ptr<answer_sink> sink, request_ticket ticket);
  responder(responder&&) noexcept = default;
  responder& operator=(responder&& other) noexcept;
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;
  ~responder();

  /// The first call counts; later ones do nothing.
  void respond(response answer) noexcept;

  /// False once answered or moved from.
  explicit operator bool() const noexcept {
    return sink_ != nullptr;
  }

private:
  void give_up() noexcept;

  std::shared_ptr<answer_sink> sink_;
  request_ticket ticket_;
};

} // namespace troupe::http
