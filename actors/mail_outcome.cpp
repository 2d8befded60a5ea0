#include "actors/mail_outcome.hpp"

#include "engine/delivery.hpp"
#include "engine/json_text.hpp"

#include <xxhash.h>

#include <array>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using persistence::delivery_status;

// What is told of a delivery, once each. Stored ids are made of it.
enum class told_kind : std::uint64_t { sent = 1, bounced = 2 };

engine::inbox_id told_id(const pulled_delivery& of, told_kind kind) {
  const std::array<std::uint64_t, 5> words{
    engine::number(of.turn.workspace), engine::number(of.key.destination),
    engine::number(of.key.turn), of.key.ordinal,
    static_cast<std::uint64_t>(kind)};
  const auto hash = XXH3_128bits(words.data(), sizeof words);
  return {hash.high64, hash.low64};
}

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
  persistence::inbox_row told;
  told.id = told_id(what, bounced ? told_kind::bounced : told_kind::sent);
  told.due = row.at;
  told.workspace = what.turn.workspace;
  told.sender = what.turn.contact;
  told.type = bounced ? "$email_bounced" : "$email_sent";
  told.properties = engine::to_json(properties);
  told.hops = what.turn.hops + 1;
  return told;
}

} // namespace troupe::actors
