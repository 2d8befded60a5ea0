// The one normaliser of identities: every door, the store and every look-up
// compare the keys made here and nothing else (reliability.md I4). Each is
// idempotent: the key of a key is that key. No locale is ever asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

/// The key of an e-mail address: trimmed, NFC, lower-cased, the domain as
/// A-labels, googlemail.com as gmail.com and dots dropped there (G31, G32);
/// `+tag` is kept. Nothing when the text does not look like an address: one
/// @, both parts non-empty, a host name behind it, no blanks or control
/// characters, at most 254 bytes.
std::optional<std::string> email_key(std::string_view text);

/// E.164: "+" and 8 to 15 digits, from "+44 (20) 7946-0018" or "0044…".
/// Nothing on any other text, in particular on numbers without a country.
std::optional<std::string> phone_key(std::string_view text);

/// As sent but NFC: 1 to 256 bytes of UTF-8 without control characters.
/// Blanks at the ends count, case counts.
std::optional<std::string> external_id_key(std::string_view text);

/// The same rule as external_id_key.
std::optional<std::string> anonymous_id_key(std::string_view text);

/// True for what broken integrations send instead of an identity (`null`,
/// `undefined`, `0`, `anonymous`, the zero UUID, blanks, …). Such a text never
/// identifies anyone, whatever its kind; the caller treats it as absent.
bool is_placeholder(std::string_view text);

} // namespace troupe::engine
