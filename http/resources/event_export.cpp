#include "http/resources/event_export.hpp"

#include "engine/event_document.hpp"
#include "engine/system_events.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using engine::status;

constexpr std::size_t limit_max = 1000;
// Of an answer: the event that goes over it is its last.
constexpr std::size_t answer_bytes = std::size_t{2} * 1024 * 1024;

status read_parameter(messages::event_search& search, const api_context& with,
                      const std::string& name, const std::string& value) {
  const auto workspace = search.contact.workspace;
  if (name == "type") {
    search.types = with.names_of(workspace, value);
    search.with_platform = engine::is_reserved_name(value);
  } else if (name == "since" || name == "until") {
    const auto at = read_time(name, value);
    if (!at)
      return at.failure();
    (name == "since" ? search.since : search.until) = *at;
  } else if (name == "limit") {
    const auto limit = read_limit(value, limit_max);
    if (!limit)
      return limit.failure();
    search.limit = *limit;
  } else if (name == "cursor") {
    const auto place
      = with.cursors->decode(list_kind::exported_events, workspace, value);
    if (!place)
      return cursor_invalid();
    search.after = engine::position{place->first};
  } else {
    return unknown_parameter(name, "type, since, until, limit and cursor");
  }
  return engine::success();
}

response page_of(const messages::events_found& found,
                 engine::workspace_id workspace, const engine::id_text& ids,
                 const cursor_codec& cursors, std::string_view tenant) {
  response answer;
  auto& out = answer.body;
  out = R"({"data":[)";
  auto next = found.next;
  auto has_more = found.has_more;
  for (std::size_t i = 0; i < found.turns.size(); ++i) {
    if (i != 0)
      out += ',';
    out += engine::portable_event_document(found.turns[i], ids, tenant);
    if (out.size() > answer_bytes && i + 1 != found.turns.size()) {
      next = found.turns[i].stamp.turn;
      has_more = true;
      break;
    }
  }
  out += has_more ? R"(],"has_more":true,"next_cursor":")"
                      + cursors.encode(list_kind::exported_events, workspace,
                                       {engine::number(next), 0})
                      + "\"}"
                  : R"(],"has_more":false,"next_cursor":null})";
  return answer;
}

void export_events(const api_context& with, visit now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  const auto workspace = now.who.workspace;
  messages::event_search search;
  search.contact.workspace = workspace;
  search.with_platform = false; // Troupe makes them again
  search.after.emplace();
  search.limit = 100;
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(search, with, name, value); !good)
      return now.refuse(good.failure());
  auto slot = slot_for<messages::events_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, workspace,
     tenant = with.tenant_of(workspace)](messages::events_found found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else
        answer.respond(page_of(found, workspace, *ids, *cursors, tenant));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

} // namespace

std::vector<api_route> export_routes() {
  return {
    {"GET", "/v1/events/export", messages::scope::events_read, export_events}};
}

} // namespace troupe::http
