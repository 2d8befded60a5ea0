#include "http/api.hpp"

#include "http/resources/audit_log.hpp"
#include "http/resources/contacts.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/events.hpp"
#include "http/resources/health.hpp"
#include "http/resources/keys.hpp"
#include "http/resources/workspaces.hpp"

#include <utility>

namespace troupe::http {

namespace {

constexpr std::size_t event_body_max = 64 * 1024;
constexpr std::size_t definition_body_max = 512 * 1024;

engine::error method_not_allowed() {
  return {engine::errc::invalid_request,
          "method_not_allowed",
          "this path does not serve the method",
          {}};
}

} // namespace

std::size_t body_limit(std::string_view, std::string_view path) {
  return path == "/v1/events" ? event_body_max : definition_body_max;
}

api::api(api_context context) : context_(std::move(context)) {
  add(event_routes());
  add(contact_routes());
  add(definition_routes());
  add(workspace_routes());
  add(key_routes());
  add(audit_routes());
  add(health_routes());
}

void api::add(const std::vector<api_route>& more) {
  for (const auto& each : more) {
    table_.add(each.method, each.pattern, routes_.size());
    routes_.push_back(each);
  }
}

void api::handle(request what, responder answer) const {
  visit now{std::move(what), std::move(answer), {}, {}, {}};
  now.path = now.what.path();
  now.route = table_.match(now.what.method(), now.path);
  using outcome = route_match::outcome;
  if (now.route.what == outcome::not_found)
    return now.refuse(no_such("route"));
  if (now.route.what == outcome::method_not_allowed)
    return now.refuse(method_not_allowed(), {{"Allow", now.route.allow}});
  const auto& target = routes_[now.route.target];
  if (target.needed && !admit(now, *target.needed))
    return;
  target.serve(context_, std::move(now));
}

bool api::admit(visit& now, messages::scope needed) const {
  const auto refused = admission_->admit(context_, now.what, needed, now.who);
  if (refused)
    now.respond(problem_of(refused->why, now.what.id, now.path, {},
                           refused->retry_after));
  return !refused;
}

void api::end_burst() const {
  pass_on_events(context_);
}

} // namespace troupe::http
