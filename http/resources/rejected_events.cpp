#include "http/resources/rejected_events.hpp"

#include "engine/event_document.hpp"
#include "http/resources/paging.hpp"
#include "messages/rejected.hpp"

#include <caf/send.hpp>

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using messages::rejected_found;
using messages::scope;

json::object view_of(const engine::rejected_event& of) {
  const auto door = engine::name_of(of.from);
  return {{"at", engine::to_iso8601(of.at)},
          {"door", json::string_view{door.data(), door.size()}},
          {"code", of.code},
          {"message", of.message},
          {"pointer", of.pointer},
          {"type", of.type.empty() ? json::value() : json::value(of.type)},
          {"request_id", of.request_id},
          {"body", of.body}};
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::rejected_events, "code");
  if (!page)
    return now.refuse(page.failure());
  messages::rejected_search search;
  search.workspace = now.who.workspace;
  search.code = page->filter;
  search.before = page->after.first;
  search.limit = page->limit;
  auto slot = slot_for<rejected_found>(
    [answer = pending_answer{std::move(now)}, cursors = with.cursors,
     workspace = search.workspace](const rejected_found& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      json::array data;
      for (const auto& row : found.rows)
        data.push_back(view_of(row));
      std::string next;
      if (found.has_more)
        next = cursors->encode(list_kind::rejected_events, workspace,
                               {found.rows.back().number, 0});
      answer.respond(json_response(page_of(std::move(data), next)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

} // namespace

std::vector<api_route> rejected_event_routes() {
  return {{"GET", "/v1/rejected-events", scope::events_read, list}};
}

} // namespace troupe::http
