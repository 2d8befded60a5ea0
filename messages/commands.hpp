// What comes in from http and what goes back: values of the front.
#pragma once

#include "engine/decide.hpp"
#include "engine/error.hpp"
#include "engine/event.hpp"
#include "messages/parcel.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::messages {

/// What an answer is built of; the same for a replay.
struct receipt {
  engine::workspace_id workspace{};
  engine::position turn{};
  engine::timestamp at{};
  engine::contact_id contact{};
  std::string type;
  std::string external_id;
  std::string email;
  std::uint32_t nodes_entered = 0;
  std::uint32_t matched = 0;
  std::vector<engine::warning> warnings;
  bool replayed = false;
  bool created = false; // the contact came to be by it
};

struct ingest_answer {
  std::optional<engine::error> failure;
  receipt done;
};

/// Who waits for what comes of an event, without a message of its own. Told
/// once, on any thread; also when the event was lost with the actor that had
/// it.
class ingest_reply {
public:
  explicit ingest_reply(std::function<void(ingest_answer)> tell)
    : tell_{std::move(tell)} {}
  ingest_reply(const ingest_reply&) = delete;
  ingest_reply& operator=(const ingest_reply&) = delete;

  ~ingest_reply() {
    if (tell_)
      tell_({engine::interrupted(), {}});
  }

  /// @pre not told yet
  void tell(ingest_answer&& answer) {
    std::exchange(tell_, nullptr)(std::move(answer));
  }

private:
  std::function<void(ingest_answer)> tell_;
};

/// One event on its way to its contact.
struct ingest {
  engine::workspace_id workspace{};
  engine::incoming_event event;
  engine::contact_id contact{}; // 0: found by the event's identities
  bool by_id = false;           // the client named the contact by its id
  bool adopt = false;           // the contact shall take the primary identity
  bool resolved = false;        // `owners` is what the store said
  std::vector<engine::identity_owner> owners;
  std::uint32_t attempts = 0;
  engine::contact_id bounced_by{}; // the contact that could not take it
  bool bounced_for_good = false;   // that contact never came to be
  /// Contacts that this event cannot make one with others: too much.
  std::vector<engine::contact_id> apart;
  /// Events of the workspace that may be under way; 0: as many as there is
  /// room for.
  std::uint32_t concurrent_max = 0;
  /// Where the answer goes; null: to who asked, as a response.
  std::shared_ptr<ingest_reply> reply;
};

/// Where the answer to a question from outside the actors goes. Called once,
/// on any thread.
template <class T>
struct reply_slot {
  std::shared_ptr<std::function<void(T)>> complete;
};

/// Events of one poll of an io thread, each with its slot.
struct ingest_batch {
  struct item {
    parcel<ingest> command;
    std::function<void(ingest_answer)> complete;
  };
  /// Events of one request that share an identity: applied in their order,
  /// also across an adoption or a merge. One that fails and may be tried again
  /// fails those behind it.
  struct chain {
    std::vector<parcel<ingest>> commands;
    std::function<void(std::vector<ingest_answer>)> complete; // one of each
  };
  std::shared_ptr<std::vector<item>> items;
  std::shared_ptr<std::vector<chain>> chains; // null: none
};

/// Events for contacts of one shard's actor; each has its reply.
struct ingest_group {
  std::vector<parcel<ingest>> events;
};

/// A contact as a path or query names it.
struct contact_reference {
  engine::workspace_id workspace{};
  engine::contact_id id{}; // 0: by identity
  std::optional<engine::identity> who;
};

struct event_search {
  contact_reference contact; // neither id nor identity: the whole workspace
  std::vector<std::string> types;
  bool with_platform = true; // also those that Troupe itself made
  std::optional<engine::timestamp> since;
  std::optional<engine::timestamp> until;
  engine::position before{};
  std::size_t limit = 50;
};

struct events_found {
  std::optional<engine::error> failure;
  std::vector<engine::turn> turns; // newest first
  bool has_more = false;
  bool no_such_contact = false; // which has no events (G52)
  engine::position next{}; // where a search goes on that was long enough (J12)
};

/// A contact's state; its turns and those of all it absorbed, newest first.
struct contact_shown {
  std::optional<engine::error> failure;
  engine::contact_state state;
  engine::contact_id merged_into{}; // then the turns are of that contact
  std::vector<engine::turn> turns;
  bool has_more = false; // older turns that are not shown
};

/// What a person wants done to a run, or a run to be started.
struct run_intervention {
  contact_reference contact; // of enrol; else the run's turn says it
  engine::intervention what;
  std::string request_id;
  std::optional<engine::inbox_id> trigger; // see engine::intervention_input
};

struct intervened {
  std::optional<engine::error> failure;
  engine::position turn{}; // that did it
  contact_shown shown;     // as it is after it
};

/// A page of the audit log: views of turns, and notes of administrators.
struct audit_search {
  event_search events; // its limit holds for both
  std::string action;  // of notes; "key.*" is a prefix; empty: all
  std::string request_id;
  bool with_events = true;
  std::vector<engine::intervention_kind> interventions; // wanted ones
  bool with_notes = true;
  std::uint64_t notes_before = 0;
};

struct admin_note {
  std::uint64_t id = 0;
  engine::timestamp at{};
  std::string action;
  std::string actor;
  std::string request_id;
  std::string subject;
  std::string details; // JSON text
};

/// Both newest first.
struct audit_found {
  std::optional<engine::error> failure;
  std::vector<engine::turn> turns;
  bool more_turns = false;
  engine::position next{}; // where a search goes on that found no more so far
  std::vector<admin_note> notes;
  bool more_notes = false;
};

/// A wish to change what a workspace has.
struct definition_change {
  enum class kind : std::uint8_t {
    sequence,         // body: the definition
    checked_sequence, // the same, and nothing is stored
    published_sequence,
    paused_sequence,
    resumed_sequence,
    archived_sequence,
    webhook,         // body: {url, events, …}
    changed_webhook, // body: the members that change
    removed_webhook,
    rotated_webhook,  // a new signing secret
    disabled_webhook, // body: {reason}; by Troupe itself
    channel,          // body: {key, type, …}
    changed_channel,  // body: the members that change
    removed_channel,
    event_type,         // body: {name, description?, schema?}
    changed_event_type, // body: the members that change
    archived_event_type,
    renamed_event_type, // body: {to, alias?}
    message_template,   // body: {key, channel, subject?, html?, text?, body?}
    archived_message_template,
    segment, // body: {key, name?, description?, condition}
    archived_segment,
    checklist, // body: {key, name?, steps}
    removed_checklist,
    funnel, // body: {key, name?, steps, within?}
    removed_funnel,
    enabled_automation, // body: {settings?}
    disabled_automation,
    workspace,   // body: {name, kind?}
    settings,    // of the workspace; body: {name?, rate_limits?, …}
    key,         // body: {name, scopes, kind?}
    revoked_key, // no body
  };
  kind what{};
  engine::workspace_id workspace{};
  boost::json::value body;
  std::string target; // text id of what is changed
  // Who asks.
  std::uint32_t key = 0; // number
  std::string request_id;
};

/// A delivery that tries an endpoint out.
struct endpoint_test {
  engine::workspace_id workspace{};
  std::string target; // "whe_…"
};

/// What uses something that cannot go.
struct dependant {
  std::string kind; // "sequence", "webhook"
  std::string key;
};

struct definition_changed {
  std::optional<engine::error> failure;
  boost::json::object shown;              // as the API answers
  std::vector<dependant> dependants = {}; // with the failure `in_use`
};

/// Nothing, or why not.
struct status_answer {
  std::optional<engine::error> failure;
  // Of an intervention: the turn that came of it, and whose it is.
  engine::position turn{};
  engine::contact_id contact{};
};

} // namespace troupe::messages
