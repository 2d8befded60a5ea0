#include "http/doors/event_parts.hpp"

#include "engine/json_text.hpp"
#include "engine/normalise.hpp"

namespace troupe::http {

namespace json = boost::json;

engine::text_range keep_behind(engine::event_record& record,
                               std::string_view text) {
  const engine::text_range place{static_cast<std::uint32_t>(record.body.size()),
                                 static_cast<std::uint32_t>(text.size())};
  record.body += text;
  return place;
}

engine::text_range place_in_body(const engine::event_record& record,
                                 std::string_view part) {
  return {static_cast<std::uint32_t>(part.data() - record.body.data()),
          static_cast<std::uint32_t>(part.size())};
}

void set_properties(engine::incoming_event& event, json::object properties,
                    std::optional<std::string_view> slice) {
  auto& record = event.record;
  if (slice)
    record.properties = place_in_body(record, *slice);
  else if (!properties.empty())
    record.properties = keep_behind(record, engine::to_json(properties));
  event.properties = std::move(properties);
}

bool add_identity(engine::incoming_event& event, engine::identity_kind kind,
                  std::string_view text) {
  if (text.empty() || engine::is_placeholder(text))
    return true;
  auto who = engine::make_identity(kind, text);
  if (!who)
    return false;
  event.identities.push_back(std::move(*who));
  return true;
}

} // namespace troupe::http
