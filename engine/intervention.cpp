#include "engine/intervention.hpp"

#include "engine/contact.hpp"
#include "engine/definition_reader.hpp"
#include "engine/definitions.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

error conflict(std::string name, std::string message) {
  return {errc::conflict, std::move(name), std::move(message), {}};
}

error sequence_paused() {
  return conflict("sequence_paused",
                  "this sequence is paused; resume it first");
}

// Of what moves a run.
status check_move(const run& live, const intervention& wanted,
                  const definitions& with) {
  const auto* pinned = with.find(live.sequence, live.version);
  if (pinned == nullptr || pinned->definition->find(live.node) == no_node)
    return conflict("definition_missing",
                    "the version this run is pinned to is not known any more");
  if (pinned->paused)
    return sequence_paused();
  const auto& definition = *pinned->definition;
  const auto here = definition.find(live.node);
  if (wanted.what == intervention_kind::skip) {
    if (way_past(definition.nodes[here]) == no_node)
      return conflict("nothing_to_skip",
                      "this node has no way on of its own; name one with "
                      "`transition`");
  }
  if (wanted.what == intervention_kind::transition
      && definition.find(wanted.node) == no_node)
    return invalid("node_unknown",
                   "the run's version of the sequence has no such node",
                   "/node");
  return success();
}

} // namespace

const run* run_of(const contact_state& state, const intervention& wanted) {
  const auto& runs = *state.runs;
  const auto found
    = std::find_if(runs.begin(), runs.end(), [&](const auto& live) {
        return live->started_turn == wanted.started
               && live->ordinal == wanted.ordinal;
      });
  return found == runs.end() ? nullptr : &**found;
}

status check_intervention(const contact_state& state,
                          const intervention& wanted, const definitions& with) {
  if (wanted.what == intervention_kind::review)
    return success();
  if (wanted.what == intervention_kind::enrol) {
    const auto* starting = with.starting(wanted.sequence);
    if (starting == nullptr)
      return conflict("sequence_not_active",
                      "publish the sequence before enrolling");
    return starting->paused ? status{sequence_paused()} : success();
  }
  const auto* live = run_of(state, wanted);
  if (live == nullptr)
    return conflict("run_ended", "this run has ended");
  const auto is_paused = state.is_paused(live->number);
  if (wanted.what == intervention_kind::resume && !is_paused)
    return conflict("run_not_paused", "this run is not paused");
  if (is_paused && wanted.what != intervention_kind::resume
      && wanted.what != intervention_kind::exit)
    return conflict("run_paused", "this run is paused; resume it first");
  switch (wanted.what) {
    case intervention_kind::transition:
    case intervention_kind::skip:
    case intervention_kind::retry:
      return check_move(*live, wanted, with);
    default:
      return success();
  }
}

} // namespace troupe::engine
