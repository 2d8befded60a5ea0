// Moves runs through the nodes of their sequences within one turn. It changes
// a working copy of the contact only by changes that the turn records.
#pragma once

#include "engine/check_inputs.hpp"
#include "engine/decide.hpp"
#include "engine/turn_scope.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

/// Nodes one run may enter in one turn; more means a loop.
inline constexpr std::uint32_t nodes_per_run_max = 200;
/// Over all runs: all that may be live can move on at one event.
inline constexpr std::uint32_t nodes_per_turn_max = 10'000;
/// Sends of one turn; a delivery's id has 8 bits for them.
inline constexpr std::size_t sends_per_turn_max = 255;
inline constexpr std::size_t live_runs_max = 1000;
inline constexpr std::size_t attribute_bytes_max = 32 * 1024;
inline constexpr std::size_t attributes_max = 512;

class interpreter {
public:
  /// @param out stamped; changes and effects are added to it
  /// @param properties of the turn's event, or nullptr
  interpreter(contact_state state, const definitions& with, turn& out,
              const boost::json::object* properties,
              const std::vector<past_event>* history);
  interpreter(const interpreter&) = delete;
  interpreter& operator=(const interpreter&) = delete;

  [[nodiscard]] const contact_state& state() const {
    return state_;
  }

  /// Applies a change to the working copy and records it.
  void record(change what);
  void note(rule asked, bool passed, sequence_id sequence, std::uint32_t run,
            std::string inputs = {});

  /// Notes what the condition says, with what it read.
  bool ask(rule asked, const condition& what, sequence_id sequence,
           std::uint32_t run, check_inputs about);

  /// Null removes it. One that is too large, or one too many, is left out and
  /// noted. @returns false then
  bool set_attribute(const std::string& name, boost::json::value value);

  /// Vars of the runs that the turn's event starts (S31). Must live as long.
  void set_variables(const boost::json::object& given) {
    variables_ = &given;
  }

  /// Lets every live run see the turn's event, then starts what it triggers.
  void see_event(bool starts_runs);

  /// @pre check_intervention(state, what, definitions) holds
  void intervene(const intervention& what);

  /// Ends the wait of a run by time, unless its sequence is paused.
  /// @pre is_current(state, what)
  void fire(const timer& what);

  /// Set when a wait that is reached needs events of the past: the turn is
  /// void.
  [[nodiscard]] const std::optional<history_request>& wanted() const {
    return wanted_;
  }

  /// All that waits this turn may reach ask for.
  /// @param starts a sequence that no event of the turn starts
  [[nodiscard]] history_request
  everything_to_look_back_for(const published_sequence* starts = nullptr) const;

  /// Sends the contact an event of Troupe's own, for a turn after this one.
  void tell_contact(std::string type, const boost::json::object& properties);

private:
  struct edge {
    node_index to = no_node; // no_node: the run ends
    std::string why;
    run_status ends = run_status::completed;
  };

  /// By a `start` node.
  struct asked_start {
    std::string sequence; // its key
    boost::json::object vars;
    std::string by;          // key of the sequence that asks
    std::uint32_t depth = 0; // `start` nodes between it and the turn's cause
  };

  void start_triggered();
  void pass_triggers_by();
  bool is_held(const run& current, const published_sequence& pinned,
               const sequence_node& node);
  static std::optional<edge> when_due(const run& late,
                                      const sequence_node& node,
                                      const published_sequence& pinned);
  void step_run(std::uint32_t number);
  /// Ends a run that the event ends. @returns true then
  bool ends_by_event(const run& current, const published_sequence& pinned);
  bool any_holds(const std::vector<event_clause>& clauses, rule asked,
                 const run& current);
  std::optional<edge> see_in_wait(const run& current, const wait_node& wait);
  std::optional<edge> see_in_state(const run& current, const state_node& rest);
  std::optional<edge> enter_call(std::uint32_t number,
                                 const sequence_node& node,
                                 const http_node& what, const std::string& why);
  static edge after_call(const http_node& what, bool answered,
                         std::string_view failure);
  static edge after_rest(const run& late, const http_node& what);
  [[nodiscard]] std::optional<bool> answered(const run& current) const;
  std::optional<edge> see_answer(const run& current, const http_node& what);
  void keep_answer(const run& current, const sequence_node& node);
  /// Of a wait or a state, at that place of its list.
  bool clause_holds(const event_clause& clause, std::size_t index,
                    const run& current);
  void note_count(const run& current, check_inputs about, std::uint32_t seen,
                  std::uint32_t needed);
  /// Starts what `start` nodes asked for. Runs of one turn take their turns:
  /// one that starts another is not in the middle of a node then.
  void start_asked();
  bool admits(const published_sequence& sequence, const std::string& key);
  bool may_enter(const published_sequence& sequence, const std::string& key);
  bool is_cool(const published_sequence& sequence);
  void start(const published_sequence& sequence, std::string why,
             const boost::json::object& vars = {});
  void go(std::uint32_t number, const published_sequence& pinned, edge next);
  void rest(std::uint32_t number, const sequence_node& node, std::string why,
            std::optional<timestamp> wake_at, std::uint32_t clauses);
  void end(std::uint32_t number, run_status how, std::string reason);
  void leave(std::uint32_t number);
  std::optional<edge> enter(std::uint32_t number, const sequence_node& node,
                            const std::string& why);
  std::optional<edge> enter_wait(std::uint32_t number,
                                 const sequence_node& node,
                                 const wait_node& wait, const std::string& why);
  std::optional<edge> enter_until(std::uint32_t number,
                                  const sequence_node& node,
                                  const wait_node& wait,
                                  const std::string& why);
  std::optional<timestamp> due_of(std::uint32_t number,
                                  const until_rule& until);
  local_zone zone_of(const std::optional<local_zone>& wanted,
                     sequence_id sequence, std::uint32_t number);
  std::optional<edge> satisfied_by_past(std::uint32_t number,
                                        const wait_node& wait,
                                        std::vector<std::uint32_t>& counts);
  std::optional<edge> act(std::uint32_t number, const sequence_node& node);
  edge enter_split(std::uint32_t number, const sequence_node& node,
                   const split_node& split);
  void ask_start(std::uint32_t number, const start_node& what);
  edge enter_branch(std::uint32_t number, const sequence_node& node,
                    const branch_node& branch);
  std::optional<edge> enter_send(std::uint32_t number,
                                 const sequence_node& node,
                                 const send_node& what, const std::string& why);
  std::optional<timestamp> quiet_until(const run& current,
                                       const sequence_node& node,
                                       const sequence_definition& definition);
  bool is_within_cap(const run& current, const sequence_definition& definition,
                     const std::string& channel);
  void keep_overdue(const run& late);
  bool is_fresh(const published_sequence& sequence);
  void update(const update_node& what);
  void send(std::uint32_t number, const sequence_node& node,
            const send_node& what);
  void put_into_inbox(std::uint32_t number, duration life);
  bool is_wanted(std::uint32_t number, const send_node& what,
                 const boost::json::object& parts);
  bool fill(boost::json::object& parts, const published_template& message,
            const send_node& what, const boost::json::value* given,
            unresolved_paths& missing);
  void call(std::uint32_t number, const sequence_node& node,
            const http_node& what);
  void emit(const emit_node& what);
  void tell(outgoing_message what);

  contact_state state_;
  const definitions& with_;
  turn& out_;
  const boost::json::object* properties_; // of the turn's event, or null
  const boost::json::object* variables_ = nullptr; // that came with it
  const std::vector<past_event>* history_;
  turn_scope scope_;
  std::optional<history_request> wanted_;
  std::uint32_t runs_started_ = 0;
  std::deque<asked_start> asked_;
  bool skips_sends_ = false; // the run moves on late, after a pause
  std::uint32_t depth_ = 0;  // of `start` nodes, of the run that moves now
};

} // namespace troupe::engine
