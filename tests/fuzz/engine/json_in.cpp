// Accepted JSON prints again, means the same, and is at most twice as long
// (reliability.md J6).
#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace troupe::engine;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto first = parse_json(text);
  if (!first)
    return 0;
  const auto printed = to_json(*first);
  if (printed.size() > 2 * size)
    std::abort();
  const auto second = parse_json(printed);
  if (!second || to_json(*second) != printed
      || canonical_json(*second) != canonical_json(*first)
      || fingerprint(*second) != fingerprint(*first))
    std::abort();
  const auto third = parse_json(canonical_json(*first));
  if (!third || canonical_json(*third) != canonical_json(*first))
    std::abort();
  return 0;
}
