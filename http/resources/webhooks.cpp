#include "http/resources/webhooks.hpp"

#include "engine/webhook_profile.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::endpoint_entry;
using messages::endpoint_health;
using messages::endpoint_state;
using messages::scope;

std::string_view name_of(endpoint_state state) {
  switch (state) {
    case endpoint_state::active:
      return "active";
    case endpoint_state::paused:
      return "paused";
    case endpoint_state::disabled:
      return "disabled";
    case endpoint_state::archived:
      return "deleted";
  }
  return "unknown";
}

/// @param health null: there was no attempt
json::object view_of(const endpoint_entry& of, const endpoint_health* health,
                     engine::timestamp now) {
  json::object view{{"id", of.text_id}};
  for (const auto& each : of.settings)
    view[each.key()] = each.value();
  const auto form = engine::webhook_form_of(of.settings);
  view["profile"]
    = engine::word_of(engine::webhook_profile_names, form.profile);
  view["ordering"] = form.is_ordered ? "contact" : "none";
  view["status"] = name_of(of.state);
  view["signing_secret"] = "whsec_********";
  if (now < of.previous_until)
    view["previous_valid_until"] = engine::to_iso8601(of.previous_until);
  view["created_at"] = time_or_null(of.created_at);
  view["last_delivery_at"]
    = health == nullptr ? json::value() : time_or_null(health->last_at);
  view["last_status"] = health == nullptr || health->last_status == 0
                          ? json::value()
                          : json::value(health->last_status);
  view["consecutive_failures"] = health == nullptr ? 0 : health->failures;
  return view;
}

const endpoint_health* health_of(engine::destination_id id,
                                 const messages::definition_found& found) {
  for (const auto& each : found.health)
    if (each.endpoint == id)
      return &each;
  return nullptr;
}

const endpoint_entry* find(const messages::catalog& known,
                           engine::workspace_id workspace,
                           std::string_view id) {
  for (const auto& [number, each] : known.workspaces.at(workspace).endpoints)
    if (each.is_webhook && each.text_id == id
        && each.state != endpoint_state::archived)
      return &each;
  return nullptr;
}

void create(const api_context& with, visit now) {
  if (auto wish = read_wish(now, kind::webhook))
    change(with, std::move(now), std::move(*wish), 201);
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::webhooks);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  const auto workspace = now.who.workspace;
  std::vector<const endpoint_entry*> shown;
  std::string next;
  messages::health_lookup wanted;
  for (const auto& [id, each] : known->workspaces.at(workspace).endpoints) {
    if (engine::number(id) <= page->after.first || !each.is_webhook
        || each.state == endpoint_state::archived)
      continue;
    if (shown.size() == page->limit) {
      next = with.cursors->encode(list_kind::webhooks, workspace,
                                  {engine::number(shown.back()->id), 0});
      break;
    }
    shown.push_back(&each);
    wanted.endpoints.push_back(id);
  }
  look_up(
    with, {workspace, std::move(wanted)},
    [answer = pending_answer{std::move(now)}, known, shown = std::move(shown),
     next = std::move(next),
     at = with.now_in(workspace)](const messages::definition_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      json::array data;
      for (const auto* each : shown)
        data.push_back(view_of(*each, health_of(each->id, found), at));
      answer.respond(json_response(page_of(std::move(data), next)));
    });
}

// The endpoint as it is now.
void respond_with(const api_context& with, engine::workspace_id workspace,
                  const std::string& id, pending_answer answer) {
  const auto known = with.catalog->get();
  const auto* entry = find(*known, workspace, id);
  if (entry == nullptr)
    return answer.refuse(no_such("webhook"));
  look_up(
    with, {workspace, messages::health_lookup{{entry->id}}},
    [answer = std::move(answer), known, entry,
     at = with.now_in(workspace)](const messages::definition_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      answer.respond(
        json_response(view_of(*entry, health_of(entry->id, found), at)));
    });
}

void show(const api_context& with, visit now) {
  const std::string id{now.route.parameter("id")};
  const auto workspace = now.who.workspace;
  respond_with(with, workspace, id, pending_answer{std::move(now)});
}

void update(const api_context& with, visit now) {
  auto wish = read_wish(now, kind::changed_webhook);
  if (!wish)
    return;
  const std::string id{now.route.parameter("id")};
  wish->target = id;
  const auto workspace = now.who.workspace;
  auto slot = slot_for<messages::definition_changed>(
    [answer = pending_answer{std::move(now)}, with, workspace,
     id](const messages::definition_changed& done) {
      if (done.failure)
        answer.refuse(done);
      else
        respond_with(with, workspace, id, answer);
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(*wish),
                 std::move(slot));
}

template <kind what>
void act(const api_context& with, visit now) {
  auto wish = wish_of(now, what);
  wish.target = now.route.parameter("id");
  change(with, std::move(now), std::move(wish), 200);
}

// 202 when the endpoint takes its time.
void test(const api_context& with, visit now) {
  messages::endpoint_test what{now.who.workspace,
                               std::string{now.route.parameter("id")}};
  auto slot = slot_for<messages::definition_changed>(
    [answer = pending_answer{std::move(now)}](
      const messages::definition_changed& done) {
      if (done.failure)
        answer.refuse(*done.failure);
      else if (done.shown.empty())
        answer.respond(json_response({{"delivered", nullptr}}, 202));
      else
        answer.respond(json_response(done.shown));
    });
  caf::anon_send(with.gateway, atom::try_atom::value, std::move(what),
                 std::move(slot));
}

} // namespace

std::vector<api_route> webhook_routes() {
  return {
    {"POST", "/v1/webhooks", scope::manage, create},
    {"GET", "/v1/webhooks", scope::manage, list},
    {"GET", "/v1/webhooks/{id}", scope::manage, show},
    {"PATCH", "/v1/webhooks/{id}", scope::manage, update},
    {"DELETE", "/v1/webhooks/{id}", scope::manage, act<kind::removed_webhook>},
    {"POST", "/v1/webhooks/{id}/rotate", scope::manage,
     act<kind::rotated_webhook>},
    {"POST", "/v1/webhooks/{id}/test", scope::manage, test}};
}

} // namespace troupe::http
