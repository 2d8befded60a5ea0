// What events of one type say, counted (behaviours R6, R8, R12, R13): how many
// there were, what they were worth, which properties they have.
#pragma once

#include "engine/ids.hpp"
#include "engine/time.hpp"
#include "engine/turn.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::engine {

/// Of one event type; further ones are not counted.
inline constexpr std::size_t counted_properties_max = 200;
inline constexpr std::size_t counted_currencies_max = 50;

struct value_statistics {
  std::uint64_t count = 0;
  double sum = 0;
};

struct property_statistics {
  std::uint32_t types = 0; // bits; see json_type_names
  std::uint64_t count = 0;
};

struct event_statistics {
  std::uint64_t count = 0;
  timestamp first_at{}; // when they happened
  timestamp last_at{};
  std::map<std::string, value_statistics> values;        // by currency
  std::map<std::string, property_statistics> properties; // of the top level

  [[nodiscard]] std::size_t rows() const {
    return 1 + values.size() + properties.size();
  }
};

/// The types whose bits are set: "string", "number", "boolean", "array",
/// "object", "null".
std::vector<std::string_view> json_type_names(std::uint32_t types);

/// Counts the event of a turn. @pre of.event
void count(event_statistics& into, const turn& of);

/// What the turns after one position and up to another add.
struct statistics_batch {
  position after{};
  position until{};
  std::map<std::pair<workspace_id, std::string>, event_statistics> types;
  bool has_more = false; // there may be turns behind it
};

} // namespace troupe::engine
