// The catalog of system events: names that begin with `$` and what each of
// them carries (reference 001, behaviours B30-B56).
#pragma once

#include "engine/error.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace troupe::engine {

/// Who may send one.
enum class system_event_source : std::uint8_t {
  client, // any key, a browser's too
  server, // any key but a browser's
};

struct system_event {
  std::string_view name;
  std::string_view module;                    // "core", "referral", …
  std::array<std::string_view, 4> properties; // required; the rest is empty
  system_event_source from = system_event_source::server;
  std::string_view trigger; // when it is sent, for a person

  [[nodiscard]] std::span<const std::string_view> required() const {
    std::size_t count = 0;
    while (count < properties.size() && !properties[count].empty())
      ++count;
    return std::span{properties}.first(count);
  }
};

/// All of them, by module.
std::span<const system_event> system_events();

/// Null for a name that is not in the catalog.
const system_event* find_system_event(std::string_view name);

/// Tells a run that its awaited call has ended: {call, answered, …}.
inline constexpr std::string_view call_ended_event = "$http_answered";

constexpr bool is_reserved_name(std::string_view name) {
  return name.starts_with('$');
}

/// Those that Troupe itself makes of others: sessions, completed checklists,
/// the end of awaited calls.
/// No sequence emits them.
bool is_kept_by_troupe(std::string_view name);

/// Those that sequences alone send, to other contacts: no door takes them.
bool is_of_sequences(std::string_view name);

/// That an event of this name may be sent with these properties: no name that
/// begins with `$` but those of the catalog, complete.
/// @param type_pointer to the name, and `pointer` to the properties, in the
/// body
/// @returns `reserved_event_name`, `field_required` or `field_type_mismatch`
status check_system_event(std::string_view name,
                          const boost::json::object& properties,
                          const std::string& type_pointer,
                          const std::string& pointer);

/// What `$identify` says of the contact: it becomes attributes. Null for
/// other events.
/// @pre check_system_event() was good
const boost::json::object* traits_of(std::string_view name,
                                     const boost::json::object& properties);

} // namespace troupe::engine
