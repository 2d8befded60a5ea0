// The key of a key is that key (reliability.md I4), and no text of any bytes
// breaks a reader of short texts.
#include "engine/normalise.hpp"
#include "engine/time.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace troupe::engine;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (auto* key_of :
       {&email_key, &phone_key, &external_id_key, &anonymous_id_key})
    if (const auto key = key_of(text); key && key_of(*key) != key)
      std::abort();
  if (const auto key = email_key(text); key && key->size() > 254)
    std::abort();
  static_cast<void>(is_placeholder(text));
  static_cast<void>(parse_duration(text));
  if (const auto at = parse_iso8601(text);
      at && !parse_iso8601(to_iso8601(*at)))
    std::abort();
  return 0;
}
