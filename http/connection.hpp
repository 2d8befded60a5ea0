// A client's socket, plain or under TLS: the session reads and writes without
// knowing which. Plain bytes take the same way as without this class.
#pragma once

#include "http/tls_channel.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace troupe::http {

/// Callers keep it alive until the callbacks they gave have been called.
class connection {
public:
  using error_code = boost::system::error_code;
  using tcp_socket = boost::asio::ip::tcp::socket;

  /// @param secure what TLS uses, or nothing for a plain connection
  /// @pre `socket` does not block
  connection(tcp_socket socket, std::shared_ptr<ssl_ctx_st> secure)
    : socket_{std::move(socket)} {
    if (secure)
      tls_.emplace(std::move(secure), socket_.native_handle());
  }

  [[nodiscard]] bool is_open() const {
    return socket_.is_open();
  }

  [[nodiscard]] auto executor() {
    return socket_.get_executor();
  }

  [[nodiscard]] bool is_secure() const {
    return tls_.has_value();
  }

  /// Calls `done(error_code)`. @pre is_secure()
  template <class Done>
  void async_handshake(Done done) {
    const auto made = tls_->handshake();
    if (made.what == tls_channel::outcome::done)
      done(error_code{});
    else if (must_wait(made))
      async_wait(
        made, [this, done = std::move(done)](const error_code& failed) mutable {
          if (failed || !tls_)
            done(failed ? failed : closed());
          else
            async_handshake(std::move(done));
        });
    else
      done(closed());
  }

  /// Calls `done(error_code, bytes read)`, never from within this call.
  template <class Done>
  void async_read_some(std::span<char> room, Done done) {
    if (!tls_) {
      socket_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                              std::move(done));
      return;
    }
    const auto got = tls_->read(room);
    if (must_wait(got))
      async_wait(got, [this, room, done = std::move(done)](
                        const error_code& failed) mutable {
        if (failed)
          done(failed, std::size_t{0});
        else
          async_read_some(room, std::move(done));
      });
    else
      boost::asio::post(
        socket_.get_executor(), [got, done = std::move(done)]() mutable {
          const auto is_read = got.what == tls_channel::outcome::done;
          done(is_read ? error_code{} : closed(), got.count);
        });
  }

  /// Writes what is taken at once. @returns how much; `failed` is would_block
  /// when async_wait_writable() must come first
  std::size_t write_some(std::string_view bytes, error_code& failed) {
    if (!tls_)
      return socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                                failed);
    const auto put = tls_->write(bytes);
    if (put.what == tls_channel::outcome::wants_write)
      failed = boost::asio::error::would_block;
    else if (put.what != tls_channel::outcome::done)
      failed = closed();
    return put.count;
  }

  template <class Done>
  void async_wait_writable(Done done) {
    socket_.async_wait(tcp_socket::wait_write, std::move(done));
  }

  /// What is read after it is only good for being thrown away: bytes as they
  /// come, not deciphered.
  void end_sending();
  void close();

private:
  static error_code closed() {
    return boost::asio::error::connection_reset;
  }

  static bool must_wait(const tls_channel::progress& made) {
    return made.what == tls_channel::outcome::wants_read
           || made.what == tls_channel::outcome::wants_write;
  }

  template <class Done>
  void async_wait(const tls_channel::progress& made, Done done) {
    socket_.async_wait(made.what == tls_channel::outcome::wants_read
                         ? tcp_socket::wait_read
                         : tcp_socket::wait_write,
                       std::move(done));
  }

  tcp_socket socket_;
  std::optional<tls_channel> tls_;
};

} // namespace troupe::http
