#include "actors/endpoint_test.hpp"

#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

namespace troupe::actors {

namespace json = boost::json;

messages::outgoing_call test_call(const destination_table::entry& to,
                                  const std::string& id,
                                  engine::timestamp now) {
  constexpr auto* type = "webhook.test";
  json::error_code failure;
  const auto settings = json::parse(to.row.settings, failure);
  const json::object body{{"id", "evt_" + id},
                          {"type", type},
                          {"timestamp", engine::to_iso8601(now)},
                          {"data",
                           {{"id", "evt_" + id},
                            {"type", type},
                            {"kind", "system"},
                            {"metadata", {{"webhook", to.row.text_id}}},
                            {"occurred_at", engine::to_iso8601(now)},
                            {"tenant_id", to.tenant}}}};
  messages::outgoing_call call;
  if (!failure)
    call.url = settings.at("url").as_string();
  call.headers = {{"content-type", "application/json"}};
  call.body = engine::to_json(body);
  call.delivery_id = "dlv_" + id;
  call.signing_secret = to.row.secret;
  if (now < to.row.previous_until)
    call.previous_secret = to.row.previous_secret;
  return call;
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
