// What was kept of a test workspace's deliveries, as it would have gone out.
#include "actors/attempt_detail.hpp"
#include "actors/delivery.hpp"
#include "actors/gateway_read.hpp"
#include "engine/lints.hpp"

namespace troupe::actors {

namespace {

namespace json = boost::json;

using persistence::destination_kind;

json::object shown_mail(const messages::outgoing_mail& mail) {
  json::object out{{"from", mail.from},       {"to", mail.to},
                   {"subject", mail.subject}, {"text", mail.text},
                   {"html", mail.html},       {"message_id", mail.message_id}};
  if (!mail.reply_to.empty())
    out["reply_to"] = mail.reply_to;
  return out;
}

// Secrets are masked as in lists of deliveries.
json::object shown_request(const pulled_delivery& what,
                           const destination_table::entry& to,
                           const engine::id_text& ids) {
  if (what.turn.kind == engine::turn_kind::erased)
    return {};
  const auto& sends = what.turn.sends;
  const auto has_send
    = what.key.ordinal != 0 && what.key.ordinal <= sends.size();
  if (stays_inside(to.row.kind))
    return has_send ? engine::masked(sends[what.key.ordinal - 1].request)
                    : json::object{};
  const auto call = render(what, to.row, ids, to.tenant, {});
  if (!call)
    return {};
  if (call->mail)
    return shown_mail(*call->mail);
  return {{"method", call->method},
          {"url", call->url},
          {"headers", shown_headers(call->headers)},
          {"body", shown_body(what, to.row, ids, to.tenant)}};
}

void say_where(messages::kept_delivery& kept,
               const destination_table::entry& entry) {
  kept.is_webhook = entry.row.kind == destination_kind::webhook;
  kept.is_step = entry.row.kind == destination_kind::step;
  kept.to = kept.is_webhook ? entry.row.text_id : entry.row.key;
}

} // namespace

void gateway_actor_state::find_kept(messages::test_outbox_search search,
                                    const messages::test_outbox_slot& slot) {
  const auto all = options.destinations->get();
  for (const auto& entry : all->entries)
    if (entry.row.workspace == search.workspace)
      search.destinations.push_back(entry.row.id);
  const auto complete = [this, all, slot](messages::test_outbox_found found) {
    for (auto& kept : found.deliveries) {
      const auto* entry = all->find(kept.name.destination);
      if (entry == nullptr)
        continue;
      say_where(kept, *entry);
      kept.request = shown_request(
        {{kept.name.destination, kept.name.turn, kept.name.ordinal},
         0,
         0,
         kept.of.what},
        *entry, *options.ids);
    }
    (*slot.complete)(std::move(found));
  };
  read(search.workspace, atom::find_atom::value, search,
       slot_to<messages::test_outbox_found>(complete));
}

} // namespace troupe::actors
