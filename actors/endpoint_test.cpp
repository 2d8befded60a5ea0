#include "actors/endpoint_test.hpp"

#include "actors/delivery.hpp"
#include "engine/json_text.hpp"

namespace troupe::actors {

namespace json = boost::json;

engine::result<messages::outgoing_call>
test_call(const destination_table::entry& to, const std::string& id,
          engine::timestamp now) {
  constexpr auto* type = "webhook.test";
  engine::webhook_message what;
  what.id = "evt_" + id;
  what.delivery_id = "dlv_" + id;
  what.type = type;
  what.at = now;
  what.tenant = to.tenant;
  what.data = engine::to_json({{"id", what.id},
                               {"type", type},
                               {"kind", "system"},
                               {"metadata", {{"webhook", to.row.text_id}}},
                               {"occurred_at", engine::to_iso8601(now)},
                               {"tenant_id", to.tenant}});
  return webhook_call(what, to.row, now);
}

json::object shown_test(const messages::call_outcome& outcome) {
  json::object shown{
    {"delivered", outcome.status >= 200 && outcome.status < 300}};
  if (outcome.status != 0)
    shown["status_code"] = outcome.status;
  if (!outcome.error.empty())
    shown["error"] = outcome.error;
  const auto& t = outcome.timings;
  shown["timings_ms"] = {{"dns", t.dns.count()},
                         {"connect", t.connect.count()},
                         {"tls", t.tls.count()},
                         {"first_byte", t.first_byte.count()},
                         {"total", t.total.count()}};
  return shown;
}

} // namespace troupe::actors
