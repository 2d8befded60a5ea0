#include "http/doors/call.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_slice.hpp"
#include "engine/json_text.hpp"
#include "http/doors/call_context.hpp"
#include "http/doors/call_time.hpp"
#include "http/doors/loose_json.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::event_kind;
using engine::identity_kind;
using engine::invalid;
using engine::result;
using engine::status;

constexpr std::size_t name_characters_max = 256;      // B26
constexpr std::size_t property_bytes_max = 10 * 1024; // B28

std::string pointer_to(std::string_view member) {
  return engine::pointer_to({}, member);
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

class call_reader {
public:
  call_reader(const api_context& with, messages::ingest& command,
              json::object& from, const call_rules& rules,
              const call_setting& setting)
    : with_(with),
      command_(command),
      event_(command.event),
      from_(from),
      rules_(rules),
      setting_(setting) {}

  status read() {
    if (auto good = read_time(); !good)
      return good;
    if (auto good = read_context(); !good)
      return good;
    if (auto good = read_who(); !good)
      return good;
    if (auto good = read_what(); !good)
      return good;
    return read_message_id();
  }

private:
  // @returns the text of a member; nothing when it is not there
  result<std::optional<std::string>> text_of(std::string_view name) const {
    const auto* given = from_.if_contains(name);
    if (given == nullptr || given->is_null())
      return std::optional<std::string>{};
    if (given->is_string())
      return std::optional{std::string{given->get_string()}};
    if (rules_.is_forgiving && (given->is_int64() || given->is_uint64()))
      return std::optional{engine::to_json(*given)};
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is a text", pointer_to(name));
  }

  // @returns null when it is not there, and leaves it where it is
  result<json::object*> object_of(std::string_view name) const {
    auto* given = from_.if_contains(name);
    if (given == nullptr || given->is_null())
      return nullptr;
    if (given->is_object())
      return &given->get_object();
    if (rules_.is_forgiving)
      return nullptr;
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is an object",
                   pointer_to(name));
  }

  std::optional<std::string_view> slice_of(std::string_view name) const {
    return engine::find_member(event_.record.body, name);
  }

  status add(std::string_view name, identity_kind kind) {
    const auto text = text_of(name);
    if (!text)
      return text.failure();
    if (!*text)
      return engine::success();
    if (!add_identity(event_, kind, **text))
      return invalid("field_invalid",
                     "this is no valid `" + std::string{name} + "`",
                     pointer_to(name));
    if (kind == identity_kind::anonymous_id)
      event_.record.anonymous_id = **text;
    return engine::success();
  }

  status read_who() {
    const auto& names = rules_.names;
    if (auto good = add(names.user_id, identity_kind::external_id); !good)
      return good;
    if (event_.record.kind == event_kind::alias)
      if (auto good = add(names.previous_id, identity_kind::anonymous_id);
          !good)
        return good;
    if (auto good = add(names.anonymous_id, identity_kind::anonymous_id); !good)
      return good;
    if (event_.identities.empty())
      return invalid("contact_required",
                     "identify the contact by `" + std::string{names.user_id}
                       + "` or `" + std::string{names.anonymous_id} + "`",
                     pointer_to(names.user_id));
    return engine::success();
  }

  status read_what() {
    switch (event_.record.kind) {
      case event_kind::track:
        return read_track();
      case event_kind::identify:
        return read_identify();
      case event_kind::page:
      case event_kind::screen:
        return read_page();
      case event_kind::group:
        return read_named("$group", "group_id", rules_.names.group_id);
      case event_kind::alias:
        return read_named("$alias", "previous_id", rules_.names.previous_id);
    }
    return engine::success();
  }

  status read_track() {
    const auto name = text_of("event");
    if (!name)
      return name.failure();
    if (!*name || (*name)->empty())
      return invalid("field_required",
                     "give the event's name, such as \"order.completed\"",
                     "/event");
    if (characters_of(**name) > name_characters_max)
      return invalid("field_invalid",
                     "the event's name has at most 256 characters", "/event");
    event_.record.type = **name;
    auto properties = object_of("properties");
    if (!properties)
      return properties.failure();
    if (*properties == nullptr)
      return engine::success();
    if (auto good = check_sizes(**properties); !good)
      return good;
    set_properties(event_, std::move(**properties), slice_of("properties"));
    return engine::success();
  }

  [[nodiscard]] status check_sizes(const json::object& properties) const {
    if (rules_.is_forgiving)
      return engine::success();
    for (const auto& item : properties)
      if (engine::to_json(item.value()).size() > property_bytes_max)
        return invalid("property_too_large",
                       "a property has at most 10 KiB; send a URL instead",
                       "/properties/" + std::string{item.key()});
    return engine::success();
  }

  // What is said of the contact becomes attributes, and its address and number
  // identities, so that it can be reached.
  status read_identify() {
    event_.record.type = "$identify";
    auto traits = object_of("traits");
    if (!traits)
      return traits.failure();
    json::object said;
    if (*traits != nullptr)
      said = std::move(**traits);
    else if (const auto* of = traits_of_context(from_))
      said = *of;
    for (const auto kind : {identity_kind::email, identity_kind::phone})
      if (const auto* text = said.if_contains(engine::name_of(kind));
          text != nullptr && text->is_string())
        add_identity(event_, kind, std::string_view{text->get_string()});
    event_.traits = said;
    set_properties(event_, {{"traits", std::move(said)}}, std::nullopt);
    return engine::success();
  }

  status read_page() {
    const auto is_page = event_.record.kind == event_kind::page;
    event_.record.type = is_page ? "$page_view" : "$screen_view";
    auto given = object_of("properties");
    if (!given)
      return given.failure();
    auto properties = *given == nullptr ? json::object{} : std::move(**given);
    for (const auto* name : {"name", "category"}) {
      const auto text = text_of(name);
      if (!text)
        return text.failure();
      if (*text && !properties.contains(name))
        properties[name] = **text;
    }
    if (is_page)
      add_page_of_context(properties, from_);
    if (auto good = check_sizes(properties); !good)
      return good;
    set_properties(event_, std::move(properties), std::nullopt);
    return engine::success();
  }

  // A call that names something: a group, a former id.
  status read_named(std::string_view type, std::string_view property,
                    std::string_view member) {
    event_.record.type = type;
    const auto name = text_of(member);
    if (!name)
      return name.failure();
    if (!*name || (*name)->empty())
      return invalid("field_required", "give `" + std::string{member} + "`",
                     pointer_to(member));
    json::object properties{{property, json::value(**name)}};
    auto traits = object_of("traits");
    if (!traits)
      return traits.failure();
    if (*traits != nullptr)
      properties["traits"] = std::move(**traits);
    set_properties(event_, std::move(properties), std::nullopt);
    return engine::success();
  }

  status read_context() {
    auto context = object_of("context");
    if (!context)
      return context.failure();
    if (*context == nullptr)
      return engine::success();
    auto& record = event_.record;
    if (fill_automatic(**context, setting_) || setting_.context != nullptr) {
      record.context = keep_behind(record, engine::to_json(**context));
    } else if (const auto slice = slice_of("context")) {
      record.context = place_in_body(record, *slice);
    }
    return engine::success();
  }

  status read_time() {
    auto at = occurred_at(from_, rules_, setting_);
    if (!at)
      return at.failure();
    event_.record.occurred_at = *at;
    return engine::success();
  }

  status read_message_id() {
    const auto& name = rules_.names.message_id;
    const auto id = text_of(name);
    if (!id)
      return id.failure();
    if (!*id || (*id)->empty())
      return engine::success();
    if (!is_idempotency_key(**id))
      return invalid("field_invalid",
                     "`" + std::string{name}
                       + "` is a text of 1 to 200 characters",
                     pointer_to(name));
    set_message_id(with_, command_, **id, rules_.keys);
    return engine::success();
  }

  const api_context& with_;
  messages::ingest& command_;
  engine::incoming_event& event_;
  json::object& from_;
  const call_rules& rules_;
  const call_setting& setting_;
};

std::optional<event_kind> kind_named(std::string_view name) {
  for (const auto kind :
       {event_kind::track, event_kind::identify, event_kind::page,
        event_kind::screen, event_kind::group, event_kind::alias})
    if (engine::name_of(kind) == name)
      return kind;
  return std::nullopt;
}

} // namespace

result<messages::ingest_parcel>
read_call(const api_context& with, engine::workspace_id workspace,
          std::string_view text, std::optional<event_kind> kind,
          const call_rules& rules, const call_setting& setting) {
  auto document = read_object(text, loose_event_bytes_max);
  if (!document)
    return document.failure();
  auto& from = document->get_object();
  if (!kind) {
    const auto* said = from.if_contains("type");
    if (said == nullptr || !said->is_string())
      return invalid("field_required",
                     "give its `type`: track, identify, page, screen, group "
                     "or alias",
                     "/type");
    kind = kind_named(std::string_view{said->get_string()});
    if (!kind)
      return invalid("field_invalid",
                     "`type` is track, identify, page, screen, group or alias",
                     "/type");
  }
  if (setting.context != nullptr)
    add_context(from, *setting.context);
  auto command = messages::ingest_parcel::of_new();
  command->workspace = workspace;
  auto& record = command->event.record;
  record.from = rules.from;
  record.kind = *kind;
  record.body = text;
  if (auto good = call_reader{with, *command, from, rules, setting}.read();
      !good)
    return good.failure();
  return command;
}

} // namespace troupe::http
