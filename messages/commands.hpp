// What comes in from http and what goes back: values of the front.
#pragma once

#include "engine/decide.hpp"
#include "engine/error.hpp"
#include "engine/event.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::messages {

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
};

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
};

struct ingest_answer {
  std::optional<engine::error> failure;
  receipt done;
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
    ingest command;
    std::function<void(ingest_answer)> complete;
  };
  std::shared_ptr<std::vector<item>> items;
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
};

/// A contact's state and its turns, newest first.
struct contact_shown {
  std::optional<engine::error> failure;
  engine::contact_state state;
  std::vector<engine::turn> turns;
  bool has_more = false; // older turns that are not shown
};

/// A wish to change what a workspace has.
struct definition_change {
  enum class kind : std::uint8_t {
    sequence, // body: the definition
    webhook,  // body: {url, events, …}
    channel,  // body: {key, type, …}
  };
  kind what{};
  engine::workspace_id workspace{};
  boost::json::value body;
};

struct definition_changed {
  std::optional<engine::error> failure;
  boost::json::object shown; // as the API answers
};

/// Nothing, or why not.
struct status_answer {
  std::optional<engine::error> failure;
};

} // namespace troupe::messages
