// What became of the runs that one turn started: their messages and calls, sent
// or left out, read from the turns that followed.
#pragma once

#include "engine/delivery.hpp"
#include "engine/past_runs.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::engine {

/// A `send` or `http` node that a run came to.
struct execution_step {
  std::string node;
  turn_stamp stamp; // of the turn that came to it
  workspace_id workspace{};
  contact_id contact{};
  delivery_name delivery;            // ordinal 0: it was left out
  std::optional<rule> left_out_by;   // then
  std::string inputs;                // of that rule
  std::vector<std::string> warnings; // paths of its texts that led nowhere

  // What the store knows of the delivery; not of the turns.
  delivery_status status = delivery_status::pending;
  std::uint32_t attempts = 0;
  std::optional<timestamp> next_attempt_at;
  std::string error; // of the newest attempt; or empty
  timestamp ended_at{};
};

/// Append only: numbers are stored. Append to the names when there are more.
enum class execution_status : std::uint8_t {
  processing, // the run is live, or a delivery is pending
  sent,
  failed,   // a delivery or the run
  filtered, // nothing was sent
};

std::string_view name_of(execution_status what);

struct execution {
  past_run run;
  std::vector<execution_step> steps;
};

execution_status status_of(const execution& what);

class executions {
public:
  /// @param first the turn whose runs they are
  explicit executions(const turn& first);

  /// Turns behind it of the contact, and of one that absorbed it; oldest first.
  void add(const turn& next);

  [[nodiscard]] std::vector<execution> take();

private:
  using place = std::pair<contact_id, std::uint32_t>; // and run's number

  execution* find(contact_id contact, std::uint32_t run);
  void add_steps(const turn& of);

  std::vector<execution> all_;
  std::vector<place> newest_; // of each
  std::map<place, std::size_t> places_;
  std::map<contact_id, past_runs> runs_;
};

} // namespace troupe::engine
