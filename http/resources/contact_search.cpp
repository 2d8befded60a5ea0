#include "http/resources/contact_search.hpp"

#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

constexpr std::size_t limit_max = 100;
constexpr std::size_t text_bytes_max = 256;

} // namespace

engine::result<bool> read_contact_search(messages::contact_search& into,
                                         const contact_search_names& called,
                                         const std::string& name,
                                         const std::string& value,
                                         const cursor_codec& cursors) {
  if (name == "tag" || name == called.text) {
    if (value.empty() || value.size() > text_bytes_max)
      return engine::invalid("query_parameter_invalid",
                             "`" + name + "` is a text of 1 to 256 bytes",
                             parameter_pointer(name));
    (name == "tag" ? into.tag : into.query) = value;
    return true;
  }
  if (name == "limit") {
    const auto limit = read_limit(value, limit_max);
    if (!limit)
      return limit.failure();
    into.limit = *limit;
    return true;
  }
  if (name != called.cursor)
    return false;
  const auto place = cursors.decode(list_kind::contacts, into.workspace, value);
  if (!place)
    return cursor_invalid(name);
  into.before = engine::contact_id{place->first};
  return true;
}

void find_contacts(const api_context& with, visit now,
                   messages::contact_search search, found_contact_view view) {
  auto slot = slot_for<messages::contacts_found>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     cursors = with.cursors, catalog = with.catalog->get(),
     workspace = search.workspace,
     view = std::move(view)](messages::contacts_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      const view_context about{*ids, catalog->workspaces.at(workspace)};
      boost::json::array data;
      for (auto& each : found.contacts)
        data.push_back(view(std::move(each), about));
      const auto next = found.has_more
                          ? cursors->encode(list_kind::contacts, workspace,
                                            {engine::number(found.next), 0})
                          : std::string{};
      answer.respond(json_response(page_of(std::move(data), next)));
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

} // namespace troupe::http
