#include "http/resources/contact_statistics.hpp"

#include "engine/strict_json.hpp"

#include <string>

namespace troupe::http {

namespace json = boost::json;

namespace {

void count(json::object& into, const json::object& properties,
           const std::string& prefix) {
  for (const auto& item : properties) {
    const auto path = prefix + std::string{item.key()};
    if (item.value().is_object()) {
      count(into, item.value().get_object(), path + ".");
      continue;
    }
    auto* known = into.if_contains(path);
    if (known == nullptr && into.size() >= counted_properties_max)
      continue;
    if (known == nullptr)
      into.emplace(path, json::object{{"latest", item.value()}, {"count", 1}});
    else
      ++known->get_object().at("count").as_int64();
  }
}

} // namespace

json::object statistics_of(const messages::events_found& found) {
  json::object events;
  json::object properties;
  for (const auto& turn : found.turns) { // newest first
    auto& of_type
      = events.emplace(turn.event->type, std::int64_t{0}).first->value();
    ++of_type.as_int64();
    const auto parsed = engine::parse_json(turn.event->properties_text());
    if (parsed && parsed->is_object())
      count(properties, parsed->get_object(), {});
  }
  return {{"events", std::move(events)},
          {"properties", std::move(properties)},
          {"has_more", found.has_more}};
}

} // namespace troupe::http
