// What requests of other products' libraries need beside JSON.
#pragma once

#include "tests/system/tenant.hpp"

#include <zlib.h>

#include <string>
#include <string_view>

namespace troupe::test {

/// @param window_bits 31: gzip; 15: deflate; -15: deflate without its header
inline std::string compressed(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// `Basic` and the text in base64.
inline std::string basic(const std::string& text) {
  static const std::string letters
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8
             | (i + k < text.size() ? static_cast<unsigned char>(text[i + k])
                                    : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= text.size() ? letters[bits >> (18 - 6 * k) & 63] : '=';
  }
  return "Basic " + out;
}

inline std::string from_base64(std::string_view text) {
  static const std::string letters
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = letters.find(c);
    if (value == letters.npos)
      break;
    bits = bits << 6 | static_cast<unsigned>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 255);
    }
  }
  return out;
}

} // namespace troupe::test
