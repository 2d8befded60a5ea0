// The `Idempotency-Key` field: free text of at most 200 characters, bare or as
// the quoted string of the IETF draft; both forms mean the same key.
#pragma once

#include "engine/error.hpp"
#include "engine/event.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::http {

inline constexpr std::size_t idempotency_key_max = 200;

/// 1 to 200 characters of UTF-8, none of them a control character.
bool is_idempotency_key(std::string_view text);

/// @returns nothing without the field, or `idempotency_key_invalid`
engine::result<std::optional<std::string_view>>
idempotency_key_of(const request& what);

/// What a key is of: the same text is another key in another scope (G58).
/// Append only: hashes are stored.
enum class key_scope : std::uint64_t {
  native_events = 1,
  contacts = 2,
  links = 3,
  system_events = 4,
  growthos = 5,
  segment = 6,
  redo = 7,
  sendmator = 8,
  customerio = 9,
  cloudevents = 10,
  posthog = 11,
  amplitude = 12,
  loops = 13,
  inngest = 14,
  import = 15,
  all_doors = 16, // of workspaces whose doors share their keys (X12)
};

/// @param fingerprint of what is asked for
engine::idempotency idempotency_of(std::string_view key, key_scope scope,
                                   engine::workspace_id workspace,
                                   std::uint64_t fingerprint);

} // namespace troupe::http
