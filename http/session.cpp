// The state of a connection: head, body, handling, answer. What touches the
// socket is in session_io.cpp.
#include "http/session.hpp"

#include "http/problem.hpp"

#include <algorithm>
#include <utility>

namespace troupe::http {

namespace {

constexpr std::size_t out_bytes_max = 65'536; // gathered before a write
constexpr std::size_t body_reserve_max = 65'536;

std::size_t buffer_bytes(const server_options& options) {
  constexpr std::size_t least = 16'384;
  return std::max(least, 2 * options.head.head_bytes);
}

void count(http_counters& counters, refusal reason) {
  switch (reason) {
    case refusal::body_too_large:
    case refusal::target_too_long:
    case refusal::head_too_large:
      raise(counters.rejected_too_large);
      break;
    case refusal::bad_expectation:
      raise(counters.rejected_expectation);
      break;
    case refusal::timed_out:
      break; // counted where it is known what was waited for
    default:
      raise(counters.rejected_malformed);
      break;
  }
}

} // namespace

session::session(boost::asio::ip::tcp::socket socket, session_host& host,
                 std::uint32_t slot, const address_text& client)
  : socket_{std::move(socket)},
    host_{host},
    slot_{slot},
    client_{client},
    in_{buffer_bytes(host.options())} {}

void session::start() {
  now_ = clock::now();
  deadline_ = now_ + host_.options().idle_timeout;
  read();
}

void session::turn_away() {
  now_ = clock::now();
  about_.keep_alive = false;
  about_.id = host_.next_id();
  finish(to_response({engine::errc::overloaded,
                      "connection_limit",
                      "Too many connections are open.",
                      {}},
                     {about_.id.view(), {}, {}}));
  process();
}

void session::process() {
  while (socket_.is_open()) {
    const auto has_moved = !is_writing_ && step();
    if (has_moved && out_.size() < out_bytes_max)
      continue;
    if (!is_writing_ && !out_.empty())
      flush();
    if (!has_moved || is_writing_)
      break;
  }
  if (socket_.is_open() && !is_writing_ && phase_ != phase::handling)
    read();
}

/// One move of the state; false when bytes or an answer must come first.
bool session::step() {
  switch (phase_) {
    case phase::idle:
      if (in_.view().empty())
        return false;
      phase_ = phase::head;
      skipped_line_ = false;
      scanner_.reset();
      deadline_ = now_ + host_.options().head_timeout;
      return true;
    case phase::head:
      return continue_head();
    case phase::body:
      return continue_body();
    case phase::handling:
    case phase::closing:
      break;
  }
  return false;
}

bool session::continue_head() {
  // RFC 9112 2.2: one empty line before a request is an old client's habit.
  if (!skipped_line_ && in_.view() == "\r")
    return false;
  if (!skipped_line_ && in_.view().starts_with("\r\n")) {
    in_.consume(2);
    skipped_line_ = true;
    if (in_.view().empty()) {
      phase_ = phase::idle;
      return false;
    }
  }
  const auto& limits = host_.options().head;
  const auto bytes = in_.view();
  about_ = {};
  switch (scanner_.scan(bytes)) {
    case head_scanner::verdict::malformed:
      return refuse(refusal::malformed);
    case head_scanner::verdict::incomplete:
      if (bytes.size() < limits.head_bytes)
        return false;
      return refuse(scanner_.has_request_line() ? refusal::head_too_large
                                                : refusal::target_too_long);
    case head_scanner::verdict::complete:
      break;
  }
  auto& head = host_.scratch_head();
  const auto head_bytes = bytes.substr(0, scanner_.head_size());
  if (const auto wrong = parse_head(head_bytes, limits, head))
    return refuse(*wrong);
  return begin_body(head_bytes, head);
}

bool session::begin_body(std::string_view head_bytes,
                         const request_head& head) {
  const auto& options = host_.options();
  about_.is_head = head.method == "HEAD";
  about_.is_http_1_1 = head.is_http_1_1;
  about_.keep_alive = head.keep_alive;
  about_.id = host_.next_id();
  request_ = request{head_bytes, head};
  request_.client = client_;
  request_.id = about_.id;
  in_.consume(head_bytes.size());
  if (!head.is_chunked && head.content_length == 0)
    return hand_over();
  const auto limit = options.body_limit
                       ? options.body_limit(request_.method(), request_.path())
                       : options.body_bytes;
  if (head.content_length > limit)
    return refuse(refusal::body_too_large);
  chunked_.reset();
  if (head.is_chunked)
    chunked_.emplace(limit);
  body_left_ = head.content_length;
  body_received_ = 0;
  body_started_ = now_;
  deadline_ = body_started_ + options.body_timeout;
  phase_ = phase::body;
  request_.body.reserve(static_cast<std::size_t>(
    std::min<std::uint64_t>(body_left_, body_reserve_max)));
  if (head.expects_continue && in_.view().empty())
    out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  return true;
}

bool session::continue_body() {
  const auto bytes = in_.view();
  if (!chunked_) {
    const auto part
      = bytes.substr(0, static_cast<std::size_t>(
                          std::min<std::uint64_t>(body_left_, bytes.size())));
    request_.body.append(part);
    body_left_ -= part.size();
    body_received_ += part.size();
    in_.consume(part.size());
    if (body_left_ == 0)
      return hand_over();
    in_.grow_fully();
    return false;
  }
  const auto done = chunked_->feed(bytes, request_.body);
  body_received_ += done.consumed;
  in_.consume(done.consumed);
  switch (done.outcome) {
    case chunked_body::verdict::incomplete:
      return false;
    case chunked_body::verdict::malformed:
      return refuse(refusal::malformed);
    case chunked_body::verdict::too_large:
      return refuse(refusal::body_too_large);
    case chunked_body::verdict::complete:
      break;
  }
  return hand_over();
}

bool session::hand_over() {
  phase_ = phase::handling;
  deadline_ = now_ + host_.options().request_deadline;
  serial_ = host_.next_serial();
  auto done = host_.hand_over(std::move(request_), {slot_, serial_});
  if (!done)
    return false;
  finish(*done);
  return true;
}

bool session::refuse(refusal reason) {
  count(host_.counters(), reason);
  if (about_.id.view().empty())
    about_.id = host_.next_id();
  about_.keep_alive = false;
  finish(to_response(to_error(reason), {about_.id.view(), {}, {}}));
  return false;
}

void session::deliver(completion& done) {
  if (phase_ != phase::handling || done.ticket.serial != serial_) {
    raise(host_.counters().late_answers);
    return;
  }
  now_ = clock::now();
  finish(done);
  process();
}

void session::finish(completion& done) {
  if (done.answer) {
    finish(*done.answer);
    return;
  }
  raise(host_.counters().abandoned);
  finish(to_response({engine::errc::internal,
                      "internal",
                      "Something went wrong here; the request may be retried.",
                      {}},
                     {about_.id.view(), {}, {}}));
}

void session::finish(const response& answer) {
  if (answer.status >= 500 && host_.options().on_fault)
    host_.options().on_fault(about_.id, answer.status);
  if (answer.close || host_.is_draining())
    about_.keep_alive = false;
  serialise(answer, about_, host_.date(), out_);
  phase_ = about_.keep_alive ? phase::idle : phase::closing;
  deadline_ = now_ + host_.options().idle_timeout;
}

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
      finish(to_response({engine::errc::deadline_exceeded,
                          "deadline_exceeded",
                          "Not finished in time; try again.",
                          {}},
                         {about_.id.view(), {}, {}}));
      break;
    case phase::closing:
      if (is_lingering_ || !is_writing_)
        close();
      return;
  }
  process();
}

void session::drain() {
  if (phase_ == phase::idle && !is_writing_ && in_.view().empty())
    close();
}

} // namespace troupe::http
