// The state of a connection: head, body, handling, answer. What touches the
// socket is in session_io.cpp, what waits too long in session_deadlines.cpp.
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

/// The client's own id of a request, if it is one: a log line can hold it.
request_id client_id_of(const request& asked) {
  constexpr std::string_view name = "X-Request-Id";
  const auto given = asked.header(name);
  const auto is_visible = [](char c) {
    return c > ' ' && c < 0x7f;
  };
  if (!given || given->size() > request_id::capacity
      || asked.header_count(name) != 1
      || !std::all_of(given->begin(), given->end(), is_visible))
    return {};
  return request_id{*given};
}

} // namespace

session::session(connection over, session_host& host, std::uint32_t slot,
                 const session_peer& peer)
  : connection_{std::move(over)},
    host_{host},
    slot_{slot},
    peer_{peer},
    in_{buffer_bytes(host.options())} {}

void session::start() {
  now_ = clock::now();
  if (connection_.is_secure()) {
    phase_ = phase::greeting;
    deadline_ = now_ + host_.options().head_timeout;
    greet();
    return;
  }
  deadline_ = now_ + host_.options().idle_timeout;
  read();
}

void session::on_greeted(bool is_done) {
  auto& counters = host_.counters();
  raise(is_done ? counters.tls_handshakes : counters.tls_failures);
  if (!is_done || host_.is_draining()) {
    close();
    return;
  }
  now_ = clock::now();
  phase_ = phase::idle;
  deadline_ = now_ + host_.options().idle_timeout;
  read();
}

void session::turn_away() {
  if (connection_.is_secure()) {
    close(); // a handshake would cost more than the answer is worth
    return;
  }
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
  while (connection_.is_open()) {
    const auto has_moved = !is_writing_ && step();
    if (has_moved && out_.size() < out_bytes_max && out_behind_.empty())
      continue;
    if (!is_writing_ && !out_.empty())
      flush();
    if (!has_moved || is_writing_)
      break;
  }
  if (connection_.is_open() && !is_writing_ && phase_ != phase::handling)
    read();
}

/// One move of the state; false when bytes or an answer must come first.
bool session::step() {
  switch (phase_) {
    case phase::idle:
      if (in_.view().empty())
        return false;
      phase_ = phase::head;
      scanner_.reset();
      deadline_ = now_ + host_.options().head_timeout;
      return true;
    case phase::head:
      return continue_head();
    case phase::body:
      return continue_body();
    case phase::streaming:
      return take_stream();
    case phase::greeting:
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
  about_.is_head = bytes.starts_with("HEAD "); // also of one that is refused
  noted_ = {};
  noted_.began = now_;
  with_answer_.clear();
  speaks_ = nullptr;
  switch (scanner_.scan(bytes)) {
    case head_scanner::verdict::malformed:
      return refuse(refusal::malformed);
    case head_scanner::verdict::incomplete:
      if (bytes.size() < limits.head_bytes)
        return false;
      return refuse(bytes.find('\n') > limits.target_bytes
                      ? refusal::target_too_long
                      : refusal::head_too_large);
    case head_scanner::verdict::complete:
      break;
  }
  auto& head = host_.scratch_head();
  const auto head_bytes = bytes.substr(0, scanner_.head_size());
  if (const auto wrong = parse_head(head_bytes, limits, head))
    return refuse(*wrong);
  return take_head(head_bytes, head);
}

bool session::take_head(std::string_view head_bytes, const request_head& head) {
  const auto& options = host_.options();
  about_.is_head = head.method == "HEAD";
  about_.is_http_1_1 = head.is_http_1_1;
  about_.keep_alive = head.keep_alive;
  request_ = request{head_bytes, head};
  about_.id = client_id_of(request_);
  if (about_.id.view().empty())
    about_.id = host_.next_id();
  request_.id = about_.id;
  request_.client = peer_.is_proxy
                      ? options.proxies.client_of(request_, peer_.address)
                      : peer_.address;
  request_.is_secure = connection_.is_secure();
  request_.body_max = options.body_bytes;
  in_.consume(head_bytes.size());
  const auto has_body = head.is_chunked || head.content_length != 0;
  const auto refused = host_.check(request_);
  note_check();
  if (refused) {
    raise(host_.counters().refused_early);
    if (has_body)
      about_.keep_alive = false; // the body stays unread
    finish(*refused);
    return true;
  }
  with_answer_ = request_.who.with_answer;
  speaks_ = request_.speaks;
  return has_body ? begin_body(head) : hand_over();
}

void session::note_check() {
  if (!host_.options().on_answer)
    return;
  noted_.method = known_method(request_.method());
  noted_.route = request_.pattern;
  noted_.trace = trace_id_of(request_);
  noted_.workspace = request_.who.workspace;
}

void session::report(std::uint16_t status) {
  if (!host_.options().on_answer)
    return;
  noted_.id = about_.id;
  noted_.status = status;
  host_.options().on_answer(noted_);
}

bool session::begin_body(const request_head& head) {
  const auto& options = host_.options();
  if (head.content_length > request_.body_max)
    return refuse(refusal::body_too_large);
  chunked_.reset();
  if (head.is_chunked)
    chunked_.emplace(request_.body_max);
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
  finish_with(to_error(reason));
  return false;
}

// An answer that the session gives itself has the fields of the others, too.
void session::finish_with(const engine::error& reason) {
  auto answer = refusal_of(reason, {about_.id.view(), {}, {}}, speaks_);
  for (auto& field : with_answer_)
    answer.headers.push_back(std::move(field));
  with_answer_.clear();
  finish(answer);
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
  finish_with({engine::errc::internal,
               "internal",
               "Something went wrong here; the request may be retried.",
               {}});
}

void session::finish(const response& answer) {
  auto& counters = host_.counters();
  raise(counters.answers[http_counters::place_of(answer.status)]);
  report(answer.status);
  const auto has_stream = answer.stream && !about_.is_head;
  if (answer.close || has_stream || host_.is_draining())
    about_.keep_alive = false;
  serialise(answer, about_, host_.date(), out_);
  if (!about_.is_head)
    out_behind_ = answer.fixed_body;
  phase_ = about_.keep_alive ? phase::idle : phase::closing;
  skipped_line_ = false;
  deadline_ = now_ + host_.options().idle_timeout;
  if (has_stream && !host_.is_draining())
    begin_stream(answer.stream);
  else if (has_stream)
    end_stream();
}

} // namespace troupe::http
