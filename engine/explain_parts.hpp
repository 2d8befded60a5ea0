// Internal to explain*.cpp: what the parts of an explanation share.
#pragma once

#include "engine/explain.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Null when the node is not there, or listens to nothing.
const std::vector<event_clause>*
clauses_at(const sequence_definition& definition, std::string_view node);

boost::json::array list_of(const std::vector<std::string>& texts);

/// The failed check of a sequence that starts on other events.
/// @param event its type, or null
explained_check trigger_type(const std::vector<event_clause>& triggers,
                             boost::json::value event);

/// Says what would let the next such event pass the failed check.
/// @pre about.first_failed is of a rule
void unblock(explanation& about, const known_sequence& of,
             const past_runs& after, const std::string& type);

/// What a first event would be asked.
explanation explain_nothing(const known_sequence& of, const past_runs& before);

} // namespace troupe::engine
