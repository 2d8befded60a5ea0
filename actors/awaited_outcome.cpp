#include "actors/awaited_outcome.hpp"

#include "actors/told.hpp"
#include "engine/awaited_call.hpp"
#include "engine/delivery.hpp"
#include "engine/system_events.hpp"

namespace troupe::actors {

namespace json = boost::json;

namespace {

// Null when nobody waits.
const json::value* awaited_as(const pulled_delivery& what) {
  const auto index = what.key.ordinal;
  return index == 0 || index > what.turn.sends.size()
           ? nullptr
           : what.turn.sends[index - 1].request.if_contains(
             engine::awaited_call_member);
}

} // namespace

bool is_awaited(const pulled_delivery& what) {
  return awaited_as(what) != nullptr;
}

std::optional<persistence::inbox_row>
answer_of(const attempt_outcome& ended, const persistence::attempt_row& row,
          const engine::id_text& ids) {
  const auto& what = ended.delivery;
  const auto* which = awaited_as(what);
  if (which == nullptr || row.status == persistence::delivery_status::pending
      || what.turn.hops >= engine::hops_max)
    return std::nullopt;
  json::object properties;
  properties[engine::awaited_call_property] = *which;
  properties["answered"]
    = row.status == persistence::delivery_status::delivered;
  properties["node"] = what.turn.sends[what.key.ordinal - 1].node;
  properties["delivery_id"] = engine::delivery_id(
    what.turn, what.key.destination, what.key.ordinal, ids);
  if (ended.outcome.status != 0)
    properties["status_code"] = ended.outcome.status;
  if (!ended.outcome.error.empty())
    properties["error"] = ended.outcome.error;
  return tell(what, told_kind::call_ended, row.at, engine::call_ended_event,
              properties);
}

} // namespace troupe::actors
