// Contacts, their tags and what they want to be sent (S41).
#include "http/doors/sendmator/contact_body.hpp"
#include "http/doors/sendmator/sendmator_door.hpp"
#include "http/resources/contact_search.hpp"
#include "http/resources/contact_write.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

#include <functional>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using messages::scope;
using state_taker = std::function<void(const engine::contact_state&)>;

constexpr std::size_t page_usual = 10;

engine::error no_contact() {
  return not_found("Contact not found");
}

// By Troupe's id, or by the product's own.
std::optional<messages::contact_reference> named_by(const api_context& with,
                                                    const visit& now) {
  messages::contact_reference reference;
  reference.workspace = now.who.workspace;
  if (const auto own = now.route.parameter("external_id"); !own.empty()) {
    reference.who
      = engine::make_identity(engine::identity_kind::external_id, own);
    return reference.who ? std::optional{std::move(reference)} : std::nullopt;
  }
  const auto id
    = with.ids->parse_contact(reference.workspace, now.route.parameter("id"));
  if (!id)
    return std::nullopt;
  reference.id = *id;
  return reference;
}

// Calls `then` with the contact as it is, or refuses.
void look_up(const api_context& with, const pending_answer& answer,
             messages::contact_reference who, state_taker then) {
  auto slot = slot_for<messages::contact_shown>(
    [with, answer, workspace = who.workspace,
     then = std::move(then)](const messages::contact_shown& shown) {
      if (shown.failure)
        return answer.refuse(shown.failure->code == engine::errc::not_found
                               ? no_contact()
                               : *shown.failure);
      if (shown.merged_into != engine::contact_id{})
        return look_up(with, answer, {workspace, shown.merged_into, {}}, then);
      then(shown.state);
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(who),
                 std::move(slot));
}

template <json::object (*view)(const engine::contact_state&,
                               const view_context&)>
void show(const api_context& with, visit now) {
  auto who = named_by(with, now);
  if (!who)
    return now.refuse(no_contact());
  const pending_answer answer{std::move(now)};
  look_up(with, answer, std::move(*who),
          [with, answer](const engine::contact_state& found) {
            const auto known = with.catalog->get();
            answer.respond(json_response(
              view(found, {*with.ids, known->workspaces.at(found.workspace)})));
          });
}

void write(const api_context& with, const pending_answer& answer,
           messages::contact_change wish) {
  change_contact(
    with, answer, std::move(wish),
    [](const messages::contact_changed& changed, const view_context& about) {
      return json_response(contact_view(changed.shown.state, about),
                           changed.done.created ? 201 : 200);
    });
}

void create(const api_context& with, visit now) {
  auto wish = read_contact(with, now, true);
  if (!wish)
    return now.refuse(wish.failure());
  write(with, pending_answer{std::move(now)}, std::move(*wish));
}

using read_change
  = engine::result<messages::contact_change> (*)(const api_context&,
                                                 const visit&);

// The same for all that is written to the contact of the path.
template <read_change read>
void change(const api_context& with, visit now) {
  auto wish = read(with, now);
  if (!wish)
    return now.refuse(wish.failure());
  wish->contact = named_by(with, now);
  if (!wish->contact)
    return now.refuse(no_contact());
  write(with, pending_answer{std::move(now)}, std::move(*wish));
}

engine::result<messages::contact_change> members(const api_context& with,
                                                 const visit& now) {
  return read_contact(with, now, false);
}

engine::result<messages::contact_change> added_tags(const api_context& with,
                                                    const visit& now) {
  auto tags = read_tags(now);
  if (!tags)
    return tags.failure();
  auto wish = change_by(with, now);
  wish.command.event.write->tags = std::move(*tags);
  return wish;
}

engine::result<messages::contact_change> removed_tags(const api_context& with,
                                                      const visit& now) {
  auto tags = read_tags(now);
  if (!tags)
    return tags.failure();
  auto wish = change_by(with, now);
  wish.command.event.write->tags_removed = std::move(*tags);
  return wish;
}

template <engine::result<engine::preference_list> (*read)(const api_context&,
                                                          const visit&)>
engine::result<messages::contact_change> choices(const api_context& with,
                                                 const visit& now) {
  auto given = read(with, now);
  if (!given)
    return given.failure();
  auto wish = change_by(with, now);
  wish.command.event.preferences = std::move(*given);
  return wish;
}

void refuse_delete(const api_context&, visit now) {
  now.refuse({engine::errc::invalid_request,
              "deletion_not_supported",
              "Contacts are not deleted; preferences stop all messages",
              {}});
}

engine::status read_parameter(messages::contact_search& search, bool& nobody,
                              const std::string& name, const std::string& value,
                              const cursor_codec& cursors) {
  if (name == "is_active" && (value == "true" || value == "false")) {
    nobody = value == "false";
    return engine::success();
  }
  const auto is_read = read_contact_search(search, {"search", "starting_after"},
                                           name, value, cursors);
  if (!is_read)
    return is_read.failure();
  return *is_read ? engine::success()
                  : engine::status{unknown_parameter(
                    name, "limit, starting_after, tag, search and "
                          "is_active (true or false)")};
}

void list(const api_context& with, visit now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  messages::contact_search search;
  search.workspace = now.who.workspace;
  search.limit = page_usual;
  bool nobody = false;
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(search, nobody, name, value, *with.cursors);
        !good)
      return now.refuse(good.failure());
  if (nobody)
    return now.respond(json_response(page_of({}, {})));
  find_contacts(with, std::move(now), std::move(search), contact_view);
}

} // namespace

std::vector<api_route> contact_routes() {
  std::vector<api_route> routes;
  const auto add = [&routes](std::string_view method, std::string_view path,
                             scope needed, auto serve) {
    routes.push_back({method, path, needed, serve, body_rule::json,
                      body_bytes_max, spoken_by});
  };
  add("POST", "/api/v1/contacts", scope::manage, create);
  add("GET", "/api/v1/contacts", scope::events_read, list);
  for (const std::string_view one :
       {"/api/v1/contacts/{id}", "/api/v1/contacts/external/{external_id}"}) {
    add("GET", one, scope::events_read, show<contact_view>);
    add("PUT", one, scope::manage, change<members>);
    add("PATCH", one, scope::manage, change<members>);
    add("DELETE", one, scope::manage, refuse_delete);
  }
  const std::string_view tags = "/api/v1/contacts/{id}/tags";
  add("GET", tags, scope::events_read, show<tags_view>);
  add("POST", tags, scope::manage, change<added_tags>);
  add("DELETE", tags, scope::manage, change<removed_tags>);
  const std::string_view wants = "/api/v1/contacts/{id}/preferences";
  add("GET", wants, scope::events_read, show<preferences_view>);
  add("PATCH", wants, scope::manage, change<choices<read_preferences>>);
  add("PATCH", "/api/v1/contacts/{id}/preferences/{channel}/{category}",
      scope::manage, change<choices<read_preference>>);
  return routes;
}

} // namespace troupe::http::sendmator
