// An answer whose body is made while it is sent. It is the last one of its
// connection, so what the client sends meanwhile is thrown away.
#include "http/body_stream.hpp"
#include "http/session.hpp"

#include <boost/asio/post.hpp>

#include <charconv>

namespace troupe::http {

namespace {

constexpr std::size_t piece_bytes_max = 16 * 1'024;

void append_chunk(std::string& out, std::string_view piece) {
  char size[16];
  const auto end = std::to_chars(size, size + sizeof size, piece.size(), 16);
  out.append(size, end.ptr);
  out += "\r\n";
  out += piece;
  out += "\r\n";
}

} // namespace

void session::begin_stream(const std::shared_ptr<body_stream>& body) {
  stream_ = body;
  phase_ = phase::streaming;
  deadline_ = clock::time_point::max(); // that of a write holds
  in_.consume(in_.view().size());
  stream_->open([weak = weak_from_this(), executor = connection_.executor()] {
    boost::asio::post(executor, [weak] {
      if (const auto self = weak.lock();
          self && self->phase_ == phase::streaming) {
        self->now_ = clock::now();
        self->process();
      }
    });
  });
}

/// Moves a piece to what is written next. @returns false when there is none
bool session::take_stream() {
  in_.consume(in_.view().size());
  const auto piece = stream_->take(piece_bytes_max);
  if (!piece.empty()) {
    if (about_.is_http_1_1)
      append_chunk(out_, piece);
    else
      out_ += piece;
    return true;
  }
  if (!stream_->is_over())
    return false;
  end_stream();
  return true;
}

void session::end_stream() {
  if (about_.is_http_1_1)
    append_chunk(out_, {}); // the last one
  stream_.reset();
  phase_ = phase::closing;
  deadline_ = now_ + host_.options().idle_timeout;
}

} // namespace troupe::http
