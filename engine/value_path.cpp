#include "engine/value_path.hpp"

#include "engine/json_find.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>

namespace troupe::engine {

namespace {

constexpr std::string_view properties_names[]
  = {"properties", "metadata", "event_data"};

} // namespace

value_path::value_path(std::string_view text) {
  if (text.empty())
    return;
  while (true) {
    const auto name = text.substr(0, text.find('.'));
    segment next{std::string{name}, no_index};
    std::size_t index = 0;
    const auto end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, index);
    // As in JavaScript, "01" is a key and no index.
    if (read.ec == std::errc{} && read.ptr == end
        && (name.size() == 1 || name.front() != '0'))
      next.index = index;
    segments_.push_back(std::move(next));
    if (name.size() == text.size())
      break;
    text.remove_prefix(name.size() + 1);
  }
  starts_at_event_ = root() == "event";
  names_properties_
    = segments_.size() > 1
      && std::find(std::begin(properties_names), std::end(properties_names),
                   segments_[1].name)
           != std::end(properties_names);
}

bool value_path::has_segment(std::string_view name) const {
  return std::any_of(segments_.begin(), segments_.end(),
                     [name](const segment& s) {
                       return s.name == name;
                     });
}

std::string value_path::text() const {
  std::string result;
  for (const auto& s : segments_) {
    if (&s != &segments_.front())
      result.push_back('.');
    result += s.name;
  }
  return result;
}

const boost::json::value* value_path::step(const boost::json::value& from,
                                           const segment& to) {
  if (const auto* object = from.if_object())
    return find_member(*object, to.name);
  if (const auto* array = from.if_array())
    return array->if_contains(to.index);
  return nullptr;
}

const boost::json::value* value_path::follow(const boost::json::value& from,
                                             std::size_t first) const {
  const auto* at = &from;
  for (auto i = first; at != nullptr && i < segments_.size(); ++i)
    at = step(*at, segments_[i]);
  return at;
}

const boost::json::value*
value_path::follow_event(const boost::json::value& event) const {
  const auto* object = event.if_object();
  if (object == nullptr || !names_properties_)
    return follow(event, 1);
  const auto* properties = find_member(*object, segments_[1].name);
  for (const auto name : properties_names)
    if (properties == nullptr)
      properties = find_member(*object, name);
  return properties == nullptr ? nullptr : follow(*properties, 2);
}

} // namespace troupe::engine
