#include "engine/statistics.hpp"

#include "engine/strict_json.hpp"

#include <algorithm>
#include <array>

namespace troupe::engine {

namespace {

constexpr std::array<std::string_view, 6> type_names{
  "string", "number", "boolean", "array", "object", "null"};

std::uint32_t bit_of(const boost::json::value& value) {
  const auto at = value.is_string()   ? 0U
                  : value.is_number() ? 1U
                  : value.is_bool()   ? 2U
                  : value.is_array()  ? 3U
                  : value.is_object() ? 4U
                                      : 5U;
  return 1U << at;
}

} // namespace

std::vector<std::string_view> json_type_names(std::uint32_t types) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < type_names.size(); ++at)
    if ((types & (1U << at)) != 0)
      out.push_back(type_names[at]);
  return out;
}

void count(event_statistics& into, const turn& of) {
  const auto& event = *of.event;
  const auto at = event.occurred_at.value_or(of.stamp.at);
  into.first_at = into.count == 0 ? at : std::min(into.first_at, at);
  into.last_at = into.count == 0 ? at : std::max(into.last_at, at);
  into.count += 1;
  if (event.value
      && (into.values.size() < counted_currencies_max
          || into.values.contains(event.value->currency))) {
    auto& value = into.values[event.value->currency];
    value.count += 1;
    value.sum += event.value->amount;
  }
  if (event.properties.length == 0)
    return;
  const auto parsed = parse_json(event.properties_text());
  if (!parsed || !parsed->is_object())
    return;
  for (const auto& member : parsed->get_object()) {
    const std::string name{member.key()};
    if (into.properties.size() >= counted_properties_max
        && !into.properties.contains(name))
      continue;
    auto& property = into.properties[name];
    property.types |= bit_of(member.value());
    property.count += 1;
  }
}

} // namespace troupe::engine
