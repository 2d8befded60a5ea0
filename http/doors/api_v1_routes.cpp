#include "http/doors/api_v1_routes.hpp"

#include "http/doors/loops/loops_door.hpp"
#include "http/doors/sendmator/sendmator_door.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace {

/// Who takes a request to a path that several products have.
struct taker {
  bool (*is_meant)(const request& head);
  const dialect& (*spoken)();
  void (*serve)(const api_context& with, visit now);
};

bool shows_key_header(const request& head) {
  return head.header("X-API-Key").has_value();
}

bool shows_bearer(const request& head) {
  return head.header("Authorization").has_value();
}

// The first one that is meant takes it; the first of all, when none is.
constexpr std::array event_takers{
  taker{shows_key_header, sendmator::spoken, sendmator::send_event},
  taker{shows_bearer, loops::spoken, loops::send_event}};

const taker& taker_of(const request& head) {
  const auto* found = std::find_if(event_takers.begin(), event_takers.end(),
                                   [&head](const taker& each) {
                                     return each.is_meant(head);
                                   });
  return found == event_takers.end() ? event_takers.front() : *found;
}

const dialect* spoken_for_event(const request& head) {
  return &taker_of(head).spoken();
}

void serve_event(const api_context& with, visit now) {
  const auto serve = taker_of(now.what).serve;
  serve(with, std::move(now));
}

} // namespace

std::vector<api_route> api_v1_routes() {
  std::vector<api_route> all{
    {"POST", "/api/v1/events/send", messages::scope::events_write, serve_event,
     body_rule::any, sendmator::body_bytes_max, spoken_for_event}};
  for (auto* routes : {sendmator::event_routes, sendmator::trigger_routes,
                       sendmator::workflow_routes, sendmator::definition_routes,
                       sendmator::contact_routes, loops::contact_routes}) {
    const auto more = routes();
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

} // namespace troupe::http
