#include "http/doors/import/import_line.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_slice.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_json.hpp"
#include "http/doors/native/event_members.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::event_kind;
using engine::identity_kind;
using engine::invalid;
using engine::status;

using name_list = std::initializer_list<std::string_view>;

class line_reader {
public:
  line_reader(const api_context& with, messages::ingest& command,
              json::object& from, const event_setting& as)
    : with_(with),
      command_(command),
      event_(command.event),
      from_(from),
      as_(as) {}

  status read() {
    const auto name = read_event_name(from_, {"type", "event", "name"});
    if (!name)
      return name.failure();
    event_.record.type = *name;
    event_.record.kind = kind_of(*name);
    if (auto good = read_who(); !good)
      return good;
    if (auto good = read_time(); !good)
      return good;
    if (auto good = read_properties(); !good)
      return good;
    if (auto good = read_traits(); !good)
      return good;
    if (auto good = native::read_value(event_, from_); !good)
      return good;
    return read_id();
  }

private:
  // Of a client's own call, when the line says that it was one.
  [[nodiscard]] event_kind kind_of(std::string_view name) const {
    constexpr std::array calls{
      std::pair{event_kind::identify, std::string_view{"$identify"}},
      std::pair{event_kind::page, std::string_view{"$page_view"}},
      std::pair{event_kind::screen, std::string_view{"$screen_view"}},
      std::pair{event_kind::group, std::string_view{"$group"}},
      std::pair{event_kind::alias, std::string_view{"$alias"}}};
    const auto said = loose_text(from_, {"kind"});
    for (const auto& [kind, of] : calls)
      if (of == name && said == engine::name_of(kind))
        return kind;
    return event_kind::track;
  }

  // In `contact`, or beside the other members.
  status read_who() {
    const auto* contact = loose_object(from_, "contact");
    const auto& in = contact == nullptr ? from_ : *contact;
    const auto add = [&](identity_kind kind, name_list names) -> status {
      const auto text = loose_text(in, names);
      if (!text)
        return engine::success();
      if (!add_identity(event_, kind, *text))
        return invalid("field_invalid",
                       "this is no valid " + std::string{engine::name_of(kind)},
                       (contact == nullptr ? "/" : "/contact/")
                         + std::string{engine::name_of(kind)});
      if (kind == identity_kind::anonymous_id)
        event_.record.anonymous_id = *text;
      return engine::success();
    };
    if (auto good
        = add(identity_kind::external_id, {"external_id", "user_id", "userId"});
        !good)
      return good;
    if (auto good = add(identity_kind::email, {"email"}); !good)
      return good;
    if (auto good = add(identity_kind::phone, {"phone"}); !good)
      return good;
    if (auto good
        = add(identity_kind::anonymous_id, {"anonymous_id", "anonymousId"});
        !good)
      return good;
    if (!event_.identities.empty())
      return engine::success();
    if (contact != nullptr && contact->contains("id"))
      return native::read_contact(command_, from_, *with_.ids);
    return invalid("contact_required",
                   "identify the contact by external_id, email, phone or "
                   "anonymous_id",
                   "/contact");
  }

  status read_time() {
    for (const std::string_view name :
         {"occurred_at", "timestamp", "occurredAt"}) {
      const auto* said = from_.if_contains(name);
      if (said == nullptr || said->is_null())
        continue;
      const auto at = read_instant(*said, true);
      if (!at)
        return invalid("field_invalid",
                       "`" + std::string{name}
                         + "` is an ISO 8601 time, or seconds or milliseconds "
                           "since 1970",
                       engine::pointer_to({}, name));
      event_.record.occurred_at = *at;
      if (as_.is_history && *at <= as_.received_at)
        return engine::success();
      return check_occurred(*at, as_.received_at, engine::pointer_to({}, name));
    }
    return engine::success();
  }

  status read_properties() {
    for (const std::string_view name : {"metadata", "properties"}) {
      auto* given = from_.if_contains(name);
      if (given == nullptr || given->is_null())
        continue;
      if (!given->is_object())
        return invalid("field_type_mismatch",
                       "`" + std::string{name} + "` is an object",
                       engine::pointer_to({}, name));
      set_properties(event_, given->get_object(),
                     engine::find_member(event_.record.body, name));
      break;
    }
    if (const auto slice = engine::find_member(event_.record.body, "context");
        slice && slice->starts_with('{'))
      event_.record.context = place_in_body(event_.record, *slice);
    return engine::success();
  }

  // What an event says of the contact, and what is said beside it.
  status read_traits() {
    if (event_.record.type == "$identify")
      if (const auto* said = loose_object(event_.properties, "traits"))
        event_.traits = *said;
    const auto* beside = from_.if_contains("traits");
    if (beside != nullptr && !beside->is_null()) {
      if (!beside->is_object())
        return invalid("field_type_mismatch", "`traits` is an object",
                       "/traits");
      for (const auto& each : beside->get_object())
        event_.traits[each.key()] = each.value();
    }
    if (event_.record.type == "$identify")
      for (const auto kind : {identity_kind::email, identity_kind::phone})
        add_of_traits(kind);
    return engine::success();
  }

  // Its address and number, so that it can be reached.
  void add_of_traits(identity_kind kind) {
    const auto* text = event_.traits.if_contains(engine::name_of(kind));
    const auto is_known
      = std::any_of(event_.identities.begin(), event_.identities.end(),
                    [kind](const engine::identity& each) {
                      return each.kind == kind;
                    });
    if (text != nullptr && text->is_string() && !is_known)
      add_identity(event_, kind, std::string_view{text->get_string()});
  }

  status read_id() {
    const auto id = loose_text(from_, {"message_id", "messageId", "id"});
    if (!id)
      return engine::success();
    if (!is_idempotency_key(*id))
      return invalid("field_invalid", "`id` is a text of 1 to 200 characters",
                     "/id");
    event_.record.message_id = *id;
    return engine::success();
  }

  const api_context& with_;
  messages::ingest& command_;
  engine::incoming_event& event_;
  json::object& from_;
  const event_setting& as_;
};

} // namespace

engine::result<messages::ingest> read_import_line(const api_context& with,
                                                  std::string_view text,
                                                  const event_setting& as) {
  auto document = read_object(text, loose_event_bytes_max);
  if (!document)
    return document.failure();
  auto command = begin_event(as, engine::door::native, text);
  if (auto good = line_reader{with, command, document->get_object(), as}.read();
      !good)
    return good.failure();
  return command;
}

} // namespace troupe::http
