#include "http/resources/health.hpp"

namespace troupe::http {

namespace {

void health(const api_context&, visit now) {
  now.respond(json_response({{"status", "ok"}}));
}

void readiness(const api_context& with, visit now) {
  const auto ready = with.ready->load();
  const auto store = with.store();
  const auto is_away = store == store_health::away;
  const auto is_good = store == store_health::good;
  // A store that cannot write is no reason to send reads elsewhere.
  now.respond(json_response({{"status", !ready    ? "draining"
                                        : is_away ? "unavailable"
                                        : is_good ? "ready"
                                                  : "degraded"},
                             {"checks",
                              {{"storage", is_away   ? "away"
                                           : is_good ? "ok"
                                                     : "failing"}}}},
                            ready && !is_away ? 200 : 503));
}

void metrics(const api_context& with, visit now) {
  response page;
  page.content_type = "text/plain; version=0.0.4; charset=utf-8";
  page.body = with.metrics();
  now.respond(std::move(page));
}

void about(const api_context&, visit now) {
  response page;
  page.content_type = "text/plain; charset=utf-8";
  page.body = "Troupe answers here. Send events to POST /v1/events; the "
              "dashboard is not part of this build.\n";
  now.respond(std::move(page));
}

} // namespace

std::vector<api_route> health_routes() {
  return {{"GET", "/healthz", {}, health},
          {"GET", "/readyz", {}, readiness},
          {"GET", "/metrics", {}, metrics},
          {"GET", "/", {}, about}};
}

} // namespace troupe::http
