// A compressed body is at most as long as it may be, whatever it claims (H7),
// and one that is not compressed stays as it is.
#include "http/inflate.hpp"
#include "tests/fuzz/invariant.hpp"

#include <string>

using namespace troupe::http;
using troupe::fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  constexpr std::size_t body_max = 20'000;
  if (size > body_max)
    return 0;
  const std::string sent{troupe::fuzz::as_text(data, size)};
  for (const std::string_view coding : {"gzip", "deflate", "gzip, gzip", "br"})
    if (const auto read = inflated(sent, coding, body_max))
      demand(read->size() <= body_max);
    else
      demand(!read.failure().name.empty());
  const auto plain = inflated(sent, std::nullopt, body_max);
  demand(!plain || *plain == sent || sent.starts_with("\x1f\x8b"));
  return 0;
}
