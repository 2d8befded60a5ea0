#include "http/resources/runs.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_text.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/contact_views.hpp"
#include "http/resources/json_body.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::intervention_kind;
using engine::invalid;
using engine::result;
using messages::scope;

constexpr std::size_t reason_bytes_max = 500;
constexpr std::size_t node_bytes_max = 64;
constexpr std::size_t vars_bytes_max = 4096;
constexpr std::size_t body_bytes_max = 16 * 1024;

// {external_id | email | phone | anonymous_id | id}, or the reference as a
// text such as "email:ada@example.com".
result<messages::contact_reference> contact_of(const json::object& from,
                                               engine::workspace_id workspace,
                                               const engine::id_text& ids) {
  auto required = invalid("contact_required",
                          "name the contact, such as {\"external_id\": …} or "
                          "\"email:ada@example.com\"",
                          "/contact");
  const auto* contact = from.if_contains("contact");
  if (contact != nullptr && contact->is_string())
    return read_reference(std::string_view{contact->get_string()}, workspace,
                          ids);
  if (contact == nullptr || !contact->is_object())
    return required;
  for (const auto* name :
       {"external_id", "email", "phone", "anonymous_id", "id"}) {
    const auto* value = contact->get_object().if_contains(name);
    if (value == nullptr || !value->is_string())
      continue;
    const std::string text{value->get_string()};
    return read_reference(name == std::string_view{"id"} ? text
                                                         : name + (":" + text),
                          workspace, ids);
  }
  return required;
}

// Of an enrolment: the first run that its turn started.
std::string started_run_id(const messages::intervened& done,
                           const engine::id_text& ids) {
  for (const auto& turn : done.shown.turns)
    if (turn.stamp.turn == done.turn)
      return ids.at_position("run_", turn.workspace,
                             {turn.stamp.at, turn.stamp.turn, 1});
  return {};
}

void intervene(const api_context& with, visit now,
               messages::run_intervention wish, std::string run) {
  const auto workspace = now.who.workspace;
  const auto known = with.catalog->get();
  if (const auto* key = messages::key_numbered(*known, now.who.key))
    wish.what.by = key->text_id;
  wish.request_id = now.what.id.view();
  const auto is_new = wish.what.what == intervention_kind::enrol;
  auto slot = slot_for<messages::intervened>(
    [answer = pending_answer{std::move(now)}, ids = with.ids, catalog = known,
     workspace, is_new, run = std::move(run)](messages::intervened done) {
      if (done.failure)
        return answer.refuse(*done.failure);
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      const auto id = is_new ? started_run_id(done, *ids) : run;
      if (auto shown = run_view(done.shown, id, about))
        answer.respond(json_response(*shown, is_new ? 201 : 200));
      else // it started before the turns that are read
        answer.respond(json_response({{"id", id}}, is_new ? 201 : 200));
    });
  caf::anon_send(with.gateway, atom::intervene_atom::value, std::move(wish),
                 std::move(slot));
}

void show_run(const api_context& with, visit now) {
  std::string id{now.route.parameter("id")};
  const auto workspace = now.who.workspace;
  const auto at = with.ids->parse_position("run_", workspace, id);
  if (!at)
    return now.refuse(no_such("run"));
  messages::timeline_search what;
  what.contact.workspace = workspace;
  what.runs_only = true;
  what.since_turn = at->turn;
  auto slot = slot_for<messages::contact_shown>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     catalog = with.catalog->get(), workspace,
     id = std::move(id)](messages::contact_shown shown) {
      if (shown.failure && shown.failure->code != engine::errc::not_found)
        return answer.refuse(*shown.failure);
      if (shown.failure)
        return answer.refuse(no_such("run"));
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      if (const auto run = run_view(shown, id, about))
        answer.respond(json_response(*run));
      else
        answer.refuse(no_such("run"));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(what),
                 std::move(slot));
}

template <intervention_kind what>
void change_run(const api_context& with, visit now) {
  const std::string id{now.route.parameter("id")};
  const auto at = with.ids->parse_position("run_", now.who.workspace, id);
  if (!at)
    return now.refuse(no_such("run"));
  const auto body = read_object(now.what);
  if (!body)
    return now.refuse(body.failure());
  if (auto good = check_members(*body, {"node", "reason"}); !good)
    return now.refuse(good.failure());
  const auto reason = text_of(*body, "reason", reason_bytes_max);
  if (!reason)
    return now.refuse(reason.failure());
  const auto node = text_of(*body, "node", node_bytes_max);
  if (!node)
    return now.refuse(node.failure());
  if (what == intervention_kind::transition && node->empty())
    return now.refuse(invalid("field_required",
                              "name the node that the run moves to", "/node"));
  messages::run_intervention wish;
  wish.contact.workspace = now.who.workspace;
  wish.what.what = what;
  wish.what.started = at->turn;
  wish.what.ordinal = at->ordinal;
  wish.what.node = *node;
  wish.what.reason = *reason;
  intervene(with, std::move(now), std::move(wish), id);
}

// The run's variables, those of one channel among them under a name of their
// own.
engine::result<json::object> vars_of(const json::object& body) {
  json::object vars;
  if (const auto* given = body.if_contains("vars"); given != nullptr) {
    if (!given->is_object())
      return invalid("field_type_mismatch", "`vars` is an object", "/vars");
    vars = given->get_object();
  }
  constexpr auto name = engine::channel_variables_name;
  if (const auto* given = body.if_contains(name); given != nullptr) {
    if (!given->is_object())
      return invalid("field_type_mismatch",
                     "`channel_variables` is {channel: {name: value}}",
                     "/channel_variables");
    for (const auto& each : given->get_object())
      if (!each.value().is_object())
        return invalid("field_type_mismatch",
                       "the variables of a channel are an object",
                       engine::pointer_to("/channel_variables", each.key()));
    vars[name] = *given;
  }
  if (engine::to_json(vars).size() > vars_bytes_max)
    return invalid("vars_too_large",
                   "`vars` and `channel_variables` have at most 4,096 bytes",
                   "/vars");
  return vars;
}

void enrol(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* sequence = messages::find_sequence(
    known->workspaces.at(now.who.workspace), now.route.parameter("key"));
  if (sequence == nullptr)
    return now.refuse(no_such("sequence"));
  const auto body = read_object(now.what);
  if (!body)
    return now.refuse(body.failure());
  if (auto good = check_members(
        *body, {"contact", "vars", "channel_variables", "reason"});
      !good)
    return now.refuse(good.failure());
  auto contact = contact_of(*body, now.who.workspace, *with.ids);
  if (!contact)
    return now.refuse(contact.failure());
  const auto reason = text_of(*body, "reason", reason_bytes_max);
  if (!reason)
    return now.refuse(reason.failure());
  messages::run_intervention wish;
  wish.contact = std::move(*contact);
  wish.what.what = intervention_kind::enrol;
  wish.what.sequence = sequence->id;
  wish.what.reason = *reason;
  auto vars = vars_of(*body);
  if (!vars)
    return now.refuse(vars.failure());
  wish.what.vars = std::move(*vars);
  intervene(with, std::move(now), std::move(wish), {});
}

} // namespace

std::vector<api_route> run_routes() {
  const auto row = [](std::string_view pattern, auto serve) {
    return api_route{"POST", pattern,         scope::manage,
                     serve,  body_rule::json, body_bytes_max};
  };
  return {
    {"GET", "/v1/runs/{id}", scope::events_read, show_run},
    row("/v1/sequences/{key}/enrol", enrol),
    row("/v1/runs/{id}/transition", change_run<intervention_kind::transition>),
    row("/v1/runs/{id}/pause", change_run<intervention_kind::pause>),
    row("/v1/runs/{id}/resume", change_run<intervention_kind::resume>),
    row("/v1/runs/{id}/skip", change_run<intervention_kind::skip>),
    row("/v1/runs/{id}/retry", change_run<intervention_kind::retry>),
    row("/v1/runs/{id}/exit", change_run<intervention_kind::exit>)};
}

} // namespace troupe::http
