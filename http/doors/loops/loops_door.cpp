#include "http/doors/loops/loops_door.hpp"

#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "http/authentication.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_event.hpp"
#include "http/doors/loose_json.hpp"
#include "http/query.hpp"
#include "http/resources/events.hpp"

#include <caf/send.hpp>

#include <boost/json/array.hpp>

namespace troupe::http::loops {

namespace json = boost::json;

namespace {

using engine::error;
using engine::identity_kind;
using engine::invalid;
using messages::scope;

std::optional<credentials> credentials_here(const request& head) {
  return credentials_of(head);
}

response refuse(const error& why, const problem_context& about) {
  const auto status
    = status_of(why) == 422 ? std::uint16_t{400} : status_of(why);
  auto answer = json_response(
    json::object{{"success", false}, {"message", why.message}}, status);
  append_retry_after(answer.headers, retry_after_of(why, about));
  return answer;
}

constexpr dialect door{engine::door::loops, credentials_here, refuse};

const dialect* loops_here(const request&) {
  return &door;
}

engine::status read_who(engine::incoming_event& event,
                        const json::object& from) {
  for (const auto& [name, kind] :
       {std::pair{"userId", identity_kind::external_id},
        std::pair{"email", identity_kind::email}})
    if (const auto text = loose_text(from, {name});
        text && !add_identity(event, kind, *text))
      return invalid("field_invalid",
                     "this is no valid `" + std::string{name} + "`",
                     "/" + std::string{name});
  if (event.identities.empty())
    return invalid("contact_required",
                   "identify the contact by `userId` or `email`", "/userId");
  return engine::success();
}

// What stands beside the members that the API names is about the contact.
json::object traits_of(json::object from) {
  for (const auto* name : {"eventName", "eventProperties", "email", "userId",
                           "mailingLists", "id"})
    from.erase(name);
  return from;
}

engine::result<messages::ingest> read_event(const api_context& with,
                                            const visit& now) {
  auto document = read_object(now.what.body, body_bytes_max);
  if (!document)
    return document.failure();
  const auto& from = document->get_object();
  auto command
    = begin_event(setting_of(with, now), engine::door::loops, now.what.body);
  auto& event = command.event;
  const auto name = read_event_name(from, {"eventName"});
  if (!name)
    return name.failure();
  event.record.type = *name;
  if (auto good = read_who(event, from); !good)
    return good.failure();
  event.traits = traits_of(from);
  if (const auto* properties = loose_object(from, "eventProperties"))
    set_properties(event, *properties,
                   engine::find_member(event.record.body, "eventProperties"));
  if (auto good
      = hold_to_rules(with, now, command, "/eventName", "/eventProperties");
      !good)
    return good.failure();
  const auto key = idempotency_key_of(now.what);
  if (!key)
    return key.failure();
  if (*key) {
    event.record.message_id = **key;
    set_key(with, command, **key, key_scope::loops,
            engine::fingerprint(*document));
  }
  return command;
}

// Found by what is given, or made of it.
void write_contact(const api_context& with, visit now) {
  auto document = read_object(now.what.body, body_bytes_max);
  if (!document)
    return now.refuse(document.failure());
  messages::contact_change wish;
  auto& event = wish.command.event;
  event.write.emplace();
  wish.command.workspace = now.who.workspace;
  event.request_id = now.what.id.view();
  const auto known = with.catalog->get();
  if (const auto* key = messages::key_numbered(*known, now.who.key))
    event.write->by = key->text_id;
  if (auto good = read_who(event, document->get_object()); !good)
    return now.refuse(good.failure());
  event.traits = traits_of(document->get_object());
  const auto workspace = now.who.workspace;
  auto slot = slot_for<messages::contact_changed>(
    [answer = pending_answer{std::move(now)}, ids = with.ids,
     workspace](const messages::contact_changed& done) {
      if (done.failure)
        return answer.refuse(*done.failure);
      answer.respond(json_response(
        json::object{{"success", true},
                     {"id", ids->contact(workspace, done.shown.state.id)}}));
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

json::object view_of(const messages::contact_shown& shown,
                     const engine::id_text& ids) {
  const auto& state = shown.state;
  json::object out{{"id", ids.contact(state.workspace, state.id)}};
  for (const auto& [name, kind] :
       {std::pair{"email", identity_kind::email},
        std::pair{"userId", identity_kind::external_id}}) {
    const auto* who = state.find(kind);
    out[name] = who == nullptr ? json::value() : json::value(who->value);
  }
  for (const auto& item : *state.attributes)
    if (!out.contains(item.key()))
      out[item.key()] = item.value();
  return out;
}

void find_contact(const api_context& with, visit now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  messages::contact_reference wanted;
  wanted.workspace = now.who.workspace;
  if (const auto id = query->find("userId"))
    wanted.who = engine::make_identity(identity_kind::external_id, *id);
  else if (const auto email = query->find("email"))
    wanted.who = engine::make_identity(identity_kind::email, *email);
  else
    return now.refuse(
      invalid("field_required", "give `email` or `userId` in the query", ""));
  if (!wanted.who) // identifies nobody
    return now.respond(json_response(json::array{}));
  auto slot = slot_for<messages::contact_shown>(
    [answer = pending_answer{std::move(now)},
     ids = with.ids](const messages::contact_shown& shown) {
      if (shown.failure && shown.failure->code == engine::errc::not_found)
        return answer.respond(json_response(json::array{}));
      if (shown.failure)
        return answer.refuse(*shown.failure);
      json::array found;
      found.push_back(view_of(shown, *ids));
      answer.respond(json_response(found));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(wanted),
                 std::move(slot));
}

} // namespace

const dialect& spoken() {
  return door;
}

void send_event(const api_context& with, visit now) {
  auto command = read_event(with, now);
  if (!command)
    return now.refuse(command.failure());
  take_event({std::move(*command), [answer = pending_answer{std::move(now)}](
                                     const messages::ingest_answer& given) {
                if (given.failure)
                  return answer.refuse(*given.failure);
                auto good = json_response(json::object{{"success", true}});
                if (given.done.replayed)
                  good.headers.emplace_back("Idempotent-Replay", "true");
                answer.respond(std::move(good));
              }});
}

std::vector<api_route> contact_routes() {
  return {{"PUT", "/api/v1/contacts/update", scope::events_write, write_contact,
           body_rule::any, body_bytes_max, loops_here},
          {"POST", "/api/v1/contacts/create", scope::events_write,
           write_contact, body_rule::any, body_bytes_max, loops_here},
          {"GET", "/api/v1/contacts/find", scope::events_read, find_contact,
           body_rule::any, 0, loops_here}};
}

} // namespace troupe::http::loops
