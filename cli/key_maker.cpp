#include "cli/key_maker.hpp"

#include "engine/ids.hpp"
#include "http/authentication.hpp"

#include <boost/crc.hpp>

#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstdlib>

namespace troupe::cli {

namespace {

constexpr std::string_view alphabet
  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t secret_length = 43; // 256 bits
constexpr std::size_t checksum_length = 6;

void fill_random(void* into, std::size_t size) {
  if (getrandom(into, size, 0) != static_cast<ssize_t>(size))
    std::abort(); // at most 256 bytes are asked for: this cannot fail
}

std::string random_text(std::size_t length) {
  std::string out;
  while (out.size() < length) {
    std::array<unsigned char, 64> bytes{};
    fill_random(bytes.data(), bytes.size());
    for (const auto byte : bytes)
      // Only whole multiples of the alphabet, so that all are equally likely.
      if (byte < 4 * alphabet.size() && out.size() < length)
        out += alphabet[byte % alphabet.size()];
  }
  return out;
}

std::string checksum_of(const std::string& text) {
  boost::crc_32_type sum;
  sum.process_bytes(text.data(), text.size());
  std::string out(checksum_length, '0');
  auto rest = sum.checksum();
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit) {
    *digit = alphabet[rest % alphabet.size()];
    rest /= static_cast<decltype(rest)>(alphabet.size());
  }
  return out;
}

std::string_view beginning_of(engine::key_kind kind) {
  switch (kind) {
    case engine::key_kind::secret:
      return "tr_live_";
    case engine::key_kind::write:
      return "tr_write_";
    case engine::key_kind::test:
      return "tr_test_";
  }
  return "tr_live_";
}

} // namespace

std::string new_text_id(std::string_view prefix) {
  std::array<std::uint64_t, 2> random{};
  fill_random(random.data(), sizeof random);
  const auto now
    = std::chrono::floor<engine::duration>(std::chrono::system_clock::now());
  return std::string{prefix}
         + engine::ulid(now, static_cast<std::uint16_t>(random[0]), random[1]);
}

actors::made_key new_key(engine::key_kind kind) {
  std::string text{beginning_of(kind)};
  text += random_text(http::key_prefix_length - text.size() + secret_length);
  text += checksum_of(text);
  return {text, text.substr(0, http::key_prefix_length), http::hash_key(text)};
}

} // namespace troupe::cli
