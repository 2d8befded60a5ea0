// What a contact is told of how a delivery went: an event of Troupe's own,
// durable with the attempt.
#pragma once

#include "actors/work.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string_view>

namespace troupe::actors {

/// Once each of a delivery. Stored ids are made of it.
enum class told_kind : std::uint64_t {
  sent = 1,
  bounced = 2,
  call_ended = 3,
};

/// @pre of.turn.hops < engine::hops_max
persistence::inbox_row tell(const pulled_delivery& of, told_kind kind,
                            engine::timestamp at, std::string_view type,
                            const boost::json::object& properties);

} // namespace troupe::actors
