// What a session does with its socket: one read and one write per request in
// the usual case.
#include "http/session.hpp"

#include <boost/asio/error.hpp>

namespace troupe::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// While lingering: clients that send a body before they look hear the refusal.
constexpr std::size_t discarded_max = 16 * 1'024 * 1'024;
constexpr std::size_t out_kept_max = 65'536;
constexpr std::size_t write_bytes_per_second = 65'536;

} // namespace

void session::greet() {
  connection_.async_handshake(
    [self = shared_from_this()](const error_code& failed) {
      if (self->connection_.is_open())
        self->on_greeted(!failed);
    });
}

void session::read() {
  if (is_reading_ || !connection_.is_open())
    return;
  is_reading_ = true;
  connection_.async_read_some(
    in_.space(),
    [self = shared_from_this()](const error_code& failed, std::size_t count) {
      self->on_read(failed, count);
    });
}

void session::on_read(const error_code& failed, std::size_t count) {
  is_reading_ = false;
  if (!connection_.is_open())
    return;
  if (failed) {
    close();
    return;
  }
  now_ = clock::now();
  in_.commit(count);
  if (is_lingering_) {
    in_.consume(in_.view().size());
    discarded_ += count;
    if (discarded_ > discarded_max)
      close();
    else
      read();
    return;
  }
  process();
}

void session::flush() {
  while (written_ < out_.size() || !out_behind_.empty()) {
    error_code failed;
    if (written_ < out_.size())
      written_ += connection_.write_some(
        std::string_view{out_}.substr(written_), failed);
    else
      out_behind_.remove_prefix(connection_.write_some(out_behind_, failed));
    if (failed == asio::error::would_block) {
      wait_writable();
      return;
    }
    if (failed) {
      close();
      return;
    }
  }
  written_ = 0;
  out_.clear();
  if (out_.capacity() > out_kept_max)
    out_.shrink_to_fit();
  if (phase_ == phase::closing)
    linger();
  else if (host_.is_draining())
    drain();
}

void session::wait_writable() {
  const auto waiting = out_.size() - written_ + out_behind_.size();
  if (!is_writing_)
    write_deadline_ = now_ + host_.options().write_timeout
                      + std::chrono::seconds{waiting / write_bytes_per_second};
  is_writing_ = true;
  connection_.async_wait_writable(
    [self = shared_from_this()](const error_code& failed) {
      if (failed || !self->connection_.is_open()) {
        self->close();
        return;
      }
      self->now_ = clock::now();
      // The deadline stays until everything is written.
      self->flush();
      if (!self->out_.empty())
        return;
      self->is_writing_ = false;
      self->process();
    });
}

/// Closing with unread bytes would reset the connection and could destroy the
/// answer on its way: end our side, then read off for a short while.
void session::linger() {
  is_lingering_ = true;
  connection_.end_sending();
  in_.consume(in_.view().size());
  deadline_ = now_ + host_.options().linger_timeout;
  read();
}

void session::close() {
  if (!connection_.is_open())
    return;
  stream_.reset();
  connection_.close();
  host_.release(slot_);
}

} // namespace troupe::http
