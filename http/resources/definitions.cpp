#include "http/resources/definitions.hpp"

#include "engine/strict_json.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using kind = messages::definition_change::kind;

engine::result<boost::json::value> read_definition(const request& what) {
  engine::json_limits limits;
  limits.keys_max = 600;
  return engine::parse_json(what.body, limits);
}

} // namespace

std::optional<messages::definition_change> read_wish(visit& now, kind what) {
  auto body = read_definition(now.what);
  if (!body) {
    now.refuse(body.failure());
    return std::nullopt;
  }
  auto wish = wish_of(now, what);
  wish.body = std::move(*body);
  return wish;
}

messages::definition_change wish_of(const visit& now, kind what) {
  messages::definition_change wish;
  wish.what = what;
  wish.workspace = now.who.workspace;
  wish.key = now.who.key;
  wish.request_id = now.what.id.view();
  return wish;
}

void change(const api_context& with, visit now,
            messages::definition_change wish, std::uint16_t status,
            std::function<boost::json::object(boost::json::object)> view) {
  auto slot = slot_for<messages::definition_changed>(
    [answer = pending_answer{std::move(now)}, status,
     view = std::move(view)](messages::definition_changed done) {
      if (done.failure)
        answer.refuse(done);
      else
        answer.respond(json_response(
          view ? view(std::move(done.shown)) : std::move(done.shown), status));
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

void look_up(const api_context& with, messages::definition_lookup what,
             std::function<void(messages::definition_found)> then) {
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(what),
                 slot_for<messages::definition_found>(std::move(then)));
}

boost::json::value time_or_null(engine::timestamp at) {
  if (at == engine::timestamp{})
    return nullptr;
  return boost::json::value(engine::to_iso8601(at));
}

} // namespace troupe::http
