#include "http/resources/contact_list.hpp"

#include "http/resources/contact_views.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

constexpr std::size_t limit_max = 100;
constexpr std::size_t text_bytes_max = 256;

engine::status read_segment(messages::contact_search& search,
                            const std::string& name,
                            const messages::workspace_catalog& of) {
  const auto* segment = messages::find_segment(of, name);
  if (segment == nullptr || segment->archived)
    return engine::invalid("unknown_segment",
                           "there is no segment with this key",
                           parameter_pointer("segment"));
  search.segment = segment->id;
  return engine::success();
}

engine::status read_parameter(messages::contact_search& search,
                              const std::string& name, const std::string& value,
                              const cursor_codec& cursors,
                              const messages::workspace_catalog& of) {
  if (name == "segment" && !search.segment)
    return read_segment(search, value, of);
  if (name == "tag" || name == "query") {
    if (value.empty() || value.size() > text_bytes_max)
      return engine::invalid("query_parameter_invalid",
                             "`" + name + "` is a text of 1 to 256 bytes",
                             parameter_pointer(name));
    (name == "tag" ? search.tag : search.query) = value;
  } else if (name == "limit") {
    const auto limit = read_limit(value, limit_max);
    if (!limit)
      return limit.failure();
    search.limit = *limit;
  } else if (name == "cursor") {
    const auto place
      = cursors.decode(list_kind::contacts, search.workspace, value);
    if (!place)
      return cursor_invalid();
    search.before = engine::contact_id{place->first};
  } else {
    return unknown_parameter(name, "tag, segment, query, limit and cursor");
  }
  return engine::success();
}

} // namespace

void list_contacts(const api_context& with, visit now,
                   std::optional<engine::segment_id> segment) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  const auto known = with.catalog->get();
  messages::contact_search search;
  search.workspace = now.who.workspace;
  search.segment = segment;
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(search, name, value, *with.cursors,
                                   known->workspaces.at(search.workspace));
        !good)
      return now.refuse(good.failure());
  auto slot = slot_for<messages::contacts_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, catalog = with.catalog->get(),
     workspace = search.workspace](messages::contacts_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      boost::json::array data;
      for (auto& each : found.contacts) {
        messages::contact_shown shown;
        shown.state = std::move(each);
        data.push_back(contact_view(shown, about));
      }
      const auto next = found.has_more
                          ? cursors->encode(list_kind::contacts, workspace,
                                            {engine::number(found.next), 0})
                          : std::string{};
      answer.respond(json_response(page_of(std::move(data), next)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

std::vector<api_route> contact_list_routes() {
  return {{"GET", "/v1/contacts", messages::scope::events_read,
           [](const api_context& with, visit now) {
             list_contacts(with, std::move(now), std::nullopt);
           }}};
}

} // namespace troupe::http
