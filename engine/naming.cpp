#include "engine/naming.hpp"

#include "engine/json_pointer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::string_view name_advice
  = "events are called in snake_case or as `object.action`, such as "
    "`subscription.created`";
constexpr std::string_view key_advice
  = "properties are called in snake_case, such as `plan_name`";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

using key_path = std::vector<std::string>;
/// Told of each key that is odd; false: enough.
using key_visit = std::function<bool(const key_path&)>;

bool visit_keys(const json::value& in, key_path& path, const key_visit& visit);

bool visit_members(const json::object& in, key_path& path,
                   const key_visit& visit) {
  for (const auto& item : in) {
    const std::string_view key = item.key();
    // A door's own, with all that is in it.
    if (key.starts_with('$'))
      continue;
    path.emplace_back(key);
    if ((!is_snake_case(key) && !visit(path))
        || !visit_keys(item.value(), path, visit))
      return false;
    path.pop_back();
  }
  return true;
}

bool visit_keys(const json::value& in, key_path& path, const key_visit& visit) {
  if (in.is_object())
    return visit_members(in.get_object(), path, visit);
  if (!in.is_array())
    return true;
  std::size_t at = 0;
  for (const auto& each : in.get_array()) {
    path.push_back(std::to_string(at++));
    if (!visit_keys(each, path, visit))
      return false;
    path.pop_back();
  }
  return true;
}

void visit_odd_keys(const json::object& properties, const key_visit& visit) {
  key_path path;
  visit_members(properties, path, visit);
}

} // namespace

bool is_snake_case(std::string_view key) {
  if (key.empty() || !is_lower(key.front()) || key.back() == '_')
    return false;
  for (std::size_t i = 1; i < key.size(); ++i)
    if (!is_lower(key[i]) && !is_digit(key[i])
        && (key[i] != '_' || key[i - 1] == '_'))
      return false;
  return true;
}

bool is_conventional(std::string_view event_name) {
  while (true) {
    const auto dot = event_name.find('.');
    if (!is_snake_case(event_name.substr(0, dot)))
      return false;
    if (dot == event_name.npos)
      return true;
    event_name.remove_prefix(dot + 1);
  }
}

void add_naming_lints(std::vector<lint>& to, const json::object& properties,
                      std::string_view event_type) {
  if (event_type.starts_with('$'))
    return;
  if (!is_conventional(event_type)) {
    to.insert(to.begin(), {"event_name_case", "type", name_advice});
    to.resize(std::min(to.size(), lints_max));
  }
  visit_odd_keys(properties, [&to](const key_path& path) {
    if (to.size() == lints_max)
      return false;
    auto& added = to.emplace_back();
    added.code = "property_key_case";
    added.message = key_advice;
    for (const auto& step : path)
      added.path += (added.path.empty() ? "" : ".") + step;
    return true;
  });
}

status check_names(const incoming_event& event, std::string_view name,
                   const std::string& properties) {
  const auto& type = event.record.type;
  if (type.starts_with('$'))
    return success();
  const auto refusal
    = [](std::string code, std::string_view advice, std::string pointer) {
        return invalid(std::move(code),
                       "this workspace is strict about names (`naming`): "
                         + std::string{advice},
                       std::move(pointer));
      };
  if (!is_conventional(type))
    return refusal("event_name_case", name_advice, std::string{name});
  std::optional<error> fault;
  visit_odd_keys(event.properties, [&](const key_path& path) {
    auto pointer = properties;
    for (const auto& step : path)
      pointer = pointer_to(pointer, step);
    fault = refusal("property_key_case", key_advice, std::move(pointer));
    return false;
  });
  return fault ? status{*fault} : success();
}

} // namespace troupe::engine
