#include "actors/mail_outcome.hpp"

#include "actors/told.hpp"
#include "engine/delivery.hpp"

namespace troupe::actors {

namespace json = boost::json;

namespace {

using persistence::delivery_status;

json::value member_of(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found == nullptr ? json::value{} : *found;
}

// What all that is told of a message has in common.
json::object about(const pulled_delivery& what, const std::string& channel,
                   const engine::id_text& ids) {
  const auto& send = what.turn.sends[what.key.ordinal - 1];
  const auto shown = member_of(send.request, "template");
  json::object out;
  out["campaign_id"] = member_of(send.request, "sequence");
  out["template_id"]
    = shown.is_object() ? member_of(shown.get_object(), "key") : json::value{};
  out["node"] = send.node;
  out["channel"] = channel;
  if (const auto category = engine::category_of(send.request);
      !category.empty())
    out["category"] = category;
  out["delivery_id"] = engine::delivery_id(what.turn, what.key.destination,
                                           what.key.ordinal, ids);
  return out;
}

} // namespace

std::optional<persistence::inbox_row>
told_of(const attempt_outcome& ended, const persistence::attempt_row& row,
        const std::string& channel, const engine::id_text& ids) {
  const auto& what = ended.delivery;
  const auto refused = ended.outcome.error == "recipient_refused";
  const auto bounced = refused || row.status == delivery_status::failed;
  if ((!bounced && row.status != delivery_status::delivered)
      || what.key.ordinal == 0 || what.key.ordinal > what.turn.sends.size()
      || what.turn.hops >= engine::hops_max)
    return std::nullopt;
  auto properties = about(what, channel, ids);
  if (bounced)
    properties["bounce_type"] = refused ? "hard" : "soft";
  if (bounced && ended.outcome.status != 0)
    properties["status_code"] = ended.outcome.status;
  return bounced
           ? tell(what, told_kind::bounced, row.at, "$email_bounced",
                  properties)
           : tell(what, told_kind::sent, row.at, "$email_sent", properties);
}

} // namespace troupe::actors
