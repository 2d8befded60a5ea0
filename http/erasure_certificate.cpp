#include "http/erasure_certificate.hpp"

#include "engine/base64.hpp"
#include "engine/digest.hpp"
#include "engine/json_text.hpp"
#include "engine/time.hpp"

#include <openssl/evp.h>

#include <new>

namespace troupe::http {

namespace json = boost::json;

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t id_digits = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

json::object rows_of(const engine::erasure_row& of) {
  json::object out;
  for (const auto& [table, rows] : of.counts)
    out[table] = rows;
  return out;
}

} // namespace

struct certificate_signer::key {
  EVP_PKEY* held;
  explicit key(EVP_PKEY* made) : held{made} {}
  key(const key&) = delete;
  key& operator=(const key&) = delete;
  ~key() {
    EVP_PKEY_free(held);
  }

  [[nodiscard]] std::string sign(std::string_view text) const {
    std::string out(2 * key_bytes, '\0');
    auto size = out.size();
    auto* context = EVP_MD_CTX_new();
    const auto good
      = context != nullptr
        && EVP_DigestSignInit(context, nullptr, nullptr, nullptr, held) == 1
        && EVP_DigestSign(context, bytes_of(out), &size, bytes_of(text),
                          text.size())
             == 1;
    EVP_MD_CTX_free(context);
    if (!good)
      throw std::bad_alloc{}; // nothing else can be missing
    return out;
  }
};

certificate_signer::certificate_signer(std::string_view secret)
  : public_(key_bytes, '\0') {
  const auto seed = engine::hmac_sha256(secret, "erasure certificates");
  key_ = std::make_unique<key>(EVP_PKEY_new_raw_private_key(
    EVP_PKEY_ED25519, nullptr, bytes_of(seed), key_bytes));
  auto size = public_.size();
  if (key_->held == nullptr
      || EVP_PKEY_get_raw_public_key(key_->held, bytes_of(public_), &size) != 1)
    throw std::bad_alloc{};
  id_ = engine::to_hex(engine::sha256(public_)).substr(0, id_digits);
}

certificate_signer::~certificate_signer() = default;

// What is signed is a text of its own: nobody has to write JSON as this does.
json::object certificate_signer::certificate(const engine::erasure_row& of,
                                             const std::string& tenant) const {
  json::object out{{"erasure", of.text_id},
                   {"workspace", tenant},
                   {"contact_hash", of.contact_hash},
                   {"rows_by_table", rows_of(of)},
                   {"erased_at", engine::to_iso8601(*of.finished_at)},
                   {"key_id", id_},
                   {"algorithm", "ed25519"}};
  const auto payload = engine::to_json(out);
  out["payload"] = payload;
  out["signature"] = engine::base64_encode(key_->sign(payload));
  return out;
}

json::object certificate_signer::public_key() const {
  // RFC 8410: these bytes, then the key.
  constexpr std::string_view header{
    "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12};
  return {{"key_id", id_},
          {"algorithm", "ed25519"},
          {"public_key", engine::base64_encode(public_)},
          {"pem", "-----BEGIN PUBLIC KEY-----\n"
                    + engine::base64_encode(std::string{header} + public_)
                    + "\n-----END PUBLIC KEY-----\n"}};
}

} // namespace troupe::http
