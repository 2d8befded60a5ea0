// No text crashes the reader; a cursor is read as it was written, and not after
// any change.
#include "http/cursor.hpp"
#include "tests/fuzz/invariant.hpp"

#include <cstring>
#include <string>

using namespace troupe::http;
using troupe::fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const cursor_codec codec{"a secret of the installation"};
  constexpr troupe::engine::workspace_id here{1};
  const std::string text{troupe::fuzz::as_text(data, size)};
  // Nobody finds a cursor by trying.
  demand(!codec.decode(list_kind::events, here, text));
  demand(!codec.decode(list_kind::events, here, "cur_" + text));
  list_place place;
  if (size < sizeof place + 2)
    return 0;
  std::memcpy(&place, data, sizeof place);
  auto made = codec.encode(list_kind::events, here, place);
  demand(codec.decode(list_kind::events, here, made) == place);
  const auto at = data[sizeof place] % made.size();
  const auto bit = 1U << (data[sizeof place + 1] % 8);
  made[at] = static_cast<char>(static_cast<unsigned char>(made[at]) ^ bit);
  demand(!codec.decode(list_kind::events, here, made));
  return 0;
}
