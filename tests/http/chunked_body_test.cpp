#include "http/chunked_body.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace troupe::http;
using verdict = chunked_body::verdict;

namespace {

verdict judge(const std::string& bytes, std::size_t body_max = 1000) {
  chunked_body decoder{body_max};
  std::string body;
  return decoder.feed(bytes, body).outcome;
}

const std::string sample = "5\r\nhello\r\n"
                           "00A;a=b;c;name=\"v\\\"; \"\r\n0123456789\r\n"
                           "0;last\r\nTrailer: x\r\n\r\n";

} // namespace

TEST_CASE("H1: chunks split at every byte give the same body",
          "[http][chunked]") {
  for (std::size_t first = 0; first <= sample.size(); ++first) {
    for (std::size_t second = first; second <= sample.size(); ++second) {
      chunked_body decoder{1000};
      std::string body;
      const auto whole = sample + "GET /next";
      std::size_t used = 0;
      auto outcome = verdict::incomplete;
      for (const auto end : {first, second, whole.size()}) {
        const auto done = decoder.feed(
          std::string_view{whole}.substr(used, end - used), body);
        used += done.consumed;
        outcome = done.outcome;
        if (outcome != verdict::incomplete)
          break;
      }
      REQUIRE(outcome == verdict::complete);
      REQUIRE(body == "hello0123456789");
      REQUIRE(used == sample.size());
    }
  }
}

TEST_CASE("H1: chunk framing in doubt is refused", "[http][chunked]") {
  using namespace std::string_literals;
  for (const auto& bytes : std::vector<std::string>{"5\nhello\r\n",
                                                    "5\r\nhello\n0\r\n\r\n",
                                                    "5\r\nhelloX",
                                                    "\r\n",
                                                    "g\r\n",
                                                    "-1\r\n",
                                                    "+1\r\n",
                                                    "0x1\r\n",
                                                    " 5\r\n",
                                                    "5 \r\n",
                                                    "5 ;a\r\n",
                                                    "5;a\n",
                                                    "5;\r\n",
                                                    "5;a=\r\n",
                                                    "5;=b\r\n",
                                                    "5;a=b=c\r\n",
                                                    "5;a[=b\r\n",
                                                    "5;a=\"b\r\n",
                                                    "5;a=\"b\"c\r\n",
                                                    "5;a\r;b\r\n",
                                                    "5;a\x01\r\n",
                                                    "5;a\0\r\n"s,
                                                    "5\rX",
                                                    "0000000000000001\r\n",
                                                    "fffffffffffffffff\r\n",
                                                    "0\r\nX : y\r\n",
                                                    "0\r\n folded\r\n",
                                                    "0\r\n: y\r\n",
                                                    "0\r\nX: y\n",
                                                    "0\r\n\n",
                                                    "0\r\n\rX",
                                                    "0\r\nX: a\rb\r\n"}) {
    INFO(bytes);
    CHECK(judge(bytes) == verdict::malformed);
  }
}

TEST_CASE("H5: a chunked body has the bound of any body", "[http][chunked]") {
  CHECK(judge("5\r\nhello\r\n0\r\n\r\n", 5) == verdict::complete);
  CHECK(judge("6\r\n", 5) == verdict::too_large);
  CHECK(judge("3\r\nabc\r\n3\r\n", 5) == verdict::too_large);
  CHECK(judge("fffffffffffffff\r\n", 5) == verdict::too_large);
}

TEST_CASE("H5: extensions and trailers are bounded", "[http][chunked]") {
  const std::string most(chunked_body::extension_bytes_max, 'x');
  CHECK(judge("0;" + most + "\r\n\r\n") == verdict::complete);
  CHECK(judge("0;" + most + "x\r\n\r\n") == verdict::malformed);
  CHECK(judge("1;" + most + "\r\na\r\n1;x\r\n") == verdict::malformed);
  std::string trailers;
  for (std::size_t i = 0; i <= chunked_body::trailer_bytes_max; i += 6)
    trailers += "X: y\r\n";
  CHECK(judge("0\r\n" + trailers) == verdict::malformed);
}
