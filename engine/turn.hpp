// A turn: one decision of one contact, with everything that follows from it.
// It is what the store keeps and what replay reads; all kinds are append only.
#pragma once

#include "engine/copy_on_write.hpp"
#include "engine/engagement.hpp"
#include "engine/event.hpp"
#include "engine/identity.hpp"
#include "engine/ids.hpp"
#include "engine/intervention.hpp"
#include "engine/nudge.hpp"
#include "engine/preference.hpp"
#include "engine/run.hpp"
#include "engine/tally.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::engine {

enum class turn_kind : std::uint8_t {
  event = 1,        // from a door
  timer = 2,        // a wait ended by time
  inbox = 3,        // an event another turn sent
  parked = 4,       // the decision failed; the input is kept (see engine::park)
  merge = 5,        // another contact became part of this one
  intervention = 6, // what a person did, or a review of segments
  notice = 7,       // what endpoints are told that is about no contact
  erased = 8,       // what was one of the others, and says nothing any more
};

/// Whether an event that the turn carries is one of its contact's.
constexpr bool is_contact_event(turn_kind kind) {
  return kind != turn_kind::parked && kind != turn_kind::notice
         && kind != turn_kind::erased;
}

struct turn_stamp {
  std::uint64_t seq = 0;
  timestamp at{};
  position turn{}; // known once committed
};

/// A durable wake-up of a run's visit to a node; of run 0: of the contact
/// itself, for what `visit` says.
struct timer {
  timestamp due{};
  std::uint32_t run = 0;
  std::uint32_t visit = 0;
  auto operator<=>(const timer&) const = default;
};

/// Visits of timers of run 0: an event leaves the span of a segment; a session
/// may be over.
inline constexpr std::uint32_t segment_timer = 0;
inline constexpr std::uint32_t session_timer = 1;

// -- changes of the contact's state -------------------------------------------

struct identity_attached {
  identity who;
};

struct identity_detached {
  identity_kind kind{};
  std::string key;
};

struct attribute_set {
  std::string name;
  boost::json::value value; // null removes it
};

struct tag_added {
  std::string tag;
};

struct tag_removed {
  std::string tag;
};

struct score_added {
  std::int64_t by = 0;
};

struct run_started {
  std::uint32_t number = 0;
  std::uint32_t ordinal = 0; // among the runs this turn starts
  sequence_id sequence{};
  std::uint32_t version = 0;
  std::string re_entry_key;
  boost::json::object vars;
};

/// The run rests in `node` now.
struct run_moved {
  std::uint32_t number = 0;
  std::string node;
  std::string edge; // why: "then", "timeout", "case:0", "event:order.completed"
  std::optional<timestamp> wake_at;
  std::uint32_t clauses = 0; // of the wait it rests in
};

/// The wait saw one more event of a clause.
struct run_counted {
  std::uint32_t number = 0;
  std::uint32_t clause = 0;
};

enum class run_status : std::uint8_t {
  active = 1,
  completed = 2, // reached an exit node
  exited = 3,    // exit_when, an operator, a merge
  failed = 4,    // could not go on; the reason says why
  paused = 5,    // live, and sees nothing until it is resumed
};

constexpr bool is_live(run_status what) {
  return what == run_status::active || what == run_status::paused;
}

/// "active", "completed", …
std::string_view name_of(run_status what);

struct run_ended {
  std::uint32_t number = 0;
  run_status status = run_status::completed;
  std::string reason;
};

// -- taken over from a contact that is absorbed -------------------------------

/// Older than all of the contact's own: theirs stay what is shown of a kind.
struct identity_inherited {
  identity who;
};

/// Keeps its id: the turn that started it and its ordinal.
struct run_inherited {
  copy_on_write<run> taken;       // with its number in this contact
  std::uint32_t number_there = 0; // in the absorbed contact
};

/// The later of both counts.
struct entry_inherited {
  entry_history entry;
};

struct contact_absorbed {
  contact_id contact{};
  std::uint64_t seq = 0; // of its last turn
  position last_turn{};
  std::vector<contact_id> before; // that it had absorbed itself
};

/// The run sees nothing until it is resumed.
struct run_paused {
  std::uint32_t number = 0;
};

struct run_resumed {
  std::uint32_t number = 0;
};

/// For frequency caps. Those until `forgotten` are asked for no more.
struct send_counted {
  counted_send sent;
  timestamp forgotten{};
};

/// The run's wait ended while it, or its sequence, was paused.
struct run_overdue {
  std::uint32_t number = 0;
};

/// All that definitions ask of the contact's events is known from here on.
struct tallies_begun {
  std::uint64_t known = 0; // of the definitions' tallies
  std::vector<tally> filled;
  std::vector<tally_id> dropped; // asked for no more
};

/// The turn's event counts for these.
struct event_tallied {
  struct entry {
    tally_id id{};
    duration reach{};
    bool whole = false;
    double number = 0; // that it adds to the sum
  };
  timestamp at{}; // when it occurred
  std::vector<entry> tallies;
};

struct segment_moved {
  segment_id segment{};
  bool entered = false; // else left
};

/// The contact was looked at for all segments.
struct segments_reviewed {
  std::uint64_t known = 0; // of the definitions' segments
};

/// When it is to be looked at again.
struct segment_wake_set {
  std::optional<timestamp> at;
};

/// A timer of an absorbed contact, and of none of its runs, goes with it.
struct timer_dropped {
  timer what;
};

/// What the contact wants from now on.
struct preference_set {
  preference wanted;
};

// -- sessions and checklists --------------------------------------------------

/// In the place of the one that may be open.
struct session_opened {
  contact_session session;
};

/// An event kept the session open.
struct session_kept {
  bool page = false; // it was a page view
};

/// The session's timer is another one now.
struct session_awaited {
  timestamp due{};
};

struct session_closed {};

struct checklist_step_done {
  std::string checklist;
  std::string step;
};

struct checklist_done {
  std::string checklist;
};

/// Append only: the index is stored.
using change
  = std::variant<identity_attached, identity_detached, attribute_set, tag_added,
                 tag_removed, score_added, run_started, run_moved, run_counted,
                 run_ended, identity_inherited, run_inherited, entry_inherited,
                 contact_absorbed, run_paused, run_resumed, send_counted,
                 run_overdue, tallies_begun, event_tallied, segment_moved,
                 segments_reviewed, segment_wake_set, timer_dropped,
                 preference_set, session_opened, session_kept, session_awaited,
                 session_closed, checklist_step_done, checklist_done, nudge_put,
                 nudge_moved, nudge_inherited>;

// -- what else the commit writes ----------------------------------------------

/// A message on a channel or a call of an `http` node, rendered.
struct outgoing_send {
  destination_id destination{};
  std::uint32_t run = 0;
  std::uint32_t visit = 0;
  std::string node;
  boost::json::object request; // method, url, headers, body; or a send's parts
};

/// Of a send's parts; empty: none.
std::string_view category_of(const boost::json::object& parts);

/// An event for this contact or another one, named by an identity.
struct outgoing_message {
  std::optional<identity> target; // absent: this contact
  std::string type;
  std::string properties; // JSON text
  std::uint32_t hops = 0; // turns between it and a client's event
};

inline constexpr std::uint32_t hops_max = 16;

/// One rule that was asked, for explain. Append only: numbers are stored.
enum class rule : std::uint8_t {
  trigger_where = 1,
  filter = 2,
  re_entry = 3,
  cooldown = 4,
  paused = 5,
  wait_where = 6,
  branch_case = 7,
  exit_when = 8,
  node_limit = 9,
  runs_limit = 10,
  identity = 11,
  loop = 12,
  attribute_limit = 13,
  split = 14,
  start = 15,
  calendar = 16,
  time_zone = 17,
  goal = 18,
  frequency_cap = 19,
  quiet_hours = 20,
  max_event_age = 21,
  on_resume = 22,
  template_path = 23,  // of a send: it led nowhere
  template_limit = 24, // of a send, which then did not happen
  segment = 25,        // whether the contact is in it now
  consent = 30,        // to a send, which else did not happen
  trigger_type = 35,   // a sequence that starts on the turn's event
  wait_count = 36,     // a wait that saw one of the events it counts
  merge = 37,          // the event made contacts one: it starts nothing
  webhook_filter = 38, // of a subscription; its inputs name the endpoint
};

/// As explain says it (X1): "reentry", "trigger.where", …
std::string_view name_of(rule asked);

struct check {
  rule asked{};
  bool passed = false;
  sequence_id sequence{}; // 0: none
  std::uint32_t run = 0;  // 0: none
  std::string inputs;     // what decided: a JSON object, or a short text
};

struct warning {
  std::string code; // "identity_conflict", "identity_limit"
  identity_kind kind{};
};

/// True when `kind` says which identity it is about.
inline bool is_of_identity(const warning& what) {
  return what.code.starts_with("identity_")
         || what.code == "contact_erased_before";
}

struct turn;

/// The inbox row of a message that the turn sends: the same over crash and
/// replay.
inbox_id message_id(const turn& sender, std::size_t index);

struct turn {
  workspace_id workspace{};
  contact_id contact{};
  turn_kind kind = turn_kind::event;
  turn_stamp stamp;
  std::uint64_t definitions_version = 0;
  std::uint32_t hops = 0;
  std::optional<event_record> event;
  std::optional<idempotency> key;
  std::optional<timer> fired;       // a timer turn's timer
  std::optional<inbox_id> consumed; // an inbox turn's row
  std::optional<intervention> intervened;
  std::vector<change> changes;
  std::vector<check> trace;
  std::vector<warning> warnings;
  std::vector<destination_id> matched; // webhook endpoints
  std::vector<outgoing_send> sends;
  std::vector<outgoing_message> messages;
  std::vector<timer> timers_set;
  std::vector<timer> timers_cleared;
  std::uint32_t nodes_entered = 0; // fan_out.sequences_woken
  std::string external_id; // of the contact after this turn, as sent; or empty
  std::string email;       // likewise
  std::string failure;     // of a parked turn
  std::string request_id;  // of the request that brought the event; or empty
  std::optional<trace_context> traced; // that the event came with
};

} // namespace troupe::engine
