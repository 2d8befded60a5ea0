#include "http/resources/contact_list.hpp"

#include "http/resources/contact_search.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace {

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
  const auto is_read
    = read_contact_search(search, {"query", "cursor"}, name, value, cursors);
  if (!is_read)
    return is_read.failure();
  return *is_read ? engine::success()
                  : engine::status{unknown_parameter(
                    name, "tag, segment, query, limit and cursor")};
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
  find_contacts(with, std::move(now), std::move(search),
                [](engine::contact_state of, const view_context& about) {
                  messages::contact_shown shown;
                  shown.state = std::move(of);
                  return contact_view(shown, about);
                });
}

std::vector<api_route> contact_list_routes() {
  return {{"GET", "/v1/contacts", messages::scope::events_read,
           [](const api_context& with, visit now) {
             list_contacts(with, std::move(now), std::nullopt);
           }}};
}

} // namespace troupe::http
