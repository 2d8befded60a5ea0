#include "http/doors/house_rules.hpp"

namespace troupe::http {

namespace {

using engine::incoming_event;
using engine::invalid;
using engine::status;
using engine::success;
using messages::event_type_entry;
using messages::workspace_catalog;

status check_known(const event_type_entry* known, const incoming_event& event,
                   std::string_view name) {
  if (event.record.type.starts_with('$')
      || (known != nullptr
          && known->state == messages::event_type_state::active))
    return success();
  return invalid("event_type_unknown",
                 "this workspace takes only event types that are active "
                 "(`catalog`): make it one with `POST /v1/event-types`",
                 std::string{name});
}

status check_contract(const event_type_entry& known, incoming_event& event,
                      const std::string& properties) {
  boost::json::value whole(std::move(event.properties));
  const auto violations = known.contract->check(whole);
  event.properties = std::move(whole.get_object());
  if (violations.empty())
    return success();
  auto message
    = "the schema of the event type says: " + violations.front().detail;
  if (const auto more = violations.size() - 1; more > 0)
    message += "; " + std::to_string(more) + " more of this kind";
  return invalid("schema_contract_violated", std::move(message),
                 properties + violations.front().pointer);
}

// That the event does not say what Troupe itself says of a checklist.
status check_kept(const workspace_catalog& of, const incoming_event& event,
                  const std::string& properties) {
  if (event.record.type != "$checklist_completed")
    return success();
  const auto* key = event.properties.if_contains("checklist_id");
  if (key == nullptr || !key->is_string()
      || of.definitions->checklist(std::string{key->get_string()}) == nullptr)
    return success();
  return invalid("checklist_is_kept",
                 "Troupe says itself when this checklist is completed: "
                 "send its steps",
                 properties + "/checklist_id");
}

} // namespace

status hold_to_house_rules(const api_context& with,
                           engine::workspace_id workspace,
                           incoming_event& event, std::string_view name,
                           const std::string& properties) {
  const auto all = with.catalog->get();
  const auto found = all->workspaces.find(workspace);
  if (found == all->workspaces.end())
    return success();
  const auto& of = found->second;
  auto& type = event.record.type;
  type = of.definitions->names().current(type);
  const auto* known = messages::find_event_type(of, type);
  if (of.is_closed)
    if (auto good = check_known(known, event, name); !good)
      return good;
  if (of.naming == engine::naming_rule::strict)
    if (auto good = engine::check_names(event, name, properties); !good)
      return good;
  if (known != nullptr && known->contract
      && known->state != messages::event_type_state::archived)
    if (auto good = check_contract(*known, event, properties); !good)
      return good;
  if (auto good = check_kept(of, event, properties); !good)
    return good;
  return engine::hold_to(of.pii, event, properties);
}

} // namespace troupe::http
