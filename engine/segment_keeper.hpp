// Keeps one contact's tallies and segments up to date within a turn.
#pragma once

#include "engine/decide.hpp"
#include "engine/interpreter.hpp"
#include "engine/turn_scope.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Why a contact entered or left a segment, as the event that says so tells.
enum class segment_cause { event, time, contact, definition };

class segment_keeper {
public:
  /// All outlive the keeper.
  segment_keeper(interpreter& runs, const definitions& with, turn& out,
                 const boost::json::object* properties,
                 const std::vector<past_event>* history);

  /// Makes the tallies complete, before anything asks for one.
  /// @returns the events that are missing for that
  /// @param starts a sequence that the turn starts on a person's wish
  std::optional<history_request> begin(const published_sequence* starts
                                       = nullptr);

  /// The turn's event counts for the tallies it is one of.
  void count_event();

  /// Enters and leaves segments whose tallies or whose part of the contact
  /// changed since the last look, and tells the contact by an event.
  void look(segment_cause why);

  /// Has the contact woken when an event leaves the span of a segment.
  void set_wake();

private:
  [[nodiscard]] bool is_complete(const watched_tally& each) const;
  void fill(tallies_begun& begun);
  [[nodiscard]] tally counted(const watched_tally& each);
  [[nodiscard]] bool counts(const watched_tally& each) const;
  [[nodiscard]] double number_of(const watched_tally& each) const;
  [[nodiscard]] bool has_changed_since_look();
  void move(const published_segment& segment, bool entered, segment_cause why);
  void leave_unknown();
  void note_expiry(const published_segment& segment);

  interpreter& runs_;
  const definitions& with_;
  turn& out_;
  const std::vector<past_event>* history_;
  turn_scope scope_;
  std::vector<bool> touched_; // segments, by their place
  std::size_t looked_at_ = 0; // of the turn's changes
  bool looks_at_all_ = false; // whatever touched them
  std::optional<timestamp> next_expiry_;
};

} // namespace troupe::engine
