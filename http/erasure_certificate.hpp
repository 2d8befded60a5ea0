// The proof that a contact was erased: signed with a key of the installation,
// so that others can check it who know its public half.
#pragma once

#include "engine/erasure.hpp"

#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace troupe::http {

/// Ed25519. The key is made of the installation's secret: the same as long as
/// that is, also after a restore.
class certificate_signer {
public:
  explicit certificate_signer(std::string_view secret);
  certificate_signer(const certificate_signer&) = delete;
  certificate_signer& operator=(const certificate_signer&) = delete;
  ~certificate_signer();

  /// {contact_hash, rows_by_table, key_id, erased_at, payload, signature}
  /// @param tenant "ws_…"
  /// @pre of.finished_at
  [[nodiscard]] boost::json::object
  certificate(const engine::erasure_row& of, const std::string& tenant) const;

  /// {key_id, algorithm, public_key, pem}
  [[nodiscard]] boost::json::object public_key() const;

private:
  struct key;

  std::unique_ptr<key> key_;
  std::string public_;
  std::string id_;
};

} // namespace troupe::http
