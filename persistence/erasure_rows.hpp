// Erasing a contact, as stores are told and tell of it.
#pragma once

#include "engine/erasure.hpp"
#include "persistence/definition_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace troupe::persistence {

/// Of a run that goes on.
struct run_place {
  engine::sequence_id sequence{};
  position started_turn{};
  std::uint32_t ordinal = 0;
};

/// A contact that shall be erased with all it absorbed, as it is now.
struct erasure_wish {
  std::string text_id; // "era_…"
  workspace_id workspace{};
  contact_id contact{};
  std::uint64_t seq = 0; // of its last turn
  position last_turn{};
  std::vector<engine::identity> identities; // all it owns
  std::vector<engine::timer> timers;        // all it has
  std::vector<run_place> runs;              // that go on
  std::string contact_hash;
  timestamp at{};
  admin_row note;
};

using engine::erasure_row;

/// Of one workspace, newest first.
struct erasure_query {
  workspace_id workspace{};
  std::string text_id;      // of the one wanted; or empty, and
  std::uint64_t before = 0; // an id; 0: from the newest
  std::size_t limit = 50;
};

/// Those that are empty and not finished.
struct emptied_erasures {
  std::int64_t last = 0;          // the newest one's id; 0: there are none
  std::set<std::int64_t> touched; // ranges of turns that have lost something
};

/// What a slice came to.
enum class erasing : std::uint8_t {
  nothing, // no erasure goes on
  goes_on, // more is to be done, soon
  waits,   // for others to let go of what they read; later
};

} // namespace troupe::persistence
