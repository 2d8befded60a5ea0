#include "http/resources/audit_log.hpp"

#include "http/resources/audit_view.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::http {

namespace {

using engine::result;
using messages::scope;

constexpr std::size_t limit_max = 200;
constexpr std::string_view event_action = "event.received";
constexpr std::string_view known = "contact, contact[external_id], "
                                   "contact[email], type, action, since, "
                                   "until, request_id, limit and cursor";

struct audit_request {
  messages::audit_search search;
  list_place place;
};

engine::status read_whole_contact(messages::event_search& search,
                                  const std::string& value,
                                  const engine::id_text& ids) {
  const auto reference = read_reference(value, search.contact.workspace, ids);
  if (reference)
    search.contact = *reference;
  else
    search.before = engine::position{1}; // nobody: nothing is before it
  return engine::success();
}

void read_action(messages::audit_search& search, const std::string& action) {
  const auto is_prefix = action.ends_with(".*");
  const auto stem = std::string_view{action}.substr(
    0, is_prefix ? action.size() - 1 : action.size());
  search.action = action;
  const auto is_asked_for = [&](std::string_view each) {
    return is_prefix ? each.starts_with(stem) : each == stem;
  };
  search.with_events = is_asked_for(event_action);
  std::erase_if(search.interventions, [&](engine::intervention_kind each) {
    return !is_asked_for(intervention_action(each));
  });
}

engine::status read_parameter(audit_request& into, const std::string& name,
                              const std::string& value,
                              const api_context& with) {
  auto& search = into.search;
  auto& events = search.events;
  if (name == "since" || name == "until") {
    const auto at = read_time(name, value);
    if (!at)
      return at.failure();
    (name == "since" ? events.since : events.until) = *at;
  } else if (name == "limit") {
    const auto limit = read_limit(value, limit_max);
    if (!limit)
      return limit.failure();
    events.limit = *limit;
  } else if (name == "cursor") {
    const auto place = with.cursors->decode(list_kind::audit_log,
                                            events.contact.workspace, value);
    if (!place)
      return cursor_invalid();
    into.place = *place;
  } else if (name == "type") {
    events.types = {value};
    search.with_notes = false;
    search.interventions.clear();
  } else if (name == "action") {
    read_action(search, value);
  } else if (name == "request_id") {
    search.request_id = value;
  } else if (name == "contact") {
    search.with_notes = false;
    return read_whole_contact(events, value, *with.ids);
  } else if (name.starts_with("contact.")) {
    search.with_notes = false;
    return read_contact(events, name, value, *with.ids);
  } else {
    return unknown_parameter(name, known);
  }
  return engine::success();
}

result<audit_request> read_request(const api_context& with, const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  audit_request asked;
  asked.search.events.contact.workspace = now.who.workspace;
  using kind = engine::intervention_kind;
  asked.search.interventions
    = {kind::enrol, kind::transition, kind::pause, kind::resume,
       kind::exit,  kind::write,      kind::skip,  kind::retry};
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(asked, name, value, with); !good)
      return good.failure();
  auto& before = asked.search.events.before;
  if (before == engine::position{})
    before = engine::position{asked.place.first};
  asked.search.notes_before = asked.place.second;
  return asked;
}

void list_entries(const api_context& with, visit now) {
  auto asked = read_request(with, now);
  if (!asked)
    return now.refuse(asked.failure());
  const auto workspace = now.who.workspace;
  auto slot = slot_for<messages::audit_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, catalog = with.catalog->get(), workspace,
     limit = asked->search.events.limit,
     place = asked->place](messages::audit_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      auto page = audit_page_of(found, workspace, limit, place, about);
      answer.respond(json_response(page_of(
        std::move(page.data), page.has_more ? cursors->encode(
                                list_kind::audit_log, workspace, page.next)
                                            : std::string{})));
    });
  caf::anon_send(with.gateway, atom::audit_atom::value,
                 std::move(asked->search), std::move(slot));
}

} // namespace

std::vector<api_route> audit_routes() {
  return {{"GET", "/v1/audit-log", scope::manage, list_entries}};
}

} // namespace troupe::http
