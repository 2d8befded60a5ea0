// Why a sequence did what it did about an event, or did nothing: read from what
// the turn recorded. Nothing that was decided is decided again.
#pragma once

#include "engine/past_runs.hpp"
#include "engine/sequence_definition.hpp"
#include "engine/turn.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Where several hold, the first one.
enum class verdict : std::uint8_t {
  started,
  advanced,      // a run moved on, or ended
  waited,        // it was counted; the wait goes on
  refused,       // a rule said no
  ignored,       // nothing was asked
  not_listening, // no trigger and no wait is about such an event
};

/// "started", …, "not_listening"
std::string_view name_of(verdict what);

/// A sequence as it is known now, with all its past.
struct known_sequence {
  struct version {
    std::uint32_t number = 0;
    bool published = false;
    timestamp published_at{}; // epoch: not known
    /// Null for one that no longer compiles.
    std::shared_ptr<const sequence_definition> definition;
  };

  sequence_id id{};
  bool archived = false;
  timestamp updated_at{};
  std::vector<version> versions; // oldest first

  [[nodiscard]] const version* find(std::uint32_t number) const;
  /// The version that started runs then; null: none did.
  [[nodiscard]] const version* in_force(timestamp at) const;
};

struct explained_check {
  std::optional<rule> asked; // absent: found out by the explanation
  std::string_view name;     // as name_of(rule), or "version", "dedup", …
  /// The condition, or the setting of the rule; absent: it has none.
  std::optional<boost::json::value> expr;
  boost::json::object inputs;
  std::optional<bool> result; // absent: nobody asked yet
  std::uint32_t run = 0;
};

/// What would let the next such event go through. Empty: nothing.
struct unblocking {
  std::optional<timestamp> at;
  std::vector<std::string> by_event;
  std::optional<boost::json::value> by_condition;
  std::string_view by_operator; // "sequence.resume", …
};

struct explanation {
  verdict what = verdict::not_listening;
  std::optional<past_run> run; // as it was after the event
  std::uint32_t version = 0;   // the run's, or that was asked to start one
  std::string from_node;
  std::string to_node;
  std::vector<explained_check> checks;
  std::optional<std::size_t> first_failed; // of the checks
  unblocking unblock;
  std::optional<timestamp> next_timer;
};

/// @param came the event's turn; null: the contact has had no event
/// @param before the contact's runs before that turn
/// @param after and with it
explanation explain(const known_sequence& of, const turn* came,
                    const past_runs& before, const past_runs& after);

/// Of a repeat that was answered with the first result.
/// @pre came.key
explanation explain_repeat(const turn& came);

// -- for the parts of it ------------------------------------------------------

/// The condition or setting behind a check of that definition, or nothing.
std::optional<boost::json::value>
expression_of(rule asked, const boost::json::object& inputs,
              const sequence_definition& definition);

/// What the turn keeps of a check's inputs, as JSON.
boost::json::object inputs_of(const check& asked);

std::vector<std::string> events_of(const std::vector<event_clause>& clauses);

} // namespace troupe::engine
