#include "http/resources/definitions.hpp"

#include "engine/strict_json.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using kind = messages::definition_change::kind;
using messages::scope;

engine::result<boost::json::value> read_definition(const request& what) {
  engine::json_limits limits;
  limits.keys_max = 600;
  return engine::parse_json(what.body, limits);
}

template <kind what>
void create(const api_context& with, visit now) {
  auto body = read_definition(now.what);
  if (!body)
    return now.refuse(body.failure());
  messages::definition_change wish;
  wish.what = what;
  wish.workspace = now.who.workspace;
  wish.body = std::move(*body);
  auto slot = slot_for<messages::definition_changed>(
    [answer
     = pending_answer{std::move(now)}](messages::definition_changed done) {
      if (done.failure)
        answer.refuse(*done.failure);
      else
        answer.respond(json_response(done.shown, 201));
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

} // namespace

std::vector<api_route> definition_routes() {
  return {{"POST", "/v1/sequences", scope::manage, create<kind::sequence>},
          {"POST", "/v1/webhooks", scope::manage, create<kind::webhook>},
          {"POST", "/v1/channels", scope::manage, create<kind::channel>}};
}

} // namespace troupe::http
