#include "http/resources/event_types.hpp"

#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"
#include "messages/statistics.hpp"

#include <caf/send.hpp>

#include <boost/json/parse.hpp>

#include <array>
#include <cmath>
#include <map>

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::event_type_state;
using messages::listed_event_type;
using messages::scope;

constexpr std::array states{
  std::pair{event_type_state::discovered, std::string_view{"discovered"}},
  std::pair{event_type_state::active, std::string_view{"active"}},
  std::pair{event_type_state::archived, std::string_view{"archived"}}};

const engine::event_names& names_in(const messages::catalog& known,
                                    engine::workspace_id workspace) {
  return known.workspaces.at(workspace).definitions->names();
}

json::object view_of(const listed_event_type& of,
                     const engine::event_names& names) {
  json::error_code failure;
  json::array aliases;
  for (const auto& former : names.former(of.name))
    aliases.emplace_back(former);
  return {{"name", of.name},
          {"aliases", std::move(aliases)},
          {"status", engine::word_of(states, of.state)},
          {"description", of.description.empty() ? json::value()
                                                 : json::value(of.description)},
          {"schema",
           of.schema.empty() ? json::value() : json::parse(of.schema, failure)},
          {"created_at", time_or_null(of.created_at)},
          {"updated_at", time_or_null(of.updated_at)}};
}

// By any of its names.
void look_up_one(
  const api_context& with, engine::workspace_id workspace,
  const std::string& name, const pending_answer& answer,
  std::function<void(const pending_answer&, const listed_event_type&)> then) {
  messages::event_type_lookup wanted;
  wanted.name = names_in(*with.catalog->get(), workspace).current(name);
  look_up(
    with, {workspace, std::move(wanted)},
    [answer, then = std::move(then)](const messages::definition_found& found) {
      if (found.failure)
        answer.refuse(*found.failure);
      else if (found.event_types.empty())
        answer.refuse(no_such("event_type"));
      else
        then(answer, found.event_types.front());
    });
}

void show_found(const api_context& with, engine::workspace_id workspace,
                const pending_answer& answer, const listed_event_type& found,
                std::uint16_t status) {
  const auto known = with.catalog->get();
  answer.respond(
    json_response(view_of(found, names_in(*known, workspace)), status));
}

// Changes it and answers with it as it is then.
void store(const api_context& with, const pending_answer& answer,
           messages::definition_change wish, std::string name,
           std::uint16_t status) {
  const auto workspace = wish.workspace;
  auto slot = slot_for<messages::definition_changed>(
    [with, answer, workspace, name = std::move(name),
     status](const messages::definition_changed& done) {
      if (done.failure)
        return answer.refuse(done);
      look_up_one(with, workspace, name, answer,
                  [with, workspace, status](const pending_answer& to,
                                            const listed_event_type& found) {
                    show_found(with, workspace, to, found, status);
                  });
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

std::string text_in(const json::value& body, std::string_view member) {
  if (body.is_object())
    if (const auto* given = body.get_object().if_contains(member);
        given != nullptr && given->is_string())
      return std::string{given->get_string()};
  return {};
}

void create(const api_context& with, visit now) {
  auto wish = read_wish(now, kind::event_type);
  if (!wish)
    return;
  auto name = text_in(wish->body, "name");
  store(with, pending_answer{std::move(now)}, std::move(*wish), std::move(name),
        201);
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::event_types, "status");
  if (!page)
    return now.refuse(page.failure());
  messages::event_type_lookup wanted;
  wanted.after = page->after.first;
  wanted.limit = page->limit;
  if (!page->filter.empty()) {
    wanted.state = engine::find_word(states, page->filter);
    if (!wanted.state)
      return now.refuse(engine::invalid(
        "query_parameter_invalid", "`status` is discovered, active or archived",
        "/status"));
  }
  const auto workspace = now.who.workspace;
  look_up(with, {workspace, std::move(wanted)},
          [with, answer = pending_answer{std::move(now)},
           workspace](const messages::definition_found& found) {
            if (found.failure)
              return answer.refuse(*found.failure);
            const auto known = with.catalog->get();
            json::array data;
            for (const auto& each : found.event_types)
              data.push_back(view_of(each, names_in(*known, workspace)));
            std::string next;
            if (found.has_more)
              next = with.cursors->encode(list_kind::event_types, workspace,
                                          {found.event_types.back().number, 0});
            answer.respond(json_response(page_of(std::move(data), next)));
          });
}

// Known is also what only came in events, which the store alone knows.
void store_known(const api_context& with, visit now,
                 messages::definition_change wish) {
  wish.target = now.route.parameter("name");
  const auto workspace = now.who.workspace;
  const auto name = wish.target;
  look_up_one(with, workspace, name, pending_answer{std::move(now)},
              [with, wish = std::move(wish)](const pending_answer& answer,
                                             const listed_event_type&) {
                const auto renamed = wish.what == kind::renamed_event_type;
                auto shown = renamed ? text_in(wish.body, "to") : wish.target;
                store(with, answer, wish, std::move(shown), 200);
              });
}

void update(const api_context& with, visit now) {
  if (auto wish = read_wish(now, kind::changed_event_type))
    store_known(with, std::move(now), std::move(*wish));
}

void rename(const api_context& with, visit now) {
  if (auto wish = read_wish(now, kind::renamed_event_type))
    store_known(with, std::move(now), std::move(*wish));
}

void archive(const api_context& with, visit now) {
  auto wish = wish_of(now, kind::archived_event_type);
  store_known(with, std::move(now), std::move(wish));
}

// Sums of decimal amounts are not exact; the last digits say nothing.
double rounded(double amount) {
  constexpr double steps = 1e6;
  const auto scaled = amount * steps;
  return std::abs(scaled) < 1e15 ? std::round(scaled) / steps : amount;
}

json::object
properties_of(const std::map<std::string, engine::property_statistics>& seen) {
  json::object properties;
  for (const auto& [property, each] : seen) {
    json::array types;
    for (const auto type : engine::json_type_names(each.types))
      types.emplace_back(type);
    properties[property] = {{"types", std::move(types)}, {"count", each.count}};
  }
  return properties;
}

json::object statistics_of(const std::string& name,
                           const engine::event_statistics& what) {
  json::array values;
  for (const auto& [currency, value] : what.values)
    values.push_back(
      {{"currency", currency.empty() ? json::value() : json::value(currency)},
       {"count", value.count},
       {"sum", rounded(value.sum)},
       {"avg", rounded(value.sum / static_cast<double>(value.count))}});
  return {{"type", name},
          {"count", what.count},
          {"first_at", what.count == 0
                         ? json::value()
                         : json::value(engine::to_iso8601(what.first_at))},
          {"last_at", what.count == 0
                        ? json::value()
                        : json::value(engine::to_iso8601(what.last_at))},
          {"value", std::move(values)},
          {"properties", properties_of(what.properties)}};
}

using when_counted
  = std::function<void(const pending_answer&, const listed_event_type&,
                       const engine::event_statistics&)>;

// Finds the type that the path names, and what its events say.
void count_one(const api_context& with, visit now, when_counted then) {
  const auto workspace = now.who.workspace;
  const std::string name{now.route.parameter("name")};
  look_up_one(with, workspace, name, pending_answer{std::move(now)},
              [with, workspace, then = std::move(then)](
                const pending_answer& answer, const listed_event_type& of) {
                auto slot = slot_for<messages::statistics_found>(
                  [answer, of, then](const messages::statistics_found& found) {
                    if (found.failure)
                      answer.refuse(*found.failure);
                    else
                      then(answer, of, found.what);
                  });
                caf::anon_send(with.gateway, atom::find_atom::value,
                               messages::statistics_search{workspace, of.name},
                               std::move(slot));
              });
}

void show_statistics(const api_context& with, visit now) {
  count_one(with, std::move(now),
            [](const pending_answer& answer, const listed_event_type& of,
               const engine::event_statistics& what) {
              answer.respond(json_response(statistics_of(of.name, what)));
            });
}

void show(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  count_one(with, std::move(now),
            [catalog = with.catalog, workspace](
              const pending_answer& answer, const listed_event_type& of,
              const engine::event_statistics& what) {
              const auto known = catalog->get();
              auto view = view_of(of, names_in(*known, workspace));
              view["observed"]
                = {{"count", what.count},
                   {"properties", properties_of(what.properties)}};
              answer.respond(json_response(view));
            });
}

} // namespace

std::vector<api_route> event_type_routes() {
  return {{"POST", "/v1/event-types", scope::manage, create},
          {"GET", "/v1/event-types", scope::manage, list},
          {"GET", "/v1/event-types/{name}", scope::manage, show},
          {"GET", "/v1/event-types/{name}/stats", scope::events_read,
           show_statistics},
          {"PATCH", "/v1/event-types/{name}", scope::manage, update},
          {"POST", "/v1/event-types/{name}/rename", scope::manage, rename},
          {"POST", "/v1/event-types/{name}/archive", scope::manage, archive}};
}

} // namespace troupe::http
