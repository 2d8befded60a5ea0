// Bodies of the Sendmator door.
#pragma once

#include "engine/error.hpp"
#include "engine/event.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http::sendmator {

/// An event, and when it shall happen: at once, or later (S7).
struct sent_event {
  engine::incoming_event event; // may be nobody's (S8)
  std::optional<engine::timestamp> at;
  std::uint64_t fingerprint = 0; // of the body
};

engine::result<sent_event> read_event(std::string body, engine::timestamp now);

/// 400 with exactly this message.
engine::error bad(std::string message);

/// The JSON object that the request brings. Empty arrays stand for empty
/// objects in its members: PHP writes them so.
engine::result<boost::json::object> read_members(const std::string& body);

/// Nothing when it is not there.
/// @returns the errors of S15 and S16
engine::result<std::optional<engine::timestamp>>
read_trigger_at(const boost::json::object& from, engine::timestamp now);

/// Empty when it is not there. Ids may be numbers.
engine::result<std::string> read_text(const boost::json::object& from,
                                      std::string_view name,
                                      const std::string& pointer);

/// Null when it is not there, or an empty array.
engine::result<boost::json::object*> read_object(boost::json::object& from,
                                                 std::string_view name,
                                                 const std::string& pointer);

} // namespace troupe::http::sendmator
