// All that the definitions of a workspace ask about contacts' events.
#pragma once

#include "engine/event_pattern.hpp"
#include "engine/tally_rule.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace troupe::engine {

struct watched_tally {
  std::shared_ptr<const tally_rule> rule;
  duration reach{};   // the longest span anyone asks about
  bool whole = false; // someone asks about all events there ever were
  std::vector<std::size_t> segments; // that ask, by their place
};

class watched_tallies {
public:
  /// @param segment the place of the segment that asks; absent: none does
  void add(const std::vector<tally_question>& questions,
           std::optional<std::size_t> segment = std::nullopt);

  [[nodiscard]] const std::vector<watched_tally>& all() const {
    return all_;
  }

  /// By their place in all().
  [[nodiscard]] const pattern_index<std::size_t>& by_event() const {
    return by_event_;
  }

  /// Another one when anything else is asked; 0: nothing is.
  [[nodiscard]] std::uint64_t digest() const {
    return digest_;
  }

private:
  std::vector<watched_tally> all_;
  std::map<tally_id, std::size_t> places_;
  pattern_index<std::size_t> by_event_;
  std::uint64_t digest_ = 0;
};

} // namespace troupe::engine
