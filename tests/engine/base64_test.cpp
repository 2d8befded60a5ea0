#include "engine/base64.hpp"

#include <catch2/catch.hpp>

#include <utility>
#include <vector>

using namespace troupe::engine;

TEST_CASE("base64 agrees with the vectors of RFC 4648", "[engine][base64]") {
  const std::vector<std::pair<std::string, std::string>> vectors{
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
  }
}

TEST_CASE("base64 gives back every byte", "[engine][base64]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes.push_back(static_cast<char>(i));
    CHECK(base64_decode(base64_encode(bytes)) == bytes);
  }
}

TEST_CASE("base64 refuses what its encoder would not write",
          "[engine][base64]") {
  for (const auto* text : {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm 8=",
                           " Zg==", "Zg==\n", "Zm-_", "Zm=v", "Zm9\0"})
    CHECK_FALSE(base64_decode(text));
}
