#include "engine/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace troupe::engine {

namespace {

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

std::string base64_encode(std::string_view bytes) {
  // OpenSSL also writes a terminating zero.
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets(bytes),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.empty())
    return std::string{};
  if (text.size() % 4 != 0)
    return std::nullopt;
  const auto digits = text.substr(0, text.find('='));
  const auto padding = text.size() - digits.size();
  // EVP_DecodeBlock skips surrounding space and takes padding anywhere.
  const bool clean = std::all_of(digits.begin(), digits.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
  if (!clean || padding > 2
      || text.substr(digits.size()).find_first_not_of('=')
           != std::string_view::npos)
    return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      octets(text), static_cast<int>(text.size()))
      < 0)
    return std::nullopt;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

} // namespace troupe::engine
