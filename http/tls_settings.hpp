// The certificate and key that TLS connections are opened with: read from
// files, read again on request, so that a renewed certificate serves new
// connections while the old ones go on with theirs (H11).
#pragma once

#include "engine/error.hpp"

#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;

namespace troupe::http {

struct tls_files {
  std::string certificate; // PEM: the certificate, then its chain
  std::string key;         // PEM, without a passphrase
};

/// TLS 1.2 and 1.3 with forward secrecy and AEAD only; ALPN `http/1.1`; no
/// compression, no renegotiation, no resumption (a session would outlive the
/// certificate that it was opened with).
class tls_settings {
public:
  /// @returns invalid_request `tls_certificate_invalid`, `tls_key_invalid` or
  /// `tls_key_mismatch`; messages name the file and never show its content
  static engine::result<std::unique_ptr<tls_settings>> load(tls_files files);

  /// Reads the files again; after a failure the former ones stay. Any thread.
  engine::status reload();

  /// What a new connection uses, and keeps. Any thread.
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> current() const;

private:
  explicit tls_settings(tls_files files) : files_{std::move(files)} {}

  const tls_files files_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> current_; // guarded by mutex_
};

} // namespace troupe::http
