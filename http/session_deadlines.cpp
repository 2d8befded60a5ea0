// What a session ends because it is overdue, and when the server stops.
#include "http/problem.hpp"
#include "http/session.hpp"

namespace troupe::http {

void session::on_tick(clock::time_point now) {
  now_ = now;
  if (is_writing_ && now >= write_deadline_) {
    raise(host_.counters().write_timeouts);
    close();
    return;
  }
  const auto& options = host_.options();
  const auto spent = now - body_started_;
  using seconds = std::chrono::duration<double>;
  const auto is_too_slow
    = phase_ == phase::body && spent > options.body_rate_grace
      && static_cast<double>(body_received_)
           < static_cast<double>(options.body_rate_min)
               * std::chrono::duration_cast<seconds>(spent).count();
  if (now >= deadline_ || is_too_slow)
    overdue();
}

void session::overdue() {
  auto& counters = host_.counters();
  switch (phase_) {
    case phase::greeting:
      raise(counters.tls_failures);
      close();
      return;
    case phase::idle:
      if (is_writing_)
        return; // the write's own deadline runs
      raise(counters.idle_timeouts);
      close();
      return;
    case phase::head:
      raise(counters.head_timeouts);
      refuse(refusal::timed_out);
      break;
    case phase::body:
      raise(counters.body_timeouts);
      refuse(refusal::timed_out);
      break;
    case phase::handling:
      raise(counters.deadlines_exceeded);
      finish_with({engine::errc::deadline_exceeded,
                   "deadline_exceeded",
                   "Not finished in time; try again.",
                   {}});
      break;
    case phase::streaming:
      return; // it ends with its maker, the client or the server
    case phase::closing:
      if (is_lingering_ || !is_writing_)
        close();
      return;
  }
  process();
}

void session::drain() {
  if (phase_ == phase::streaming) {
    end_stream();
    process();
    return;
  }
  if (phase_ == phase::greeting
      || (phase_ == phase::idle && !is_writing_ && in_.view().empty()))
    close();
}

} // namespace troupe::http
