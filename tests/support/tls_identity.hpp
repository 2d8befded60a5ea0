// Certificates made on the spot, for servers that speak TLS.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace troupe::test {

struct tls_identity {
  std::shared_ptr<ssl_ctx_st> server;
  /// A file with the certificate, for a client that trusts it; removed with the
  /// last copy of this identity.
  std::shared_ptr<const std::string> ca_file;
  /// A file with its key, mode 0600; removed likewise.
  std::shared_ptr<const std::string> key_file;
};

struct tls_identity_options {
  std::string dns_name = "localhost";
  bool expired = false;
  bool only_tls_1_1 = false;
};

/// A self-signed certificate for one name and the server's context with it.
tls_identity make_tls_identity(const tls_identity_options& options = {});

} // namespace troupe::test
