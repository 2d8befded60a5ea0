// Short ways to write the inputs of a decision.
#pragma once

#include "engine/decide.hpp"
#include "engine/strict_json.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::test {

/// 2026-03-01T12:00:00Z, when most tests begin.
inline constexpr engine::timestamp noon{
  engine::duration{1'772'366'400'000'000}};

inline boost::json::value json(std::string_view text) {
  auto parsed = engine::parse_json(text);
  if (!parsed)
    throw std::invalid_argument{parsed.failure().message + " in "
                                + std::string{text}};
  return std::move(*parsed);
}

inline engine::identity who(engine::identity_kind kind,
                            std::string_view value) {
  auto made = engine::make_identity(kind, value);
  if (!made)
    throw std::invalid_argument{"no identity: " + std::string{value}};
  return std::move(*made);
}

inline engine::identity external(std::string_view value) {
  return who(engine::identity_kind::external_id, value);
}

inline engine::identity email(std::string_view value) {
  return who(engine::identity_kind::email, value);
}

inline engine::event_record record(std::string_view type,
                                   std::string_view properties = "{}") {
  engine::event_record made;
  made.type = type;
  made.body = properties;
  made.properties = {0, static_cast<std::uint32_t>(properties.size())};
  return made;
}

inline engine::event_input
event(std::string_view type, std::string_view properties = "{}",
      std::vector<engine::identity> identities = {}) {
  engine::event_input made;
  made.event.record = record(type, properties);
  made.event.properties = json(properties).as_object();
  made.event.identities = std::move(identities);
  return made;
}

inline engine::idempotency key(std::uint64_t name) {
  // Both halves spread as a hash's do.
  return {name * 0x9E3779B97F4A7C15U, name * 0xC2B2AE3D27D4EB4FU, name};
}

/// The turn of a decision that asks for no history.
inline engine::turn
decided(const engine::contact_state& on, const engine::turn_input& input,
        const engine::definitions& with, engine::timestamp now,
        const std::vector<engine::past_event>* history = nullptr) {
  auto made = engine::decide(on, input, with, now, history);
  if (!std::holds_alternative<engine::turn>(made))
    throw std::logic_error{"the decision asks for history"};
  return std::get<engine::turn>(std::move(made));
}

} // namespace troupe::test
