// Events: sent to be worked on behind the answer, or waited for; and their
// types.
#include "http/doors/door_event.hpp"
#include "http/doors/rejections.hpp"
#include "http/doors/sendmator/send_body.hpp"
#include "http/doors/sendmator/sendmator_door.hpp"
#include "http/doors/sendmator/trigger_id.hpp"
#include "http/doors/sendmator/trigger_views.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/events.hpp"

#include <caf/send.hpp>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using messages::scope;
using place = engine::trigger_name::kind;

bool is_active(const api_context& with, engine::workspace_id workspace,
               const std::string& type) {
  const auto known = with.catalog->get();
  const auto of = known->workspaces.find(workspace);
  if (of == known->workspaces.end())
    return false;
  const auto* found = messages::find_event_type(of->second, type);
  return found != nullptr && found->state == messages::event_type_state::active;
}

engine::error no_type() {
  return not_found("Event type not found");
}

/// One that is the workspace's to take.
struct send_request {
  messages::ingest command;
  std::optional<engine::timestamp> at;
};

/// @param key_prefix before an idempotency key: each endpoint has keys of its
/// own
/// @returns also 404 for an event type that is not active (S19)
engine::result<send_request> read_send(const api_context& with, visit& now,
                                       std::string_view key_prefix) {
  const auto key = idempotency_key_of(now.what);
  if (!key)
    return key.failure();
  const auto workspace = now.who.workspace;
  auto sent = read_event(std::move(now.what.body), with.now_in(workspace));
  if (!sent)
    return sent.failure();
  send_request out;
  out.at = sent->at;
  auto& command = out.command;
  command.workspace = workspace;
  command.concurrent_max = now.who.concurrent_max;
  command.event = std::move(sent->event);
  if (*key)
    set_key(with, command, std::string{key_prefix} + std::string{**key},
            key_scope::sendmator, sent->fingerprint);
  if (auto good
      = hold_to_rules(with, now, command, "/event_name", "/event_data");
      !good)
    return good.failure().name == "event_type_unknown" ? no_type()
                                                       : good.failure();
  if (!is_active(with, workspace, command.event.record.type))
    return no_type();
  return out;
}

response queued(const std::string& trigger, const std::string& job) {
  return json_response(json::object{{"success", true},
                                    {"trigger_id", trigger},
                                    {"job_id", job},
                                    {"message", "Event queued successfully"}},
                       201);
}

// It happened, for nobody: the workspace's list has it.
void keep_nobodys(
  const api_context& with, visit now, const messages::ingest& command,
  std::function<void(const pending_answer&, std::string)> then) {
  const auto at = with.now_in(now.who.workspace);
  auto id = engine::uuid_of(
    new_trigger(*with.ids, now.who.workspace, at, place::nobody));
  const auto kept = std::make_shared<rejections>(now, at, with.rejected);
  kept->add(engine::invalid("no_contact_identifier",
                            "the event names no contact; give "
                            "`contact_external_id`, `email` or `phone`",
                            "/user_info"),
            command.event.record.body);
  kept->keep(with.gateway, [kept, id = std::move(id), then = std::move(then),
                            answer = pending_answer{std::move(now)}](
                             const std::optional<engine::error>& failure) {
    if (failure)
      answer.refuse(*failure);
    else
      then(answer, id);
  });
}

void schedule(const api_context& with, visit now, send_request what) {
  messages::trigger_wish wish;
  auto& row = wish.row;
  row.workspace = now.who.workspace;
  row.kind = engine::trigger_kind::event;
  row.status = engine::trigger_status::scheduled;
  row.created_at = with.now_in(row.workspace);
  row.due = *what.at;
  row.key = what.command.event.key;
  row.id = new_trigger(*with.ids, row.workspace, row.created_at, place::stored);
  wish.event = std::move(what.command.event);
  auto slot = slot_for<messages::trigger_kept>(
    [answer = pending_answer{std::move(now)},
     id = row.id](const messages::trigger_kept& kept) {
      if (kept.failure)
        return answer.refuse(*kept.failure);
      const auto due = engine::to_iso8601(kept.row.due);
      const auto trigger = engine::uuid_of(kept.row.id);
      auto done
        = json_response(json::object{{"success", true},
                                     {"trigger_id", trigger},
                                     {"job_id", trigger},
                                     {"message", "Event scheduled for " + due},
                                     {"scheduled_for", due}},
                        201);
      if (kept.row.id != id)
        done.headers.emplace_back("Idempotent-Replay", "true");
      answer.respond(std::move(done));
    });
  caf::anon_send(with.gateway, atom::store_atom::value, std::move(wish),
                 std::move(slot));
}

// Says at once what it came to; waits are told, not waited for (S48).
void show_results(const api_context& with, const pending_answer& answer,
                  const messages::receipt& done) {
  messages::trigger_search search;
  search.workspace = done.workspace;
  search.turn = done.turn;
  auto slot = slot_for<messages::trigger_found>(
    [answer, ids = with.ids, known = with.catalog->get(),
     workspace = done.workspace,
     id = trigger_of(done, *with.ids)](const messages::trigger_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const view_context about{*ids, known->workspaces.at(workspace)};
      answer.respond(json_response(
        json::object{{"success", true},
                     {"trigger_id", id},
                     {"results", results_view(shown_of(id, found, about))}}));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void trigger_event(const api_context& with, visit now) {
  auto what = read_send(with, now, "trigger ");
  if (!what)
    return now.refuse(what.failure());
  if (what->at)
    return now.refuse(bad("trigger_at is for /api/v1/events/send"));
  if (what->command.event.identities.empty())
    return keep_nobodys(
      with, std::move(now), what->command,
      [](const pending_answer& answer, const std::string& id) {
        answer.respond(
          json_response(json::object{{"success", true},
                                     {"trigger_id", id},
                                     {"results", json::array{}},
                                     {"reason", "no_contact_identifier"}}));
      });
  take_event(
    {std::move(what->command), [with, answer = pending_answer{std::move(now)}](
                                 const messages::ingest_answer& result) {
       if (result.failure)
         answer.refuse(*result.failure);
       else
         show_results(with, answer, result.done);
     }});
}

// The native answer's shape, where 201 is told by `success`.
void create_type(const api_context& with, visit now) {
  auto wish = read_wish(now, messages::definition_change::kind::event_type);
  if (!wish)
    return;
  json::object shown{{"success", true}};
  if (wish->body.is_object())
    for (const auto* name : {"name", "description", "schema"}) {
      const auto* given = wish->body.get_object().if_contains(name);
      shown[name] = given == nullptr ? json::value() : *given;
    }
  shown["status"] = "active";
  auto slot = slot_for<messages::definition_changed>(
    [answer = pending_answer{std::move(now)},
     shown = std::move(shown)](const messages::definition_changed& done) {
      if (done.failure)
        answer.refuse(done);
      else
        answer.respond(json_response(shown, 201));
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(*wish),
                 std::move(slot));
}

} // namespace

void send_event(const api_context& with, visit now) {
  auto what = read_send(with, now, "");
  if (!what)
    return now.refuse(what.failure());
  if (what->at)
    return schedule(with, std::move(now), std::move(*what));
  if (what->command.event.identities.empty())
    return keep_nobodys(
      with, std::move(now), what->command,
      [](const pending_answer& answer, const std::string& id) {
        answer.respond(queued(id, id));
      });
  take_event({std::move(what->command),
              [answer = pending_answer{std::move(now)},
               ids = with.ids](const messages::ingest_answer& result) {
                if (result.failure)
                  return answer.refuse(*result.failure);
                const auto& done = result.done;
                auto said = queued(trigger_of(done, *ids),
                                   ids->at_position("evt_", done.workspace,
                                                    {done.at, done.turn, 0}));
                if (done.replayed)
                  said.headers.emplace_back("Idempotent-Replay", "true");
                answer.respond(std::move(said));
              }});
}

std::vector<api_route> event_routes() {
  return {{"POST", "/api/v1/events/trigger", scope::events_write, trigger_event,
           body_rule::json, body_bytes_max, spoken_by},
          {"POST", "/api/v1/event-types", scope::manage, create_type,
           body_rule::json, body_bytes_max, spoken_by}};
}

} // namespace troupe::http::sendmator
