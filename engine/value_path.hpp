// Dotted paths into JSON values, as conditions and templates write them:
// "event.properties.items.0.sku". Split once, followed often.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

class value_path {
public:
  value_path() = default;

  /// Never fails: every text is a path; "" is the one without segments.
  explicit value_path(std::string_view text);

  bool empty() const {
    return segments_.empty();
  }

  /// @pre !empty()
  std::string_view root() const {
    return segments_.front().name;
  }

  bool starts_at_event() const {
    return starts_at_event_;
  }

  bool has_segment(std::string_view name) const;

  std::string text() const;

  /// Follows the segments from index `first` on; null when one is not there.
  const boost::json::value* follow(const boost::json::value& from,
                                   std::size_t first = 0) const;

  /// As follow(root_value, 1), for a path whose root is `event`: `properties`,
  /// `metadata` and `event_data` are names for one thing.
  const boost::json::value* follow_event(const boost::json::value& event) const;

private:
  static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

  struct segment {
    std::string name;
    std::size_t index = no_index; // when the name is an array's index
  };

  static const boost::json::value* step(const boost::json::value& from,
                                        const segment& to);

  std::vector<segment> segments_;
  bool starts_at_event_ = false;
  bool names_properties_ = false; // in its second segment
};

} // namespace troupe::engine
