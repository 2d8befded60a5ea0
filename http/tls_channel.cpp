#include "http/tls_channel.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <new>
#include <utility>

namespace troupe::http {

namespace {

// OpenSSL's own socket BIO writes without MSG_NOSIGNAL: a peer that has gone
// would end the process.
int descriptor_of(BIO* of) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(of)));
}

bool must_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int send_some(BIO* to, const char* bytes, int size) {
  BIO_clear_retry_flags(to);
  const auto sent = ::send(descriptor_of(to), bytes,
                           static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && must_wait())
    BIO_set_retry_write(to);
  return static_cast<int>(sent);
}

int receive_some(BIO* from, char* room, int size) {
  BIO_clear_retry_flags(from);
  const auto got
    = ::recv(descriptor_of(from), room, static_cast<std::size_t>(size), 0);
  if (got < 0 && must_wait())
    BIO_set_retry_read(from);
  return static_cast<int>(got);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const auto* const method = [] {
    auto* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                              "troupe socket");
    BIO_meth_set_write(made, send_some);
    BIO_meth_set_read(made, receive_some);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

} // namespace

tls_channel::tls_channel(std::shared_ptr<ssl_ctx_st> settings, int descriptor)
  : settings_{std::move(settings)}, ssl_{SSL_new(settings_.get()), &SSL_free} {
  auto* socket = BIO_new(socket_method());
  if (ssl_ == nullptr || socket == nullptr) {
    BIO_free(socket);
    throw std::bad_alloc{};
  }
  BIO_set_data(socket, reinterpret_cast<void*>(std::intptr_t{descriptor}));
  BIO_set_init(socket, 1);
  SSL_set_bio(ssl_.get(), socket, socket); // takes it over
  SSL_set_accept_state(ssl_.get());
}

tls_channel::progress tls_channel::handshake() {
  ERR_clear_error();
  return conclude(SSL_do_handshake(ssl_.get()), 0);
}

tls_channel::progress tls_channel::read(std::span<char> room) {
  ERR_clear_error();
  std::size_t count = 0;
  const auto returned
    = SSL_read_ex(ssl_.get(), room.data(), room.size(), &count);
  return conclude(returned, count);
}

tls_channel::progress tls_channel::write(std::string_view bytes) {
  ERR_clear_error();
  std::size_t count = 0;
  const auto returned
    = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  return conclude(returned, count);
}

void tls_channel::say_goodbye() {
  if (has_failed_ || SSL_is_init_finished(ssl_.get()) == 0)
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

tls_channel::progress tls_channel::conclude(int returned, std::size_t count) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_NONE:
      return {outcome::done, count};
    case SSL_ERROR_WANT_READ:
      return {outcome::wants_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {outcome::wants_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {outcome::ended, 0};
    default:
      break;
  }
  has_failed_ = true;
  ERR_clear_error();
  return {outcome::failed, 0};
}

} // namespace troupe::http
