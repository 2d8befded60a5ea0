// What a person does to a contact and its runs (behaviour G77). Recorded in the
// turn, with the reason given.
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>

namespace troupe::engine {

struct contact_state;
struct run;
class definitions;

/// Append only: numbers are stored.
enum class intervention_kind : std::uint8_t {
  enrol = 1,      // starts a run
  transition = 2, // moves a run to a node
  pause = 3,      // the run sees no event and no timer until it is resumed
  resume = 4,
  exit = 5,
  write = 6,  // to the contact itself; the changes say what
  skip = 7,   // ends the rest of a run as its time would, without a held send
  retry = 8,  // the run enters its node again: its time starts anew
  review = 9, // the contact is looked at for the segments there are now
};

struct intervention {
  intervention_kind what{};
  sequence_id sequence{};    // of enrol
  boost::json::object vars;  // of enrol, beside those of the sequence
  position started{};        // of the run: the turn that started it,
  std::uint32_t ordinal = 0; // and its place among the runs started there
  std::string node;          // of transition
  std::string reason;
  std::string by; // text id of the API key
};

/// The live run that the intervention names, or nullptr.
const run* run_of(const contact_state& state, const intervention& wanted);

/// @returns conflict `run_ended`, `run_paused`, `run_not_paused`,
/// `sequence_not_active`, `sequence_paused`, `nothing_to_skip` or
/// `definition_missing`, or invalid `node_unknown`
status check_intervention(const contact_state& state,
                          const intervention& wanted, const definitions& with);

} // namespace troupe::engine
