// What Troupe serves: the table of routes, each with its scope, and the way
// from a request to the gateway and back.
#pragma once

#include "engine/ids.hpp"
#include "http/authentication.hpp"
#include "http/options.hpp"
#include "http/routes.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::http {

struct api_options {
  messages::gateway_actor gateway;
  std::shared_ptr<const messages::published_catalog> catalog;
  std::shared_ptr<const engine::id_text> ids;
  std::function<engine::timestamp()> clock;
  /// False while the server drains: `/readyz` says 503.
  std::shared_ptr<const std::atomic<bool>> ready;
};

/// Bytes a body may have, by route.
std::size_t body_limit(std::string_view method, std::string_view path);

class api {
public:
  explicit api(api_options options);

  /// Serves one request; for http::server.
  void handle(request what, responder answer) const;

  /// Passes on the events that this io thread has taken since the last call;
  /// for server_options::after_burst.
  void end_burst() const;

private:
  struct visit {
    request what;
    responder answer;
    caller who;
    std::string path; // views of the route's parameters point into it
    route_match route;
  };

  using serve = void (api::*)(visit) const;

  struct route {
    messages::scope needed{};
    bool open = false; // no key needed
    serve with = nullptr;
  };

  void add(std::string_view method, std::string_view pattern,
           messages::scope needed, serve with);
  void add_open(std::string_view method, std::string_view pattern, serve with);

  void post_event(visit now) const;
  void list_events(visit now) const;
  void show_event(visit now) const;
  void show_contact(visit now) const;
  void list_runs(visit now) const;
  void show_timeline(visit now) const;
  void post_sequence(visit now) const;
  void post_webhook(visit now) const;
  void post_channel(visit now) const;
  void health(visit now) const;
  void readiness(visit now) const;
  void about(visit now) const;

  template <class View>
  void with_contact(visit now, View view) const;
  template <class Kind>
  void change(visit now, Kind what) const;
  [[nodiscard]] std::string tenant_of(engine::workspace_id workspace) const;

  api_options options_;
  routes table_;
  std::vector<route> routes_;
};

} // namespace troupe::http
