#include "http/api.hpp"

#include "http/cors.hpp"
#include "http/doors/api_v1_routes.hpp"
#include "http/doors/call_routes.hpp"
#include "http/doors/capture_routes.hpp"
#include "http/doors/cloudevents/cloudevents_door.hpp"
#include "http/doors/customerio/customerio_door.hpp"
#include "http/doors/import/import_door.hpp"
#include "http/doors/inngest/inngest_door.hpp"
#include "http/doors/redo/redo_door.hpp"
#include "http/resources/audit_log.hpp"
#include "http/resources/automations.hpp"
#include "http/resources/channels.hpp"
#include "http/resources/conditions.hpp"
#include "http/resources/contact_export.hpp"
#include "http/resources/contact_list.hpp"
#include "http/resources/contacts.hpp"
#include "http/resources/deliveries.hpp"
#include "http/resources/documentation.hpp"
#include "http/resources/erasures.hpp"
#include "http/resources/event_export.hpp"
#include "http/resources/event_stream.hpp"
#include "http/resources/event_types.hpp"
#include "http/resources/events.hpp"
#include "http/resources/executions.hpp"
#include "http/resources/explain.hpp"
#include "http/resources/health.hpp"
#include "http/resources/keys.hpp"
#include "http/resources/links.hpp"
#include "http/resources/named_definitions.hpp"
#include "http/resources/nudges.hpp"
#include "http/resources/preferences.hpp"
#include "http/resources/rejected_events.hpp"
#include "http/resources/runs.hpp"
#include "http/resources/segments.hpp"
#include "http/resources/sequences.hpp"
#include "http/resources/snippet.hpp"
#include "http/resources/system_events.hpp"
#include "http/resources/templates.hpp"
#include "http/resources/test_clock.hpp"
#include "http/resources/webhooks.hpp"
#include "http/resources/workspaces.hpp"

#include <utility>

namespace troupe::http {

namespace {

// PostHog's library in browsers asks for it, and nothing can be read there.
bool takes_credentials(const dialect& spoken) {
  return spoken.of == engine::door::posthog;
}

engine::error method_not_allowed() {
  return {engine::errc::invalid_request,
          "method_not_allowed",
          "this path does not serve the method",
          {}};
}

/// `OPTIONS *` asks of the server as a whole.
response methods_in_general() {
  response answer;
  answer.status = 204;
  answer.content_type = {};
  answer.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  return answer;
}

/// A method that sends documents, with one that is not empty. What other
/// methods send is read and not looked at.
bool announces_body(const request& what) {
  const auto method = what.method();
  if (method != "POST" && method != "PUT" && method != "PATCH")
    return false;
  const auto length = what.header("Content-Length");
  return what.header("Transfer-Encoding")
         || (length && length->find_first_not_of('0') != length->npos);
}

/// Nothing: its door looks for a key in the body.
std::optional<credentials> shown_by(const request& what) {
  return what.speaks == nullptr ? credentials_of(what)
                                : what.speaks->credentials_of(what);
}

} // namespace

std::vector<api_route> all_routes() {
  std::vector<api_route> all;
  for (auto* routes :
       {event_routes,         contact_routes,        channel_routes,
        condition_routes,     event_type_routes,     workspace_routes,
        key_routes,           audit_routes,          health_routes,
        run_routes,           sequence_routes,       webhook_routes,
        documentation_routes, contact_list_routes,   contact_write_routes,
        delivery_routes,      event_stream_routes,   template_routes,
        preference_routes,    link_routes,           segment_routes,
        execution_routes,     explain_routes,        system_event_routes,
        checklist_routes,     funnel_routes,         test_clock_routes,
        nudge_routes,         automation_routes,     rejected_event_routes,
        erasure_routes,       contact_export_routes, call_routes,
        redo_routes,          cloudevents_routes,    capture_routes,
        inngest_routes,       snippet_routes,        customerio_routes,
        api_v1_routes,        import_routes,         export_routes}) {
    const auto more = routes();
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

api::api(api_context context)
  : context_(std::move(context)), routes_(all_routes()) {
  context_.gate = std::make_shared<admission>();
  for (std::size_t i = 0; i < routes_.size(); ++i)
    table_.add(routes_[i].method, routes_[i].pattern, i);
}

// A door that other products' libraries speak to takes its path with "/" behind
// it, too, and lets browsers ask before they send.
std::optional<response> api::find_door(request& what) const {
  auto path = what.path();
  if (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  const auto is_of_door = [this](const route_match& found) {
    return found.what == route_match::outcome::found
           && routes_[found.target].spoken != nullptr;
  };
  if (what.method() == "OPTIONS") {
    for (const auto* method : {"POST", "PUT", "GET"})
      if (const auto found = table_.match(method, path); is_of_door(found)) {
        auto answer = door_preflight_answer(
          what.header("Origin").value_or("*"),
          what.header("Access-Control-Request-Headers").value_or(""));
        if (takes_credentials(*routes_[found.target].spoken(what))
            && what.header("Origin"))
          append_door_credentials(answer.headers);
        return answer;
      }
    return std::nullopt;
  }
  if (auto found = table_.match(what.method(), path); is_of_door(found))
    what.route = std::move(found);
  return std::nullopt;
}

std::optional<response> api::check(request& what) const {
  const auto path = what.path();
  if (path == "*")
    return methods_in_general();
  what.route = table_.match(what.method(), path);
  const auto& route = what.route;
  using outcome = route_match::outcome;
  if (route.what != outcome::found)
    if (auto preflight = find_door(what))
      return preflight;
  const auto refuse = [&](const engine::error& why, header_fields more = {}) {
    return problem_of(why, what.id, path, std::move(more), {}, what.speaks);
  };
  if (route.what == outcome::not_found)
    return refuse(no_such("route"));
  if (route.what == outcome::method_not_allowed)
    return refuse(method_not_allowed(), {{"Allow", route.allow}});
  const auto& row = routes_[route.target];
  what.pattern = row.pattern;
  if (row.spoken != nullptr) {
    what.speaks = row.spoken(what);
    if (const auto origin = what.header("Origin"))
      append_door_cors(what.who.with_answer, *origin);
    if (takes_credentials(*what.speaks) && what.header("Origin"))
      append_door_credentials(what.who.with_answer);
  }
  if (const auto given = row.needed ? shown_by(what) : std::nullopt) {
    const auto refused
      = context_.gate->admit(context_, what, *given, *row.needed, what.who);
    if (refused)
      return problem_of(refused->why, what.id, path,
                        std::move(what.who.with_answer), refused->retry_after,
                        what.speaks);
  }
  what.body_max = row.body_max;
  if (row.body == body_rule::json && announces_body(what)) {
    if (const auto good = check_content(what); !good)
      return refuse(good.failure(), std::move(what.who.with_answer));
  }
  return std::nullopt;
}

void api::handle(request what, responder answer) const {
  visit now{std::move(what), std::move(answer), {}, {}, {}};
  now.who = std::move(now.what.who);
  now.path = now.what.path();
  now.route = std::move(now.what.route);
  const auto& row = routes_[now.route.target];
  // The body may have taken its time: a key that was revoked meanwhile is
  // refused like any other (A3).
  if (const auto known = context_.catalog->get();
      row.needed && now.who.key != 0
      && now.who.generation != known->generation) {
    const auto given = shown_by(now.what);
    if (given)
      if (const auto found = find_key(*given, *known); found.refusal)
        return now.refuse(*found.refusal);
  }
  row.serve(context_, std::move(now));
}

void api::end_burst() const {
  pass_on_events(context_);
}

} // namespace troupe::http
