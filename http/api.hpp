// What Troupe serves: the routes of all resources in one table, each with its
// scope, and the way from a request to the function that serves it.
#pragma once

#include "http/admission.hpp"
#include "http/routes.hpp"
#include "http/visit.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::http {

/// All that is served, in no order.
std::vector<api_route> all_routes();

class api {
public:
  explicit api(api_context context);

  /// What can be refused before the body is read: an unknown route, a method, a
  /// key, a scope, a kind of body. Notes who asks. For server_options::check.
  std::optional<response> check(request& what) const;

  /// Serves a request that passed the check; for http::server.
  void handle(request what, responder answer) const;

  /// Passes on the events that this io thread has taken since the last call;
  /// for server_options::after_burst.
  void end_burst() const;

  /// "ws_…", or empty.
  [[nodiscard]] std::string tenant_of(engine::workspace_id workspace) const {
    return context_.tenant_of(workspace);
  }

private:
  std::optional<response> find_door(request& what) const;

  api_context context_;
  routes table_;
  std::vector<api_route> routes_;
};

} // namespace troupe::http
