#include "http/doors/customerio/item.hpp"

#include "engine/json_text.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace troupe::http::customerio {

namespace json = boost::json;

namespace {

using engine::event_kind;
using engine::identity_kind;
using engine::invalid;
using engine::status;

// An id that is an address is one: their workspaces may identify by e-mail.
status add_person(engine::incoming_event& event, const json::object& who,
                  const std::string& pointer) {
  const auto before = event.identities.size();
  if (const auto id = loose_text(who, {"id", "cio_id"})) {
    const auto kind = id->find('@') == id->npos ? identity_kind::external_id
                                                : identity_kind::email;
    if (!add_identity(event, kind, *id))
      return invalid("field_invalid", "this is no valid id", pointer);
  }
  if (const auto email = loose_text(who, {"email"}))
    add_identity(event, identity_kind::email, *email);
  // A placeholder is none.
  return event.identities.size() > before
           ? engine::success()
           : invalid("contact_required",
                     "identify the person by `id` or `email`", pointer);
}

class item_reader {
public:
  item_reader(const api_context& with, messages::ingest& command,
              json::object& body, const event_setting& as)
    : with_(with),
      command_(command),
      event_(command.event),
      body_(body),
      as_(as) {}

  status read(action what, const json::object& who) {
    if (auto good = read_who(what, who); !good)
      return good;
    if (auto good = read_time(); !good)
      return good;
    switch (what) {
      case action::identify:
        set_identify(event_, attributes_of());
        return engine::success();
      case action::event:
      case action::page:
      case action::screen:
        return read_event(what);
      case action::add_device:
      case action::remove_device:
        return read_device(what == action::add_device);
      case action::suppress:
      case action::unsuppress:
        return read_choice(what == action::unsuppress);
      case action::merge:
        return read_merge();
    }
    return engine::success();
  }

private:
  status read_who(action what, const json::object& who) {
    const auto anonymous = loose_text(body_, {"anonymous_id"});
    const auto of_person = add_person(
      event_, who, what == action::merge ? "/primary" : "/identifiers");
    if (anonymous
        && add_identity(event_, identity_kind::anonymous_id, *anonymous))
      event_.record.anonymous_id = *anonymous;
    return event_.identities.empty() ? of_person : engine::success();
  }

  // Seconds since 1970.
  status read_time() {
    const auto* said = body_.if_contains("timestamp");
    if (said == nullptr || said->is_null())
      return engine::success();
    const auto at = read_instant(*said, true);
    if (!at)
      return invalid("field_invalid", "`timestamp` is in seconds since 1970",
                     "/timestamp");
    if (!as_.is_history)
      if (auto good = check_occurred(*at, as_.received_at, "/timestamp"); !good)
        return good;
    event_.record.occurred_at = std::min(*at, as_.received_at);
    return engine::success();
  }

  // v2 has them in a member of their own.
  json::object attributes_of() {
    if (const auto* given = loose_object(body_, "attributes"))
      return *given;
    auto all = body_;
    for (const auto* name : {"type", "action", "identifiers", "timestamp",
                             "anonymous_id", "cio_relationships"})
      all.erase(name);
    return all;
  }

  status read_event(action what) {
    const auto name = read_event_name(body_, {"name"});
    if (!name)
      return name.failure();
    json::object properties;
    for (const auto* member : {"data", "attributes"})
      if (const auto* given = loose_object(body_, member))
        properties = *given;
    const auto kind = loose_text(body_, {"type"});
    const auto is_page = what == action::page || kind == "page";
    const auto is_screen = what == action::screen || kind == "screen";
    event_.record.type = is_page     ? "$page_view"
                         : is_screen ? "$screen_view"
                                     : *name;
    if (is_page || is_screen) {
      event_.record.kind = is_page ? event_kind::page : event_kind::screen;
      properties[is_page ? "url" : "name"] = *name;
    }
    set_properties(event_, std::move(properties), std::nullopt);
    if (const auto id = loose_text(body_, {"id"});
        id && is_idempotency_key(*id))
      set_message_id(with_, command_, *id, key_scope::customerio);
    else if (event_.record.occurred_at)
      set_key_by_content();
    return engine::success();
  }

  // The same event of the same second is the same one (clients.md, 3).
  void set_key_by_content() {
    json::array whole{json::value(body_)};
    for (const auto& who : event_.identities)
      whole.emplace_back(who.key);
    set_fingerprint(with_, command_, whole, key_scope::customerio);
  }

  status read_device(bool is_there) {
    const auto* device = loose_object(body_, "device");
    auto id
      = device == nullptr ? std::nullopt : loose_text(*device, {"id", "token"});
    if (!id)
      id = loose_text(body_, {"device_id"});
    if (!id)
      return invalid("field_required", "give the device's `id`", "/device/id");
    event_.record.type = is_there ? "device.added" : "device.removed";
    event_.traits["device:" + *id]
      = is_there && device != nullptr ? json::value(*device) : json::value();
    set_properties(event_, {{"device_id", json::value(*id)}}, std::nullopt);
    return engine::success();
  }

  // Nothing goes out to a person who is suppressed, over any channel.
  status read_choice(bool is_wanted) {
    event_.record.type
      = is_wanted ? "contact.unsuppressed" : "contact.suppressed";
    const auto all = with_.catalog->get();
    const auto of = all->workspaces.find(command_.workspace);
    if (of != all->workspaces.end())
      for (const auto& [id, endpoint] : of->second.endpoints)
        if (!endpoint.key.empty())
          event_.preferences.push_back({endpoint.key, {}, is_wanted, {}});
    set_properties(event_, {}, std::nullopt);
    return engine::success();
  }

  status read_merge() {
    event_.record.kind = event_kind::alias;
    event_.record.type = "$alias";
    const auto* other = loose_object(body_, "secondary");
    if (other == nullptr)
      return invalid("field_required",
                     "`secondary` is the person that becomes part of "
                     "`primary`",
                     "/secondary");
    if (const auto id = loose_text(*other, {"id", "cio_id"});
        id && id->find('@') == id->npos)
      return engine::error{engine::errc::conflict, "contacts_kept_apart",
                           "a person with an id of their own stays one: name "
                           "the secondary by its address",
                           "/secondary/id"};
    if (auto good = add_person(event_, *other, "/secondary"); !good)
      return good;
    set_properties(
      event_,
      {{"previous_id",
        loose_text(*other, {"id", "cio_id", "email"}).value_or("")}},
      std::nullopt);
    return engine::success();
  }

  const api_context& with_;
  messages::ingest& command_;
  engine::incoming_event& event_;
  json::object& body_;
  const event_setting& as_;
};

} // namespace

engine::result<messages::ingest>
read_item(const api_context& with, action what, const json::object& who,
          json::object body, std::string_view text, const event_setting& as) {
  auto command = begin_event(as, engine::door::customerio, text);
  if (auto good = item_reader{with, command, body, as}.read(what, who); !good)
    return good.failure();
  return command;
}

engine::result<messages::ingest> read_entity(const api_context& with,
                                             std::string_view text,
                                             const event_setting& as) {
  constexpr std::array actions{
    std::pair{std::string_view{"identify"}, action::identify},
    std::pair{std::string_view{"event"}, action::event},
    std::pair{std::string_view{"page"}, action::page},
    std::pair{std::string_view{"screen"}, action::screen},
    std::pair{std::string_view{"add_device"}, action::add_device},
    std::pair{std::string_view{"delete_device"}, action::remove_device},
    std::pair{std::string_view{"suppress"}, action::suppress},
    std::pair{std::string_view{"unsuppress"}, action::unsuppress},
    std::pair{std::string_view{"merge"}, action::merge}};
  auto document = read_object(text, loose_event_bytes_max);
  if (!document)
    return document.failure();
  auto& item = document->get_object();
  if (loose_text(item, {"type"}).value_or("person") != "person")
    return invalid("field_invalid", "`type` is person", "/type");
  item.erase("type");
  const auto named = loose_text(item, {"action"}).value_or("");
  const auto* found
    = std::find_if(actions.begin(), actions.end(), [&](const auto& each) {
        return each.first == named;
      });
  if (found == actions.end())
    return invalid("field_invalid",
                   "`action` is identify, event, page, screen, add_device, "
                   "delete_device, suppress, unsuppress or merge",
                   "/action");
  const auto* who = loose_object(
    item, found->second == action::merge ? "primary" : "identifiers");
  return read_item(with, found->second, who == nullptr ? json::object{} : *who,
                   item, text, as);
}

} // namespace troupe::http::customerio
