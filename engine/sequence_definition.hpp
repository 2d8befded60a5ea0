// A sequence as data: parsed, validated and compiled once, then immutable.
// docs/sequences.md describes the JSON form (design.md 6).
#pragma once

#include "engine/calendar.hpp"
#include "engine/error.hpp"
#include "engine/event_pattern.hpp"
#include "engine/expression.hpp"
#include "engine/identity.hpp"
#include "engine/tally_rule.hpp"
#include "engine/time.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::engine {

using node_index = std::uint32_t;
inline constexpr node_index no_node = ~node_index{0};

/// "This event, where that holds": of triggers, waits and states.
struct event_clause {
  event_pattern event;
  std::optional<condition> where;
  std::uint32_t count = 1;
  node_index then = no_node; // no_node: where the wait goes on
};

/// How far back a wait looks when a run reaches it.
struct look_back {
  enum class reach { none, entry, span };
  reach how = reach::none;
  duration span{};
};

/// Until a point of local time.
struct until_rule {
  local_rule when;
  std::optional<condition> date;  // when it is computed
  std::optional<local_zone> zone; // absent: the contact's

  /// Its instant can have passed when a run comes here.
  [[nodiscard]] bool can_have_passed() const {
    return (date || when.date) && when.weekdays == 0;
  }
};

struct wait_node {
  std::optional<duration> span;    // a plain delay,
  std::optional<until_rule> until; // or local time; else events
  bool all = false;                // of the clauses, else any
  std::vector<event_clause> clauses;
  node_index then = no_node;
  std::optional<duration> timeout;
  node_index on_timeout = no_node;
  look_back back;

  /// Where the event of a clause leads.
  [[nodiscard]] node_index after(const event_clause& clause) const {
    return clause.then == no_node ? then : clause.then;
  }
};

struct branch_node {
  struct choice {
    condition when;
    node_index then = no_node;
  };
  std::vector<choice> choices;
  node_index otherwise = no_node;
};

struct update_node {
  std::vector<std::pair<std::string, expression>> set;
  std::vector<std::string> unset;
  std::vector<std::string> tags_added;
  std::vector<std::string> tags_removed;
  std::int64_t score = 0;
  node_index then = no_node;
};

/// What it says is in a template or in parts of its own.
struct send_node {
  std::string channel;
  std::string template_key;                              // empty: none
  std::vector<std::pair<std::string, expression>> vars;  // of the template
  std::vector<std::pair<std::string, expression>> parts; // subject, text, …
  std::optional<duration> expires_in; // in an inbox; absent: as its channel
  node_index then = no_node;
};

struct http_node {
  std::string method = "POST";
  expression url;
  std::vector<std::pair<std::string, expression>> headers;
  expression body;
  bool awaits = false; // the run rests here until the call has ended
  std::optional<duration> timeout; // of an awaited call
  node_index then = no_node;       // of one that is answered with a 2xx
  node_index on_failure = no_node; // no_node: the run has failed
};

struct emit_node {
  std::string event;
  std::vector<std::pair<std::string, expression>> properties;
  std::optional<identity_kind> contact_kind; // absent: this contact
  expression contact;
  node_index then = no_node;
};

/// One of several ways, by a hash of the contact and the node: the same one
/// whenever the contact comes here, and by weight over all contacts.
struct split_node {
  struct way {
    std::uint32_t weight = 0;
    node_index then = no_node;
  };
  std::vector<way> ways; // weights of 1 in all at least
};

/// Starts another sequence on the contact, or the same one again.
struct start_node {
  std::string sequence; // its key
  std::vector<std::pair<std::string, expression>> vars;
  node_index then = no_node;
};

/// Rests until one of its events.
struct state_node {
  std::vector<event_clause> on;
};

struct exit_node {};

struct sequence_node {
  std::string name;
  std::variant<wait_node, branch_node, update_node, send_node, http_node,
               emit_node, split_node, start_node, state_node, exit_node>
    what;
};

struct re_entry_rule {
  enum class kind { never, after_exit, after, always, per_key };
  kind how = kind::after_exit;
  duration span{};              // of `after`
  std::optional<condition> key; // of `per_key`
};

/// Sends of the contact in the time before: those of the sequence, or of all
/// sequences over a channel.
struct frequency_cap {
  std::uint32_t most = 0;
  duration within{};
  std::string channel; // empty: of the sequence, over any
};

/// Sends wait until they end.
struct quiet_hours {
  local_hours hours;
  std::optional<local_zone> zone; // absent: the contact's
};

/// What becomes of the sends behind a wait whose time came during a pause.
enum class resume_rule : std::uint8_t {
  send_overdue, // they are sent when it is resumed
  skip_overdue, // they are left out, up to the next wait
};

struct sequence_definition {
  std::string key;
  std::string name;
  std::vector<event_clause> triggers; // any of
  std::optional<condition> filter;
  re_entry_rule re_entry;
  std::optional<duration> cooldown;
  std::vector<event_clause> exit_when;
  std::vector<event_clause> goals;
  std::optional<frequency_cap> cap;
  std::optional<quiet_hours> quiet;
  std::optional<duration> max_event_age; // of a trigger's event
  resume_rule on_resume = resume_rule::send_overdue;
  std::vector<std::pair<std::string, condition>> vars;
  std::vector<sequence_node> nodes;
  node_index entry = 0;
  /// What its conditions ask about the contact's events, and about segments:
  /// their keys, each with a place that asks.
  std::vector<tally_question> questions;
  std::map<std::string, std::string> segments;

  /// @returns no_node when there is no such node
  [[nodiscard]] node_index find(std::string_view node_name) const;
};

/// What a wait or a state listens to; null for other nodes.
const std::vector<event_clause>* clauses_of(const sequence_node& node);

/// Whether a run that rests in the node is asked about such an event.
bool listens(const sequence_definition& definition, const sequence_node& node,
             const std::string& type);

inline constexpr std::size_t sequence_nodes_max = 500;

/// @param channels keys of the workspace's channels
/// @param templates keys of its templates; null: they are not checked
/// @returns the compiled sequence, or what is wrong with it, where (a JSON
/// pointer into `definition`) and what to do
result<std::shared_ptr<const sequence_definition>>
parse_sequence(const boost::json::value& definition,
               const std::set<std::string>& channels,
               const std::set<std::string>* templates = nullptr);

inline constexpr std::uint32_t cap_most = 100;
inline constexpr duration cap_reach = std::chrono::days{366};

/// Whether the segments that conditions name exist.
/// @returns success, or invalid `unknown_segment`
status check_segments(const sequence_definition& definition,
                      const std::set<std::string>& keys);

/// What parse_sequence() cannot know: whether the sequences that `start` nodes
/// name exist. A sequence may start itself.
/// @param keys of the workspace's sequences
/// @returns success, or invalid `unknown_sequence`
status check_started(const sequence_definition& definition,
                     const std::set<std::string>& keys);

} // namespace troupe::engine
