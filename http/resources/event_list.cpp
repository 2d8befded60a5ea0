#include "http/resources/event_list.hpp"

#include "engine/event_document.hpp"
#include "engine/system_events.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace {

using engine::error;
using engine::invalid;
using engine::result;

constexpr std::size_t limit_max = 100;

error unknown(const std::string& name) {
  return unknown_parameter(
    name, "contact[external_id], contact[email], contact[id], type, since, "
          "until, limit, format and cursor");
}

} // namespace

result<engine::timestamp> read_time(const std::string& name,
                                    std::string_view text) {
  const auto at = engine::parse_iso8601(text);
  if (!at)
    return invalid("query_parameter_invalid",
                   "`" + name
                     + "` is an ISO 8601 time such as 2026-04-20T11:34:00Z",
                   parameter_pointer(name));
  return *at;
}

engine::status read_contact(messages::event_search& search,
                            const std::string& name, std::string_view value,
                            const engine::id_text& ids) {
  const auto kind_name = std::string_view{name}.substr(8); // "contact."
  auto& contact = search.contact;
  if (contact.who || contact.id != engine::contact_id{})
    return invalid("query_parameter_duplicate", "name the contact once",
                   parameter_pointer(name));
  // What is not there matches nothing: position 1 has no event before it.
  const auto none = [&search] {
    search.before = engine::position{1};
  };
  if (kind_name == "id") {
    if (const auto id = ids.parse_contact(contact.workspace, value))
      contact.id = *id;
    else
      none();
    return engine::success();
  }
  const auto kind = engine::identity_kind_of(kind_name);
  if (!kind)
    return unknown(name);
  contact.who = engine::make_identity(*kind, value);
  if (!contact.who)
    none();
  return engine::success();
}

namespace {

engine::status read_parameter(messages::event_search& search,
                              const std::string& name, const std::string& value,
                              const engine::id_text& ids,
                              const cursor_codec& cursors) {
  const auto take = [](auto read, auto& target) -> engine::status {
    if (!read)
      return read.failure();
    target = *read;
    return engine::success();
  };
  if (name.starts_with("contact."))
    return read_contact(search, name, value, ids);
  if (name == "since")
    return take(read_time(name, value), search.since);
  if (name == "until")
    return take(read_time(name, value), search.until);
  if (name == "limit")
    return take(read_limit(value, limit_max), search.limit);
  if (name == "type") {
    search.types = {value};
    search.with_platform = engine::is_reserved_name(value);
    return engine::success();
  }
  if (name == "format")
    return engine::success(); // read_format() looks at it
  if (name != "cursor")
    return unknown(name);
  const auto place
    = cursors.decode(list_kind::events, search.contact.workspace, value);
  if (!place)
    return cursor_invalid();
  if (search.before == engine::position{}) // else the contact is nobody
    search.before = engine::position{place->first};
  return engine::success();
}

} // namespace

result<messages::event_search> read_search(const query_parameters& from,
                                           engine::workspace_id workspace,
                                           const engine::id_text& ids,
                                           const cursor_codec& cursors,
                                           engine::timestamp now) {
  messages::event_search search;
  search.contact.workspace = workspace;
  search.with_platform = false; // unless they are asked for by name (G6)
  for (const auto& [name, value] : from.all())
    if (auto good = read_parameter(search, name, value, ids, cursors); !good)
      return good.failure();
  const auto oldest = now - events_shown;
  search.since = std::max(search.since.value_or(oldest), oldest);
  return search;
}

result<event_writer> read_format(const query_parameters& from) {
  const auto format = from.find("format").value_or("native");
  if (format == "native")
    return event_writer{engine::linted_event_document};
  if (format == "growthos")
    return event_writer{engine::growthos_document};
  return invalid("query_parameter_invalid", "`format` is native or growthos",
                 parameter_pointer("format"));
}

response list_of(const messages::events_found& found,
                 engine::workspace_id workspace, const engine::id_text& ids,
                 const cursor_codec& cursors, std::string_view tenant,
                 event_writer write) {
  response answer;
  auto& out = answer.body;
  out = R"({"data":[)";
  for (std::size_t i = 0; i < found.turns.size(); ++i) {
    if (i != 0)
      out += ',';
    out += write(found.turns[i], ids, tenant);
  }
  out += R"(],"has_more":)";
  out += found.has_more ? "true" : "false";
  out += R"(,"next_cursor":)";
  if (found.has_more) {
    const auto next = found.next == engine::position{}
                        ? found.turns.back().stamp.turn
                        : found.next;
    out += '"';
    out += cursors.encode(list_kind::events, workspace,
                          {engine::number(next), 0});
    out += '"';
  } else {
    out += "null";
  }
  out += '}';
  return answer;
}

} // namespace troupe::http
