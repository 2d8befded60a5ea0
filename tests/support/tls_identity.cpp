#include "tests/support/tls_identity.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace troupe::test {

namespace {

constexpr long day_seconds = 86'400;

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

certificate_ptr make_certificate(EVP_PKEY* key,
                                 const tls_identity_options& options) {
  certificate_ptr made{X509_new(), &X509_free};
  auto* certificate = made.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * day_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate),
                  options.expired ? -day_seconds : day_seconds);
  X509_set_pubkey(certificate, key);
  auto* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(
    name, "CN", MBSTRING_ASC,
    reinterpret_cast<const unsigned char*>("receiver of a test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  const auto add = [certificate](int nid, const std::string& value) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  add(NID_basic_constraints, "critical,CA:TRUE");
  add(NID_subject_alt_name, "DNS:" + options.dns_name);
  if (X509_sign(certificate, key, EVP_sha256()) == 0)
    throw std::runtime_error{"cannot sign a certificate"};
  return made;
}

template <class Write>
std::shared_ptr<const std::string> write_file(Write write) {
  auto path
    = (std::filesystem::temp_directory_path() / "troupe-tls-XXXXXX").string();
  const int descriptor = mkstemp(path.data());
  auto* file = fdopen(descriptor, "w");
  write(file);
  std::fclose(file);
  return {new std::string{path}, [](const std::string* name) {
            std::remove(name->c_str());
            delete name;
          }};
}

} // namespace

tls_identity make_tls_identity(const tls_identity_options& options) {
  const key_ptr key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  const auto certificate = make_certificate(key.get(), options);
  std::shared_ptr<ssl_ctx_st> server{SSL_CTX_new(TLS_server_method()),
                                     &SSL_CTX_free};
  if (options.only_tls_1_1) {
    // OpenSSL 3 signs no TLS 1.1 handshake at its default security level.
    SSL_CTX_set_security_level(server.get(), 0);
    SSL_CTX_set_min_proto_version(server.get(), TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(server.get(), TLS1_1_VERSION);
  }
  if (SSL_CTX_use_certificate(server.get(), certificate.get()) != 1
      || SSL_CTX_use_PrivateKey(server.get(), key.get()) != 1)
    throw std::runtime_error{"cannot use a certificate"};
  const auto write_certificate = [&](std::FILE* to) {
    PEM_write_X509(to, certificate.get());
  };
  const auto write_key = [&](std::FILE* to) {
    PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  };
  return {std::move(server), write_file(write_certificate),
          write_file(write_key)};
}

} // namespace troupe::test
