// What all rooms need to know of workspaces, keys and definitions, as one
// immutable value that DEFINITIONS publishes.
#pragma once

#include "engine/access.hpp"
#include "engine/definitions.hpp"
#include "engine/funnel.hpp"
#include "engine/ids.hpp"
#include "engine/json_schema.hpp"
#include "engine/naming.hpp"
#include "engine/personal_data.hpp"
#include "engine/rate_limits.hpp"
#include "messages/published.hpp"
#include "messages/test_clock.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::messages {

using engine::scope;

using key_digest = std::array<std::uint8_t, 32>; // SHA-256 of a key

struct hash_of_digest {
  std::size_t operator()(const key_digest& digest) const {
    std::size_t beginning = 0; // as random as the rest
    std::memcpy(&beginning, digest.data(), sizeof(beginning));
    return beginning;
  }
};

struct access_key {
  engine::workspace_id workspace{};
  std::string prefix; // its public beginning
  std::uint32_t scopes = 0;
  bool revoked = false;
  engine::key_kind kind = engine::key_kind::secret;
  std::uint32_t number = 0; // of its row
  std::string text_id;      // "key_…"
  std::string name;
  engine::timestamp created_at{};
  /// Of its workspace; null: none.
  std::shared_ptr<const engine::rate_limits> limits;
  /// The hour since 1970 it was last used in, since this process began; 0:
  /// never. Shared by all versions of the catalog.
  std::shared_ptr<std::atomic<std::int64_t>> last_used_hour
    = std::make_shared<std::atomic<std::int64_t>>(0);
};

/// A sequence as its owner sees it; `definitions` has what decides.
struct sequence_entry {
  struct version {
    std::uint32_t number = 0;
    bool published = false;
    engine::timestamp created_at{};
    engine::timestamp published_at{}; // epoch: never, or not known
    /// Null for one that no longer compiles.
    std::shared_ptr<const engine::sequence_definition> definition;
  };

  engine::sequence_id id{};
  std::string text_id; // "seq_…"
  std::string key;
  bool paused = false;
  bool archived = false;
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
  std::vector<version> versions; // oldest first, at least one
  std::uint32_t active = 0;      // the version that starts runs; 0: none
};

enum class endpoint_state : std::uint8_t { active, paused, disabled, archived };

/// A webhook endpoint or a channel, without its secrets.
struct endpoint_entry {
  engine::destination_id id{};
  std::string text_id; // "whe_…", "cha_…"
  bool is_webhook = false;
  std::string key;  // of a channel
  std::string type; // of a channel: "http", "capture"
  endpoint_state state = endpoint_state::active;
  boost::json::object settings; // as stored
  engine::timestamp created_at{};
  engine::timestamp previous_until{}; // the former secret signs until then
};

enum class event_type_state : std::uint8_t { discovered, active, archived };

/// An event type that a person did something to. Those that only came in
/// events are in the store alone.
struct event_type_entry {
  event_type_state state = event_type_state::active;
  std::string description;
  std::string schema; // JSON text; empty: none
  engine::timestamp created_at{};
  std::string alias_of; // what its type is called now; or empty
  /// What its properties must be like; null: anything.
  std::shared_ptr<const engine::json_schema> contract;
};

/// A template with the parts of its newest version.
struct template_entry {
  struct version {
    std::uint32_t number = 0;
    engine::timestamp created_at{};
  };

  std::string text_id; // "tpl_…"
  std::string key;
  std::string channel;
  bool archived = false;
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
  std::vector<version> versions; // oldest first, at least one
  boost::json::object parts;     // as stored
  /// Null when it no longer compiles.
  std::shared_ptr<const engine::published_template> compiled;
};

/// A segment in its newest version.
struct segment_entry {
  engine::segment_id id{};
  std::string text_id; // "sgm_…"
  std::string key;
  std::string name;
  std::string description;
  boost::json::value condition; // as stored
  std::uint32_t version = 0;
  bool archived = false;
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
  /// Nothing when it no longer compiles.
  std::optional<engine::condition> compiled;
};

struct checklist_entry {
  std::string text_id; // "chk_…"
  std::string key;
  std::string name;
  std::vector<std::string> steps; // as they were given
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
};

struct funnel_entry {
  std::string text_id; // "fun_…"
  std::string key;
  std::string name;
  engine::funnel what;
  std::string within; // as it was given; or empty
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
};

/// A ready automation that the workspace switched on once.
struct automation_entry {
  std::string key;
  bool enabled = false;
  boost::json::object settings; // those that were given
  std::string made;             // hash of the sequences that came of them
  engine::timestamp created_at{};
  engine::timestamp updated_at{};
};

struct workspace_catalog {
  std::string text_id; // "ws_…"
  std::string name;
  engine::workspace_kind kind = engine::workspace_kind::live;
  engine::timestamp created_at{};
  /// Of a test workspace, shared by all versions of the catalog; null: it has
  /// the time of the system.
  std::shared_ptr<test_clock> clock;
  boost::json::object settings; // as stored
  engine::pii_rule pii = engine::pii_rule::lint;
  engine::naming_rule naming = engine::naming_rule::lint;
  bool is_closed = false;        // only active event types are taken
  bool takes_erased_back = true; // contacts that were erased, as new ones
  std::shared_ptr<const engine::definitions> definitions
    = std::make_shared<const engine::definitions>(0);
  std::unordered_map<engine::sequence_id, std::string> sequence_keys;
  std::map<engine::sequence_id, sequence_entry> sequences;
  std::map<engine::destination_id, endpoint_entry> endpoints;
  std::unordered_map<std::string, event_type_entry> event_types;
  std::map<std::uint64_t, template_entry> templates; // in order of creation
  std::map<std::uint64_t, segment_entry> segments;   // likewise
  std::map<std::uint64_t, checklist_entry> checklists;
  std::map<std::uint64_t, funnel_entry> funnels;
  std::map<std::uint64_t, automation_entry> automations;
};

/// By any of its names; null for one that nobody did anything to.
inline const event_type_entry* find_event_type(const workspace_catalog& of,
                                               const std::string& name) {
  auto found = of.event_types.find(name);
  if (found != of.event_types.end() && !found->second.alias_of.empty())
    found = of.event_types.find(found->second.alias_of);
  return found == of.event_types.end() ? nullptr : &found->second;
}

/// Of a type by any of its names: `discovered` when nobody did anything to it,
/// if there is such a type at all. Names of the platform are always active.
inline event_type_state state_of(const workspace_catalog& of,
                                 const std::string& name) {
  if (name.starts_with('$'))
    return event_type_state::active;
  const auto* found = find_event_type(of, name);
  return found == nullptr ? event_type_state::discovered : found->state;
}

/// By its key or its text id; null when there is none.
template <class Entry>
const Entry* find_named(const std::map<std::uint64_t, Entry>& all,
                        std::string_view name) {
  for (const auto& [id, each] : all)
    if (each.key == name || each.text_id == name)
      return &each;
  return nullptr;
}

/// By its key or its text id; null when there is none.
inline const segment_entry* find_segment(const workspace_catalog& of,
                                         std::string_view name) {
  return find_named(of.segments, name);
}

/// By its key or its text id; null when there is none.
inline const template_entry* find_template(const workspace_catalog& of,
                                           std::string_view name) {
  for (const auto& [id, each] : of.templates)
    if (each.key == name || each.text_id == name)
      return &each;
  return nullptr;
}

/// By its key or its text id; null when there is none.
inline const sequence_entry* find_sequence(const workspace_catalog& of,
                                           std::string_view name) {
  for (const auto& [id, each] : of.sequences)
    if (each.key == name || each.text_id == name)
      return &each;
  return nullptr;
}

struct catalog {
  std::uint64_t generation = 0; // another one with each change
  std::uint64_t newest_job = 0; // whose definitions these are
  std::unordered_map<engine::workspace_id, workspace_catalog> workspaces;
  bool has_tests = false; // one of the workspaces has a clock
  /// By what is secret of them too: how long a look-up takes tells nothing of
  /// which keys there are (A2).
  std::unordered_map<key_digest, access_key, hash_of_digest> keys;
};

/// Whether one of them was erased, and the workspace takes nobody back.
inline bool refuses_erased(const catalog& known, engine::workspace_id workspace,
                           const std::vector<engine::identity_owner>& owners) {
  for (const auto& each : owners)
    if (each.erased) {
      const auto of = known.workspaces.find(workspace);
      return of != known.workspaces.end() && !of->second.takes_erased_back;
    }
  return false;
}

/// Null when there is none.
inline const access_key* key_numbered(const catalog& known,
                                      std::uint32_t number) {
  for (const auto& [digest, key] : known.keys)
    if (key.number == number)
      return &key;
  return nullptr;
}

/// Null when the workspace has the time of the system.
inline std::shared_ptr<test_clock> clock_of(const catalog& known,
                                            engine::workspace_id workspace) {
  if (!known.has_tests)
    return nullptr;
  const auto found = known.workspaces.find(workspace);
  return found == known.workspaces.end() ? nullptr : found->second.clock;
}

using published_catalog = published<catalog>;

} // namespace troupe::messages
