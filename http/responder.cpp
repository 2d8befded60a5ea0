#include "http/responder.hpp"

#include <utility>

namespace troupe::http {

responder::responder(std::shared_ptr<answer_sink> sink, request_ticket ticket)
  : sink_{std::move(sink)}, ticket_{ticket} {}

responder& responder::operator=(responder&& other) noexcept {
  if (this != &other) {
    give_up();
    sink_ = std::move(other.sink_);
    ticket_ = other.ticket_;
  }
  return *this;
}

responder::~responder() {
  give_up();
}

void responder::respond(response answer) noexcept {
  if (const auto sink = std::exchange(sink_, nullptr))
    sink->complete(ticket_, std::move(answer));
}

void responder::give_up() noexcept {
  if (const auto sink = std::exchange(sink_, nullptr))
    sink->abandon(ticket_);
}

} // namespace troupe::http
