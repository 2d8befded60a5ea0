// Workflows as they are defined: a workflow is a sequence, in the state that
// Sendmator knows (S41).
#include "http/doors/sendmator/send_body.hpp"
#include "http/doors/sendmator/sendmator_door.hpp"
#include "http/doors/sendmator/workflow_body.hpp"
#include "http/doors/sendmator/workflow_list.hpp"
#include "http/resources/definitions.hpp"

#include <caf/send.hpp>

#include <boost/json/parse.hpp>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::scope;
using messages::sequence_entry;

engine::error no_workflow() {
  return not_found("Workflow not found");
}

// Null when there is none that is not deleted.
const sequence_entry* entry_of(const messages::catalog& known,
                               const visit& now) {
  const auto* found = messages::find_sequence(
    known.workspaces.at(now.who.workspace), now.route.parameter("id"));
  return found == nullptr || found->archived ? nullptr : found;
}

/// Calls `then` with the newest definition of the sequence.
void with_definition(const api_context& with, const pending_answer& answer,
                     engine::workspace_id workspace, const sequence_entry& of,
                     std::function<void(json::object)> then) {
  http::look_up(
    with,
    {workspace,
     messages::version_lookup{of.id, of.versions.back().number, false}},
    [answer, then = std::move(then)](const messages::definition_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      json::error_code failure;
      const auto read = json::parse(found.definition, failure);
      if (failure || !read.is_object())
        return answer.refuse(engine::error{
          engine::errc::internal, "internal", "the definition is damaged", {}});
      then(read.get_object());
    });
}

/// As it is now, with its definition.
void answer_with(const api_context& with, const pending_answer& answer,
                 engine::workspace_id workspace, const std::string& name,
                 std::uint16_t code) {
  const auto known = with.catalog->get();
  const auto* of
    = messages::find_sequence(known->workspaces.at(workspace), name);
  if (of == nullptr)
    return answer.refuse(no_workflow());
  with_definition(with, answer, workspace, *of,
                  [answer, code, view = workflow_view(*of)](json::object read) {
                    auto shown = view;
                    const auto* about = read.if_contains("description");
                    shown["description"]
                      = about == nullptr ? json::value() : *about;
                    read.erase("key");
                    shown["definition"] = std::move(read);
                    answer.respond(json_response(shown, code));
                  });
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* of = entry_of(*known, now);
  if (of == nullptr)
    return now.refuse(no_workflow());
  const auto workspace = now.who.workspace;
  answer_with(with, pending_answer{std::move(now)}, workspace, of->key, 200);
}

// Has them done one after the other, then calls `then`.
void ask_all(const api_context& with, const pending_answer& answer,
             std::vector<messages::definition_change> wishes,
             std::function<void()> then) {
  if (wishes.empty())
    return then();
  auto first = std::move(wishes.front());
  wishes.erase(wishes.begin());
  auto slot = slot_for<messages::definition_changed>(
    [with, answer, wishes = std::move(wishes),
     then = std::move(then)](const messages::definition_changed& done) {
      if (done.failure)
        answer.refuse(done);
      else
        ask_all(with, answer, wishes, then);
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(first),
                 std::move(slot));
}

void create(const api_context& with, visit now) {
  auto body = read_workflow(now);
  if (!body)
    return now.refuse(body.failure());
  const auto name = read_text(body->members, "name", "/name");
  if (!name || name->empty())
    return now.refuse(bad("name is required"));
  if (!body->members.contains("steps") && !body->members.contains("definition"))
    return now.refuse(bad("steps is required; or give a definition"));
  json::object definition;
  if (auto good = put_members(definition, body->members); !good)
    return now.refuse(good.failure());
  const auto key = new_key(*name);
  definition["key"] = key;
  definition["status"] = body->is_active.value_or(true) ? "active" : "draft";
  auto wish = wish_of(now, kind::sequence);
  wish.body = definition;
  const auto workspace = now.who.workspace;
  const pending_answer answer{std::move(now)};
  ask_all(with, answer, {std::move(wish)}, [with, answer, workspace, key] {
    answer_with(with, answer, workspace, key, 201);
  });
}

// What makes a workflow that is `of` now active, or not.
std::vector<messages::definition_change>
switched(const sequence_entry& of, messages::definition_change wish, bool saved,
         std::optional<bool> wanted) {
  std::vector<messages::definition_change> out;
  wish.body = nullptr;
  wish.target = of.key;
  const auto add = [&](kind what) {
    out.push_back(wish);
    out.back().what = what;
  };
  if (!wanted)
    return out;
  if (*wanted && of.active == 0 && !saved)
    add(kind::published_sequence);
  if (*wanted == of.paused && (*wanted || of.active != 0))
    add(*wanted ? kind::resumed_sequence : kind::paused_sequence);
  return out;
}

void change(const api_context& with, visit now) {
  auto body = read_workflow(now);
  if (!body)
    return now.refuse(body.failure());
  const auto known = with.catalog->get();
  const auto* of = entry_of(*known, now);
  if (of == nullptr)
    return now.refuse(no_workflow());
  const auto workspace = now.who.workspace;
  const auto base = wish_of(now, kind::sequence);
  auto wishes = switched(*of, base, body->changes_definition, body->is_active);
  const pending_answer answer{std::move(now)};
  const auto done = [with, answer, workspace, key = of->key] {
    answer_with(with, answer, workspace, key, 200);
  };
  if (!body->changes_definition)
    return ask_all(with, answer, std::move(wishes), done);
  const auto goes_live = of->active != 0 || body->is_active.value_or(false);
  with_definition(
    with, answer, workspace, *of,
    [with, answer, base, done, wishes = std::move(wishes), key = of->key,
     goes_live, goes_on = body->is_active.value_or(true),
     members = std::move(body->members)](json::object definition) {
      if (auto good = put_members(definition, members); !good)
        return answer.refuse(good.failure());
      definition["key"] = key;
      definition["status"] = goes_live ? "active" : "draft";
      auto all = wishes;
      auto saved = base;
      saved.body = definition;
      // It starts nobody by a definition that is not to be active.
      all.insert(goes_on ? all.begin() : all.end(), std::move(saved));
      ask_all(with, answer, std::move(all), done);
    });
}

void remove(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* of = entry_of(*known, now);
  if (of == nullptr)
    return now.refuse(no_workflow());
  auto wish = wish_of(now, kind::archived_sequence);
  wish.target = of->key;
  http::change(
    with, std::move(now), std::move(wish), 200, [](const json::object&) {
      return json::object{{"success", true}, {"message", "Workflow deleted"}};
    });
}

} // namespace

std::vector<api_route> definition_routes() {
  std::vector<api_route> routes;
  const auto add
    = [&routes](std::string_view method, std::string_view path, auto serve) {
        routes.push_back({method, path, scope::manage, serve, body_rule::json,
                          body_bytes_max, spoken_by});
      };
  add("POST", "/api/v1/workflows", create);
  add("GET", "/api/v1/workflows", list_workflows);
  const std::string_view one = "/api/v1/workflows/{id}";
  add("GET", one, show);
  add("PUT", one, change);
  add("PATCH", one, change);
  add("DELETE", one, remove);
  return routes;
}

} // namespace troupe::http::sendmator
