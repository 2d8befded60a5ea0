// A body decodes the same in one piece and in many, within its bound, and
// reads the same again from what was read.
#include "http/chunked_body.hpp"
#include "tests/fuzz/invariant.hpp"

#include <array>
#include <cstdio>
#include <string>

using namespace troupe::http;
using troupe::fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using verdict = chunked_body::verdict;
  constexpr std::size_t body_max = 4096;
  const auto bytes = troupe::fuzz::as_text(data, size);
  chunked_body whole{body_max};
  std::string body;
  const auto first = whole.feed(bytes, body);
  demand(body.size() <= body_max && body.size() <= size);
  demand(first.consumed <= size);
  demand(first.outcome != verdict::incomplete || first.consumed == size);

  chunked_body pieces{body_max};
  std::string same;
  std::size_t consumed = 0;
  auto outcome = verdict::incomplete;
  while (outcome == verdict::incomplete && consumed < size) {
    const auto length = 1 + data[consumed] % 7u;
    const auto part = pieces.feed(bytes.substr(consumed, length), same);
    consumed += part.consumed;
    outcome = part.outcome;
  }
  demand(outcome == first.outcome && same == body
         && consumed == first.consumed);
  if (first.outcome != verdict::complete)
    return 0;

  std::string plain;
  if (!body.empty()) {
    std::array<char, 20> line{};
    std::snprintf(line.data(), line.size(), "%zx\r\n", body.size());
    plain = line.data() + body + "\r\n";
  }
  plain += "0\r\n\r\n";
  chunked_body once_more{body_max};
  std::string again;
  const auto last = once_more.feed(plain, again);
  demand(last.outcome == verdict::complete && again == body);
  return 0;
}
