#include "http/cursor.hpp"

#include "engine/digest.hpp"

#include <openssl/crypto.h>

namespace troupe::http {

namespace {

constexpr std::string_view prefix = "cur_";
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t place_bytes = 16;
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t text_bytes
  = prefix.size() + 2 * (place_bytes + mac_bytes);

std::string bytes_of(const list_place& place) {
  std::string out;
  for (const std::uint64_t each : {place.first, place.second})
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(each >> shift & 0xFFU);
  return out;
}

/// 16 hexadecimal digits; others count as 0, encoding them again shows it.
std::uint64_t number_at(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    value = value << 4 | (digit == std::string_view::npos ? 0 : digit);
  }
  return value;
}

} // namespace

std::string cursor_codec::encode(list_kind list, engine::workspace_id workspace,
                                 const list_place& place) const {
  const auto where = bytes_of(place);
  const auto number = engine::number(workspace);
  // What it is for goes first: the same secret may authenticate other things.
  std::string message = "cursor";
  message += static_cast<char>(list);
  for (int shift = 24; shift >= 0; shift -= 8)
    message += static_cast<char>(number >> shift & 0xFFU);
  message += where;
  const auto mac = engine::hmac_sha256(secret_, message);
  std::string out{prefix};
  out += engine::to_hex(where);
  out += engine::to_hex(std::string_view{mac}.substr(0, mac_bytes));
  return out;
}

std::optional<list_place> cursor_codec::decode(list_kind list,
                                               engine::workspace_id workspace,
                                               std::string_view text) const {
  if (text.size() != text_bytes)
    return std::nullopt;
  const list_place place{number_at(text.substr(prefix.size(), 16)),
                         number_at(text.substr(prefix.size() + 16, 16))};
  const auto right = encode(list, workspace, place);
  if (CRYPTO_memcmp(right.data(), text.data(), text.size()) != 0)
    return std::nullopt;
  return place;
}

} // namespace troupe::http
