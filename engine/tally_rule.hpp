// What tallies count, and what conditions ask of them: `event_count`,
// `event_sum` and `event_last` (docs/segments.md).
#pragma once

#include "engine/condition.hpp"
#include "engine/event_pattern.hpp"
#include "engine/tally.hpp"
#include "engine/value_path.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

struct tally_rule {
  tally_id id{};
  event_pattern event;
  std::optional<condition> where; // reads the event alone
  value_path of;                  // the number to add up; empty: none
};

struct tally_question {
  enum class figure : std::uint8_t { count, sum, last };

  std::shared_ptr<const tally_rule> rule;
  figure wanted{};
  std::optional<duration> within; // absent: ever
};

/// @param name "event_count", "event_sum" or "event_last"
/// @param written {"event", "where"?, "within"?, "of"?}
/// @returns what is asked, or what is wrong with it and where
result<tally_question> parse_tally_question(std::string_view name,
                                            const boost::json::value& written,
                                            const std::string& pointer);

} // namespace troupe::engine
