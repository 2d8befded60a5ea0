// Ids from outside: what is read is written the same again, and nothing that is
// read in one workspace is read in another (I1). Check bits are few, so a text
// that was guessed may be an id: not one of both.
#include "engine/ids.hpp"

#include "tests/fuzz/invariant.hpp"

#include <cstring>
#include <string>

using namespace troupe::engine;
using troupe::fuzz::demand;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const id_text ids{0x5eedU};
  constexpr workspace_id here{1};
  constexpr workspace_id there{2};
  const auto text = troupe::fuzz::as_text(data, size);
  if (const auto id = ids.parse_contact(here, text))
    demand(ids.contact(here, *id) == text);
  for (const std::string_view prefix : {"evt_", "run_", "dlv_"}) {
    const auto id = ids.parse_position(prefix, here, text);
    if (id)
      demand(ids.at_position(prefix, here, *id) == text);
  }
  if (const auto trigger = ids.parse_trigger(here, text))
    demand(!ids.parse_trigger(there, text));
  std::uint64_t number = 0;
  if (size < sizeof number + 2)
    return 0;
  std::memcpy(&number, data, sizeof number);
  const contact_id contact{number};
  const auto written = ids.contact(here, contact);
  demand(ids.parse_contact(here, written) == contact);
  demand(!ids.parse_contact(there, written));
  const position_id place{
    timestamp{std::chrono::milliseconds{number % (std::uint64_t{1} << 40)}},
    position{number >> 24}, static_cast<std::uint32_t>(data[8])};
  const auto event = ids.at_position("evt_", here, place);
  demand(ids.parse_position("evt_", here, event).has_value());
  // Twenty bits: one in a million is an id there, too, and asked for by the
  // workspace in the store.
  if (const auto guessed = ids.parse_position("evt_", there, event))
    demand(ids.at_position("evt_", there, *guessed) == event);
  if (const auto guessed = ids.parse_position("run_", here, event))
    demand(ids.at_position("run_", here, *guessed) == event);
  auto changed = event;
  changed[4 + data[9] % (changed.size() - 4)] ^= 1;
  static_cast<void>(ids.parse_position("evt_", here, changed));
  return 0;
}
