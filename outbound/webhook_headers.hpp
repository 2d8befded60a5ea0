// The headers by which a receiver knows a delivery and who sent it, in each of
// the profiles (behaviours G68, B72, R33).
#pragma once

#include "engine/error.hpp"
#include "engine/webhook_profile.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::outbound {

struct webhook_facts {
  std::string_view id;                   // "dlv_…"
  std::chrono::milliseconds unix_time{}; // of this attempt
  std::string_view body;
};

/// Without `MailGenius-Event`, which says nothing of who sent it.
/// @param secrets `whsec_…`, at least one; while a rotation lasts the new one
/// is first. Standard, genie and genie_sdk carry a signature of each; growthos
/// that of the former one in a header of its own; bearer only the new secret.
/// @returns what standard_webhook_headers() and decode_signing_secret() do
engine::result<std::vector<std::pair<std::string, std::string>>>
webhook_headers(engine::webhook_profile profile, const webhook_facts& facts,
                std::span<const std::string> secrets);

} // namespace troupe::outbound
