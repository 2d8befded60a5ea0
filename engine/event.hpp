// An event on its way in: what a door made of a request, and what a turn keeps.
#pragma once

#include "engine/identity.hpp"
#include "engine/ids.hpp"
#include "engine/preference.hpp"
#include "engine/time.hpp"
#include "engine/trace_context.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// Which dialect an event came in by. Append only: numbers are stored.
enum class door : std::uint8_t {
  inside = 0, // a sequence's `emit`
  native = 1,
  system = 2,   // POST /v1/system-events: a module's, or a person's of one
  platform = 3, // Troupe itself: sessions, completed checklists
  growthos = 4,
  segment = 5, // and its family: RudderStack, Customer.io CDP, Dittofeed
  redo = 6,
  sendmator = 7,
  customerio = 8, // Track
  cloudevents = 9,
  posthog = 10,
  amplitude = 11,
  loops = 12,
  inngest = 13,
  import = 14,
};

/// What the client did. Append only: numbers are stored.
enum class event_kind : std::uint8_t {
  track = 0,
  identify = 1,
  page = 2,
  screen = 3,
  group = 4,
  alias = 5,
};

std::string_view name_of(event_kind kind);

/// A used key answers with its first result for a day (design.md 4).
struct idempotency {
  std::uint64_t key_high = 0; // 128-bit hash of scope and key
  std::uint64_t key_low = 0;
  std::uint64_t fingerprint = 0; // of the canonical body
  /// Answers for as long as events are kept.
  bool is_kept = false;
};

/// Part of a text, in bytes.
struct text_range {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

/// What an event is worth: money, or a number of conversions.
struct event_value {
  double amount = 0;    // finite
  std::string currency; // three letters of ISO 4217; empty: none was given
};

/// What a turn keeps of the event it decided.
struct event_record {
  std::string type; // its name, "order.completed"
  /// The accepted bytes as they came; behind them what a door made of them.
  std::string body;
  text_range properties; // of `body`; length 0: no properties
  door from = door::native;
  std::optional<timestamp> occurred_at; // absent: when it was received
  std::optional<event_value> value;
  std::string message_id; // that the client gave it; or empty
  event_kind kind = event_kind::track;
  text_range context;       // of `body`: where it happened; length 0: unknown
  std::string anonymous_id; // as it was sent; or empty
  /// Properties that the client sent and its door takes for unset (R11).
  std::vector<std::string> normalised;

  [[nodiscard]] std::string_view properties_text() const {
    return properties.length == 0 ? std::string_view{"{}"}
                                  : std::string_view{body}.substr(
                                    properties.offset, properties.length);
  }

  /// Empty when nothing is known.
  [[nodiscard]] std::string_view context_text() const {
    return std::string_view{body}.substr(context.offset, context.length);
  }
};

/// An event of an earlier turn, for those that look back.
struct past_event {
  std::string type;
  timestamp at{};
  boost::json::object properties;
  std::optional<timestamp> occurred_at = std::nullopt; // absent: then
  std::optional<event_value> value = std::nullopt;
};

/// What a person writes to a contact: it comes the way of an event and is none.
struct contact_write {
  std::string by; // text id of the API key
  /// The contact gets what is given in the place of what it has, and nothing of
  /// another contact's. Else it is found or made by what is given, as by an
  /// event, and that is added.
  bool exact = false;
  /// It makes a contact, and is refused when one has any of the identities.
  bool is_new = false;
  std::optional<std::vector<std::string>> tags;
  std::vector<std::string> tags_removed;
  std::optional<std::int64_t> score;
  std::vector<identity_kind> removed; // of an exact write
};

/// Tags a write may leave a contact with.
inline constexpr std::size_t tags_max = 512;

/// Where an event waited until it was due: its row goes with its turn.
struct inbox_place {
  inbox_id id;
  timestamp due{};
};

struct incoming_event {
  event_record record;
  boost::json::object properties;   // parsed from the record
  boost::json::object traits;       // attributes to set; null removes one
  std::vector<identity> identities; // in the door's priority, primary first
  std::optional<idempotency> key;
  /// The contact's own id, given beside identities; 0: one that is nobody's.
  std::optional<contact_id> named;
  std::string request_id; // of the request that brought it
  std::optional<trace_context> traced;
  std::optional<contact_write> write; // then there is no event
  preference_list preferences; // that come with it, in force before it is met
  bool from_browser = false;   // it came by a browser's key
  /// For the runs that it starts: they become vars of the run (S31).
  boost::json::object variables;
  std::optional<inbox_place> waited;
};

} // namespace troupe::engine
