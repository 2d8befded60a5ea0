// The first law as a check: the recorded turns of a contact, applied from
// nothing, give its state again.
#pragma once

#include "engine/contact.hpp"
#include "persistence/codec.hpp"
#include "persistence/store.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace troupe::test {

/// @param turns of one contact, oldest first
inline engine::contact_state replay(std::span<const engine::turn> turns) {
  engine::contact_state state;
  for (const auto& each : turns)
    engine::apply(state, each);
  return state;
}

/// All turns of a contact as the store has them, oldest first.
inline std::vector<engine::turn> all_turns(persistence::store_reader& reader,
                                           engine::contact_id contact,
                                           std::size_t page_size = 100) {
  std::vector<engine::turn> all;
  engine::position before{};
  for (;;) {
    auto page = reader.turns(contact, before, page_size);
    if (!page)
      throw std::runtime_error{page.failure().message};
    for (auto& each : page->turns)
      all.push_back(std::move(each));
    if (!page->has_more)
      break;
    before = all.back().stamp.turn;
  }
  std::reverse(all.begin(), all.end());
  return all;
}

inline engine::contact_state replay(persistence::store_reader& reader,
                                    engine::contact_id contact) {
  return replay(all_turns(reader, contact));
}

struct replayed {
  std::size_t turns = 0;
  std::uint64_t hash_live = 0;
  std::uint64_t hash_replayed = 0;

  [[nodiscard]] bool equal() const {
    return hash_live == hash_replayed;
  }
};

/// Replays from the store and compares with a state in memory.
inline replayed verify_replay(persistence::store_reader& reader,
                              const engine::contact_state& live) {
  const auto turns = all_turns(reader, live.id);
  return {turns.size(), persistence::state_hash(live),
          persistence::state_hash(replay(turns))};
}

} // namespace troupe::test
