#include "tests/support/tls_client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace troupe::test {

tls_client::tls_client(std::uint16_t port, const tls_client_options& options)
  : settings_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free},
    socket_{port, options.receive_buffer} {
  auto* settings = settings_.get();
  SSL_CTX_set_security_level(settings, 0); // the server is what is tested
  SSL_CTX_set_min_proto_version(settings, options.version_min);
  SSL_CTX_set_max_proto_version(settings, options.version_max);
  if (!options.ciphers.empty())
    SSL_CTX_set_cipher_list(settings, options.ciphers.c_str());
  ssl_.reset(SSL_new(settings), &SSL_free);
  SSL_set_fd(ssl_.get(), socket_.native());
  if (!options.protocols.empty())
    SSL_set_alpn_protos(
      ssl_.get(),
      reinterpret_cast<const unsigned char*>(options.protocols.data()),
      static_cast<unsigned>(options.protocols.size()));
  is_open_ = SSL_connect(ssl_.get()) == 1;
}

bool tls_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) != 1)
      return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

support::raw_answer tls_client::ask(std::string_view bytes) {
  support::raw_answer answer;
  send(bytes);
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == unread_.npos)
    if (!read_more())
      return answer;
  support::raw_client::parse_head(std::string_view{unread_}.substr(0, end + 2),
                                  answer);
  unread_.erase(0, end + 4);
  const auto length = answer.headers.find("content-length");
  const auto wanted
    = length == answer.headers.end() ? 0 : std::stoul(length->second);
  while (unread_.size() < wanted)
    if (!read_more())
      return {};
  answer.body = unread_.substr(0, wanted);
  unread_.erase(0, wanted);
  return answer;
}

bool tls_client::is_closed() {
  char byte = 0;
  const auto got = SSL_read(ssl_.get(), &byte, 1);
  return SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN;
}

bool tls_client::is_named(const std::string& name) const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
    SSL_get1_peer_certificate(ssl_.get()), &X509_free};
  return certificate != nullptr
         && X509_check_host(certificate.get(), name.c_str(), name.size(), 0,
                            nullptr)
              == 1;
}

bool tls_client::renegotiate() {
  return SSL_renegotiate(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1;
}

bool tls_client::has_session() const {
  const auto* session = SSL_get0_session(ssl_.get());
  return session != nullptr && SSL_SESSION_is_resumable(session) == 1;
}

std::string tls_client::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &length);
  return length == 0
           ? std::string{}
           : std::string{reinterpret_cast<const char*>(chosen), length};
}

bool tls_client::read_more() {
  std::array<char, 16 * 1024> bytes{};
  std::size_t got = 0;
  if (SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &got) != 1)
    return false;
  unread_.append(bytes.data(), got);
  return true;
}

} // namespace troupe::test
