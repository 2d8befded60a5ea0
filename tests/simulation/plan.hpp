// What goes wrong in one run, and how often: the seed chooses. Each kind of
// fault is in a part of the runs only, so that many are met alone too.
#pragma once

#include "engine/time.hpp"
#include "tests/support/random_values.hpp"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace troupe::simulation {

using test::dice;
using namespace std::chrono_literals;

/// A defect put on purpose between the actors and what is real: the simulation
/// has to find each of them.
enum class planted {
  nothing,
  acknowledged_early,  // a crash loses commits that were answered
  key_not_stored,      // a retry is another event
  unknown_is_failure,  // an unknown commit is said to have failed
  unknown_is_success,  // … to have been made
  timer_lost,          // its row is not written
  timer_kept,          // its row stays when it has fired
  message_kept,        // its row stays when it was delivered
  effects_apart,       // the outbox is written by a second transaction
  outcome_lost,        // of an attempt; said to be recorded
  silence_is_delivery, // a call that nobody answered is taken for delivered
  identity_unchecked,  // a taken identity is no reason to refuse a commit
  early_scheduler,     // its clock is ahead
};

inline constexpr std::array planted_names{
  std::pair{planted::acknowledged_early,
            std::string_view{"acknowledged_early"}},
  std::pair{planted::key_not_stored, std::string_view{"key_not_stored"}},
  std::pair{planted::unknown_is_failure,
            std::string_view{"unknown_is_failure"}},
  std::pair{planted::unknown_is_success,
            std::string_view{"unknown_is_success"}},
  std::pair{planted::timer_lost, std::string_view{"timer_lost"}},
  std::pair{planted::timer_kept, std::string_view{"timer_kept"}},
  std::pair{planted::message_kept, std::string_view{"message_kept"}},
  std::pair{planted::effects_apart, std::string_view{"effects_apart"}},
  std::pair{planted::outcome_lost, std::string_view{"outcome_lost"}},
  std::pair{planted::silence_is_delivery,
            std::string_view{"silence_is_delivery"}},
  std::pair{planted::identity_unchecked,
            std::string_view{"identity_unchecked"}},
  std::pair{planted::early_scheduler, std::string_view{"early_scheduler"}}};

/// Less than `most`.
inline engine::duration some_time(dice& from, engine::duration most) {
  return engine::duration{static_cast<std::int64_t>(
    from.below(static_cast<std::uint64_t>(most.count())))};
}

struct fault_plan {
  planted defect = planted::nothing;
  // Percent of what they name.
  unsigned requests_lost = 0;
  unsigned answers_lost = 0;
  unsigned commits_fail = 0;
  unsigned groups_fail = 0; // of more than one commit
  unsigned commits_unknown = 0;
  unsigned commits_crash = 0;
  unsigned reads_fail = 0;
  unsigned calls_refused = 0;
  unsigned calls_lost = 0;
  unsigned stalls = 0;  // permille of the messages served
  unsigned crashes = 0; // at any time, in the whole run
  engine::duration lasts{};

  fault_plan() = default;

  explicit fault_plan(dice& from) {
    const auto some = [&from](unsigned most) {
      return from.chance(40) ? 1 + static_cast<unsigned>(from.below(most)) : 0U;
    };
    requests_lost = some(20);
    answers_lost = some(30);
    commits_fail = some(15);
    groups_fail = some(30);
    commits_unknown = some(12);
    commits_crash = some(6);
    reads_fail = some(8);
    calls_refused = some(40);
    calls_lost = some(30);
    stalls = some(15);
    crashes = some(2);
    lasts = 5s + some_time(from, 10s);
  }

  /// Nothing goes wrong from here on.
  void end() {
    const auto kept = defect;
    *this = fault_plan{};
    defect = kept;
  }
};

} // namespace troupe::simulation
