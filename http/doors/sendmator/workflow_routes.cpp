// Workflows, begun by name for one contact, for those with some tags, or for
// all (S40, S41).
#include "engine/json_text.hpp"
#include "engine/run.hpp"
#include "engine/sequence_definition.hpp"
#include "http/doors/sendmator/send_body.hpp"
#include "http/doors/sendmator/sendmator_door.hpp"
#include "http/doors/sendmator/trigger_id.hpp"
#include "http/idempotency_key.hpp"
#include "messages/triggers.hpp"

#include <caf/send.hpp>

#include <boost/json/array.hpp>

#include <algorithm>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::result;
using engine::status;
using messages::scope;

constexpr std::size_t vars_bytes_max = 4096;
constexpr std::size_t tags_max = 20;
constexpr std::size_t tag_bytes_max = 256;

const messages::sequence_entry* named(const messages::workspace_catalog& of,
                                      const std::string& name) {
  for (const auto& [id, each] : of.sequences)
    for (const auto& version : each.versions)
      if (version.number == each.active && version.definition
          && version.definition->name == name)
        return &each;
  return messages::find_sequence(of, name);
}

result<engine::sequence_id> sequence_of(const json::object& from,
                                        const messages::workspace_catalog& of) {
  const auto id = read_text(from, "workflow_id", "/workflow_id");
  if (!id)
    return id.failure();
  const auto name = read_text(from, "workflow_name", "/workflow_name");
  if (!name)
    return name.failure();
  if (id->empty() && name->empty())
    return bad("workflow_id or workflow_name is required");
  const auto* found
    = id->empty() ? named(of, *name) : messages::find_sequence(of, *id);
  if (found == nullptr || found->archived)
    return not_found("Workflow not found");
  if (found->active == 0 || found->paused)
    return engine::error{engine::errc::conflict,
                         "sequence_not_active",
                         "Workflow is not active",
                         {}};
  return found->id;
}

// A text or a list of them, by either name.
result<std::vector<std::string>> tags_of(const json::object& from) {
  std::vector<std::string> tags;
  const auto wrong = bad("tag is a text or a list of 1 to 20 texts");
  for (const auto* name : {"tag", "tags"}) {
    const auto* given = from.if_contains(name);
    if (given == nullptr || given->is_null())
      continue;
    const auto all
      = given->is_array() ? given->get_array() : json::array{*given};
    for (const auto& each : all) {
      if (!each.is_string() || each.get_string().empty()
          || each.get_string().size() > tag_bytes_max)
        return wrong;
      tags.emplace_back(each.get_string());
    }
  }
  if (tags.empty() || tags.size() > tags_max)
    return wrong;
  return tags;
}

result<json::object> vars_of(json::object& from) {
  json::object vars;
  const auto given = read_object(from, "variables", "/variables");
  if (!given)
    return given.failure();
  if (*given != nullptr)
    vars = **given;
  constexpr auto name = engine::channel_variables_name;
  const auto channels = read_object(from, name, "/channel_variables");
  if (!channels)
    return channels.failure();
  if (*channels != nullptr) {
    for (const auto& each : **channels)
      if (!each.value().is_object())
        return bad("channel_variables is {channel: {name: value}}");
    vars[name] = **channels;
  }
  if (engine::to_json(vars).size() > vars_bytes_max)
    return engine::invalid("vars_too_large",
                           "`variables` and `channel_variables` have at most "
                           "4,096 bytes",
                           "/variables");
  return vars;
}

/// Who shall have a run; the contact is named, and not known yet.
struct recipients {
  std::optional<engine::identity> who;
  std::vector<std::string> tags;
};

result<recipients> recipients_of(const json::object& from) {
  recipients out;
  const auto external
    = read_text(from, "contact_external_id", "/contact_external_id");
  if (!external)
    return external.failure();
  auto type = read_text(from, "recipient_type", "/recipient_type");
  if (!type)
    return type.failure();
  if (type->empty() && !external->empty())
    *type = "contact";
  if (*type == "all")
    return out;
  if (*type == "tag") {
    auto tags = tags_of(from);
    if (!tags)
      return tags.failure();
    out.tags = std::move(*tags);
    return out;
  }
  if (*type != "contact")
    return bad("recipient_type is contact, tag or all");
  out.who
    = engine::make_identity(engine::identity_kind::external_id, *external);
  if (!out.who)
    return bad("contact_external_id is required");
  return out;
}

void answer_kept(const pending_answer& answer, engine::inbox_id id,
                 const messages::trigger_kept& kept) {
  if (kept.failure)
    return answer.refuse(*kept.failure);
  const auto trigger = engine::uuid_of(kept.row.id);
  json::object out{
    {"success", true}, {"trigger_id", trigger}, {"job_id", trigger}};
  if (kept.row.due > kept.row.created_at) {
    const auto due = engine::to_iso8601(kept.row.due);
    out["message"] = "Workflow scheduled for " + due;
    out["scheduled_for"] = due;
  } else {
    out["message"] = "Workflow queued successfully";
  }
  auto done = json_response(out, 201);
  if (kept.row.id != id)
    done.headers.emplace_back("Idempotent-Replay", "true");
  answer.respond(std::move(done));
}

void keep(const api_context& with, const pending_answer& answer,
          messages::trigger_wish wish) {
  auto slot = slot_for<messages::trigger_kept>(
    [answer, id = wish.row.id](const messages::trigger_kept& kept) {
      answer_kept(answer, id, kept);
    });
  caf::anon_send(with.gateway, atom::store_atom::value, std::move(wish),
                 std::move(slot));
}

result<messages::trigger_wish> read_wish(const api_context& with, visit& now,
                                         std::optional<engine::identity>& who) {
  const auto key = idempotency_key_of(now.what);
  if (!key)
    return key.failure();
  auto from = read_members(now.what.body);
  if (!from)
    return from.failure();
  const auto workspace = now.who.workspace;
  const auto known = with.catalog->get();
  messages::trigger_wish wish;
  auto& row = wish.row;
  row.workspace = workspace;
  row.kind = engine::trigger_kind::workflow;
  row.created_at = with.now_in(workspace);
  const auto at = read_trigger_at(*from, row.created_at);
  if (!at)
    return at.failure();
  row.due = at->value_or(row.created_at);
  row.status
    = *at ? engine::trigger_status::scheduled : engine::trigger_status::queued;
  if (*key)
    row.key
      = idempotency_of("workflow " + std::string{**key}, key_scope::sendmator,
                       workspace, engine::fingerprint(json::value(*from)));
  auto to = recipients_of(*from);
  if (!to)
    return to.failure();
  auto vars = vars_of(*from);
  if (!vars)
    return vars.failure();
  const auto sequence = sequence_of(*from, known->workspaces.at(workspace));
  if (!sequence)
    return sequence.failure();
  row.id = new_trigger(*with.ids, workspace, row.created_at,
                       engine::trigger_name::kind::stored);
  auto& workflow = wish.workflow.emplace();
  workflow.sequence = *sequence;
  workflow.tags = std::move(to->tags);
  workflow.vars = std::move(*vars);
  workflow.request_id = now.what.id.view();
  if (const auto* asks = messages::key_numbered(*known, now.who.key))
    workflow.by = asks->text_id;
  who = std::move(to->who);
  return wish;
}

void trigger_workflow(const api_context& with, visit now) {
  std::optional<engine::identity> who;
  auto wish = read_wish(with, now, who);
  if (!wish)
    return now.refuse(wish.failure());
  const auto workspace = now.who.workspace;
  if (!who)
    return keep(with, pending_answer{std::move(now)}, std::move(*wish));
  auto slot = slot_for<messages::contact_shown>(
    [with, answer = pending_answer{std::move(now)},
     wish = std::move(*wish)](const messages::contact_shown& shown) {
      if (shown.failure)
        return answer.refuse(shown.failure->code == engine::errc::not_found
                               ? not_found("Contact not found")
                               : *shown.failure);
      auto named = wish;
      named.workflow->contact = shown.merged_into == engine::contact_id{}
                                  ? shown.state.id
                                  : shown.merged_into;
      keep(with, answer, std::move(named));
    });
  caf::anon_send(with.gateway, atom::show_atom::value,
                 messages::contact_reference{workspace, {}, std::move(who)},
                 std::move(slot));
}

} // namespace

std::vector<api_route> workflow_routes() {
  const auto row = [](std::string_view path) {
    return api_route{"POST",
                     path,
                     scope::events_write,
                     trigger_workflow,
                     body_rule::json,
                     body_bytes_max,
                     spoken_by};
  };
  return {row("/api/v1/workflows/trigger"), row("/api/v1/workflows/send")};
}

} // namespace troupe::http::sendmator
