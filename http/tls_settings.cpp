#include "http/tls_settings.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

namespace troupe::http {

namespace {

using context = std::shared_ptr<ssl_ctx_st>;

/// The reason that OpenSSL gives last; it names no content.
std::string reason() {
  const auto code = ERR_peek_last_error();
  const char* text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "it cannot be read" : text;
}

/// Instead of a question on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int size, void*) {
  constexpr std::string_view spoken = "http/1.1";
  for (unsigned int at = 0; at < size; at += 1u + offered[at]) {
    if (offered[at] >= size - at)
      break;
    const std::string_view name{reinterpret_cast<const char*>(offered + at + 1),
                                offered[at]};
    if (name != spoken)
      continue;
    *chosen = offered + at + 1;
    *length = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL; // RFC 7301 3.2
}

bool set_policy(SSL_CTX* made) {
  SSL_CTX_set_security_level(made, 2); // 112 bits: RSA of 2,048 and more
  SSL_CTX_set_options(
    made, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET
            | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  // What is waiting to be written may move as it grows; an idle connection
  // keeps no buffers.
  SSL_CTX_set_mode(made, SSL_MODE_ENABLE_PARTIAL_WRITE
                           | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                           | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(made, no_passphrase);
  SSL_CTX_set_alpn_select_cb(made, choose_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION) == 1
         && SSL_CTX_set_max_proto_version(made, TLS1_3_VERSION) == 1
         && SSL_CTX_set_num_tickets(made, 0) == 1
         && SSL_CTX_set_cipher_list(made, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1
         && SSL_CTX_set1_groups_list(made, "X25519:P-256:P-384") == 1;
}

engine::result<context> make_context(const tls_files& files) {
  ERR_clear_error();
  context made{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
  if (!made || !set_policy(made.get()))
    return engine::error{
      engine::errc::internal, "tls_unavailable", "TLS: " + reason(), {}};
  if (SSL_CTX_use_certificate_chain_file(made.get(), files.certificate.c_str())
      != 1)
    return engine::invalid("tls_certificate_invalid",
                           "The TLS certificate " + files.certificate
                             + " cannot be used: " + reason());
  if (SSL_CTX_use_PrivateKey_file(made.get(), files.key.c_str(),
                                  SSL_FILETYPE_PEM)
      != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH) {
      ERR_clear_error();
      return engine::invalid("tls_key_mismatch",
                             "The TLS key " + files.key
                               + " does not belong to the certificate "
                               + files.certificate);
    }
    return engine::invalid("tls_key_invalid",
                           "The TLS key " + files.key
                             + " cannot be used: " + reason());
  }
  if (SSL_CTX_check_private_key(made.get()) != 1) {
    ERR_clear_error();
    return engine::invalid("tls_key_mismatch",
                           "The TLS key " + files.key
                             + " does not belong to the certificate "
                             + files.certificate);
  }
  return made;
}

} // namespace

engine::result<std::unique_ptr<tls_settings>>
tls_settings::load(tls_files files) {
  std::unique_ptr<tls_settings> made{new tls_settings{std::move(files)}};
  if (auto read = made->reload(); !read)
    return read.failure();
  return made;
}

engine::status tls_settings::reload() {
  auto made = make_context(files_);
  if (!made)
    return made.failure();
  const std::lock_guard lock{mutex_};
  current_ = std::move(*made);
  return engine::success();
}

std::shared_ptr<ssl_ctx_st> tls_settings::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

} // namespace troupe::http
