#include "http/resources/feed_query.hpp"

#include "engine/system_events.hpp"
#include "http/query.hpp"

namespace troupe::http {

engine::result<engine::position> read_place(const api_context& with,
                                            engine::workspace_id workspace,
                                            std::string_view id,
                                            const std::string& pointer) {
  const auto at = with.ids->parse_position("evt_", workspace, id);
  if (!at || at->ordinal != 0)
    return engine::invalid("event_id_invalid",
                           "give the id of an event that was sent here before",
                           pointer);
  return at->turn;
}

engine::result<bool> read_feed_parameter(messages::event_follower& into,
                                         const api_context& with,
                                         const std::string& name,
                                         const std::string& value) {
  const auto workspace = into.search.contact.workspace;
  if (name == "type") {
    into.search.types = with.names_of(workspace, value);
    into.search.with_platform = engine::is_reserved_name(value);
    return true;
  }
  if (name != "after")
    return false;
  const auto at = read_place(with, workspace, value, parameter_pointer(name));
  if (!at)
    return at.failure();
  into.after = *at;
  return true;
}

} // namespace troupe::http
