#include "http/tracking_token.hpp"

#include "engine/digest.hpp"

#include <openssl/crypto.h>

namespace troupe::http {

namespace {

constexpr std::size_t mac_bytes = 16;
constexpr std::size_t token_max = 4096;
constexpr std::string_view digits
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6)
      out += digits[held >> (bits - 6) & 63];
  }
  if (bits > 0)
    out += digits[held << (6 - bits) & 63];
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const auto digit = digits.find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    held = held << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(held >> bits & 255);
    }
  }
  return out;
}

void put(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(number >> shift & 255);
}

void put(std::string& out, std::string_view text) {
  text = text.substr(0, 255);
  out += static_cast<char>(text.size());
  out += text;
}

// What is sealed is as it was written: reading needs no second look.
class reader {
public:
  explicit reader(std::string_view from) : rest_{from} {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (const char c : take(8))
      value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  std::string text() {
    const auto size = take(1);
    return std::string{
      take(size.empty() ? 0 : static_cast<unsigned char>(size.front()))};
  }

  std::string rest() {
    return std::string{rest_};
  }

private:
  std::string_view take(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

} // namespace

std::string tracking_codec::seal(link_kind what, std::string_view bytes) const {
  // What it is for goes first: the same secret authenticates other things.
  std::string message = "link";
  message += static_cast<char>(what);
  message += bytes;
  return engine::hmac_sha256(secret_, message).substr(0, mac_bytes);
}

std::string tracking_codec::encode(link_kind what,
                                   const messages::message_origin& from,
                                   std::string_view url) const {
  std::string bytes;
  for (const std::uint64_t number :
       {std::uint64_t{engine::number(from.workspace)},
        engine::number(from.contact),
        std::uint64_t{engine::number(from.channel)}, engine::number(from.turn),
        std::uint64_t{from.ordinal},
        static_cast<std::uint64_t>(from.at.time_since_epoch().count())})
    put(bytes, number);
  for (const auto* text : {&from.sequence, &from.node, &from.category})
    put(bytes, *text);
  bytes += url;
  return to_base64url(seal(what, bytes) + bytes);
}

std::optional<followed_link>
tracking_codec::decode(link_kind what, std::string_view token) const {
  if (token.size() > token_max)
    return std::nullopt;
  const auto all = from_base64url(token);
  if (!all || all->size() <= mac_bytes || to_base64url(*all) != token)
    return std::nullopt;
  const auto bytes = std::string_view{*all}.substr(mac_bytes);
  const auto right = seal(what, bytes);
  if (CRYPTO_memcmp(right.data(), all->data(), mac_bytes) != 0)
    return std::nullopt;
  reader in{bytes};
  followed_link out;
  auto& from = out.origin;
  from.workspace
    = engine::workspace_id{static_cast<std::uint32_t>(in.number())};
  from.contact = engine::contact_id{in.number()};
  from.channel
    = engine::destination_id{static_cast<std::uint32_t>(in.number())};
  from.turn = engine::position{in.number()};
  from.ordinal = static_cast<std::uint32_t>(in.number());
  from.at = engine::timestamp{
    engine::duration{static_cast<std::int64_t>(in.number())}};
  from.sequence = in.text();
  from.node = in.text();
  from.category = in.text();
  out.url = in.rest();
  return out;
}

} // namespace troupe::http
