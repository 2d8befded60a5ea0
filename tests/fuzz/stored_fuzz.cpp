// Damaged bytes of the store are refused or read as something that is written
// and read the same again; they never end the process.
#include "persistence/codec.hpp"
#include "tests/fuzz/invariant.hpp"

#include <string>

using namespace troupe;
using fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0)
    return 0;
  const auto bytes = fuzz::as_text(data + 1, size - 1);
  if (const auto state = persistence::decode_state(bytes)) {
    const auto written = persistence::encode_state(*state);
    const auto again = persistence::decode_state(written);
    demand(again.has_value() && persistence::encode_state(*again) == written);
  }
  engine::turn row;
  row.kind = static_cast<engine::turn_kind>(data[0] % 8);
  static_cast<void>(persistence::decode_event(row, bytes));
  if (const auto turn = persistence::decode_turn(row, bytes)) {
    const auto written = persistence::encode_turn(*turn);
    const auto again = persistence::decode_turn(row, written);
    demand(again.has_value() && persistence::encode_turn(*again) == written);
  }
  return 0;
}
