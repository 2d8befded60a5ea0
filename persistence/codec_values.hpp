// Encoding of the values that turns and states share.
#pragma once

#include "engine/identity.hpp"
#include "engine/json_text.hpp"
#include "engine/run.hpp"
#include "engine/segment_state.hpp"
#include "engine/strict_json.hpp"
#include "engine/turn.hpp"
#include "persistence/bytes.hpp"

#include <limits>
#include <optional>

namespace troupe::persistence {

inline void put_time(byte_writer& out, engine::timestamp at) {
  out.signed_number(at.time_since_epoch().count());
}

inline engine::timestamp get_time(byte_reader& in) {
  return engine::timestamp{engine::duration{in.signed_number()}};
}

/// Absent is 0, present is 1 and the time.
inline void put_time(byte_writer& out,
                     const std::optional<engine::timestamp>& at) {
  out.byte(at ? 1 : 0);
  if (at)
    put_time(out, *at);
}

inline std::optional<engine::timestamp> get_optional_time(byte_reader& in) {
  if (in.byte() == 0)
    return std::nullopt;
  return get_time(in);
}

inline void put_identity(byte_writer& out, const engine::identity& who) {
  out.byte(static_cast<std::uint8_t>(who.kind));
  out.text(who.key);
  out.text(who.value == who.key ? std::string_view{} : who.value);
}

inline engine::identity get_identity(byte_reader& in) {
  engine::identity who;
  who.kind = static_cast<engine::identity_kind>(in.byte());
  who.key = in.text();
  const auto value = in.text();
  who.value = value.empty() ? who.key : std::string{value};
  return who;
}

inline void put_json(byte_writer& out, const boost::json::value& value) {
  out.text(engine::to_json(value));
}

inline void put_json(byte_writer& out, const boost::json::object& value) {
  out.text(value.empty() ? std::string{}
                         : engine::to_json(boost::json::value(value)));
}

/// Exact: Boost's own parser may be off in the last bit of a number. Rules can
/// compute values beyond the limits of what doors accept.
inline engine::result<boost::json::value> parse_stored(std::string_view text) {
  constexpr auto any = std::numeric_limits<std::size_t>::max();
  constexpr std::size_t depth_max = 1000; // bounds the stack, not the value
  return engine::parse_json(text, {depth_max, any, any});
}

inline boost::json::value get_json(byte_reader& in) {
  auto value = parse_stored(in.text());
  if (value)
    return std::move(*value);
  in.fail();
  return nullptr;
}

inline boost::json::object get_json_object(byte_reader& in) {
  const auto text = in.text();
  if (text.empty())
    return {};
  auto value = parse_stored(text);
  if (!value || !value->is_object()) {
    in.fail();
    return {};
  }
  return std::move(value->get_object());
}

// In codec_change.cpp.
void put(byte_writer& out, const engine::change& what);
engine::change get_change(byte_reader& in);

// In codec_state.cpp: states hold them, merges hand them on.
void put_run(byte_writer& out, const engine::run& r);
engine::run get_run(byte_reader& in);
void put_entry(byte_writer& out, const engine::entry_history& entry);
engine::entry_history get_entry(byte_reader& in);
void put_session(byte_writer& out, const engine::contact_session& what);
engine::contact_session get_session(byte_reader& in);
void put_counted(byte_writer& out, const engine::counted_send& sent);
engine::counted_send get_counted(byte_reader& in);
void put_preference(byte_writer& out, const engine::preference& what);
engine::preference get_preference(byte_reader& in);
void put_nudge(byte_writer& out, const engine::nudge& what);
engine::nudge get_nudge(byte_reader& in);

// In codec_segments.cpp.
void put(byte_writer& out, const engine::tallies_begun& what);
void put(byte_writer& out, const engine::event_tallied& what);
void put(byte_writer& out, const engine::segment_moved& what);
void put(byte_writer& out, const engine::timer_dropped& what);
engine::change get_segment_change(byte_reader& in, std::uint64_t kind);
void put_segments(byte_writer& out, const engine::segment_state& of);
engine::segment_state get_segments(byte_reader& in);

inline void put_contacts(byte_writer& out,
                         const std::vector<engine::contact_id>& contacts) {
  out.number(contacts.size());
  for (const auto contact : contacts)
    out.fixed(engine::number(contact));
}

inline std::vector<engine::contact_id> get_contacts(byte_reader& in) {
  std::vector<engine::contact_id> contacts(in.count());
  for (auto& contact : contacts)
    contact = engine::contact_id{in.fixed()};
  return contacts;
}

} // namespace troupe::persistence
