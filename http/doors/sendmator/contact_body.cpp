#include "http/doors/sendmator/contact_body.hpp"

#include "engine/contact.hpp"
#include "engine/json_pointer.hpp"
#include "http/doors/sendmator/send_body.hpp"
#include "http/resources/contact_write.hpp"
#include "http/resources/json_body.hpp"
#include "http/resources/preferences.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::preference_list;
using engine::result;
using engine::status;

constexpr std::size_t preferences_given_max = 100;
constexpr std::string_view whole_channel = "*"; // as a category
/// Attributes that have a place of their own in Sendmator's contacts.
constexpr std::array own_members{"first_name", "last_name", "metadata"};

status copy_identities(json::object& into, const json::object& from) {
  for (const auto* name : {"external_id", "email", "phone"}) {
    const auto* given = from.if_contains(name);
    if (given == nullptr)
      continue;
    const auto text = read_text(from, name, engine::pointer_to("", name));
    if (!text)
      return text.failure();
    into[name] = given->is_null() ? json::value() : json::value(*text);
  }
  return engine::success();
}

// custom_fields, and beside them what has a name of its own.
status copy_attributes(json::object& into, json::object& from) {
  const auto fields = read_object(from, "custom_fields", "/custom_fields");
  if (!fields)
    return fields.failure();
  json::object attributes;
  if (*fields != nullptr)
    attributes = **fields;
  for (const auto* name : own_members) {
    const auto* given = from.if_contains(name);
    if (given == nullptr)
      continue;
    const auto fits
      = name == own_members.back() ? given->is_object() : given->is_string();
    if (!fits && !given->is_null())
      return engine::invalid("field_type_mismatch",
                             "first_name and last_name are texts, metadata is "
                             "an object",
                             engine::pointer_to("", name));
    attributes[name] = *given;
  }
  into["attributes"] = std::move(attributes);
  return engine::success();
}

result<engine::preference> choice_of(const api_context& with, const visit& now,
                                     json::object given,
                                     const std::string& pointer) {
  if (const auto* category = given.if_contains("category");
      category != nullptr && category->is_string()
      && std::string_view{category->get_string()} == whole_channel)
    given.erase("category");
  const auto known = with.catalog->get();
  json::value choice;
  choice = std::move(given);
  return read_choice(choice, known->workspaces.at(now.who.workspace), pointer);
}

// {channel: {category: subscribed}}
status add_preferences(preference_list& into, const api_context& with,
                       const visit& now, json::object& from) {
  const auto all = read_object(from, "preferences", "/preferences");
  if (!all)
    return all.failure();
  if (*all == nullptr)
    return engine::success();
  for (const auto& channel : **all) {
    const auto place = engine::pointer_to("/preferences", channel.key());
    if (!channel.value().is_object())
      return engine::invalid("field_type_mismatch",
                             "preferences are {channel: {category: true or "
                             "false}}",
                             place);
    for (const auto& each : channel.value().get_object()) {
      auto choice = choice_of(with, now,
                              {{"channel", channel.key()},
                               {"category", each.key()},
                               {"subscribed", each.value()}},
                              engine::pointer_to(place, each.key()));
      if (!choice)
        return choice.failure();
      into.push_back(std::move(*choice));
    }
  }
  if (into.size() > preferences_given_max)
    return bad("preferences has at most 100 choices");
  return engine::success();
}

status check_active(const json::object& from) {
  const auto* given = from.if_contains("is_active");
  if (given == nullptr || given->is_null()
      || (given->is_bool() && given->get_bool()))
    return engine::success();
  return bad("is_active is true: who shall be sent nothing has preferences");
}

// What the native reader complains of stands elsewhere in this body.
engine::error as_sent(engine::error why) {
  constexpr std::string_view native = "/attributes";
  if (why.pointer.starts_with(native))
    why.pointer.replace(0, native.size(), "/custom_fields");
  return why;
}

json::value identity_or_null(const engine::contact_state& of,
                             identity_kind kind) {
  const auto* who = of.find(kind);
  return who == nullptr ? json::value() : json::value(who->value);
}

// Nothing goes out to the contact, over any channel there is.
bool is_unsubscribed(const engine::contact_state& of,
                     const messages::workspace_catalog& known) {
  bool any = false;
  for (const auto& [id, each] : known.endpoints) {
    if (each.is_webhook || each.state == messages::endpoint_state::archived)
      continue;
    any = true;
    if (engine::refusal_of(*of.preferences, each.key, {}) == nullptr)
      return false;
  }
  return any;
}

json::object choices_of(const engine::contact_state& of) {
  json::object out;
  for (const auto& each : *of.preferences) {
    auto& channel = out[each.channel];
    if (!channel.is_object())
      channel.emplace_object();
    const auto category
      = each.category.empty() ? whole_channel : std::string_view{each.category};
    channel.get_object()[json::string_view{category.data(), category.size()}]
      = each.subscribed;
  }
  return out;
}

json::array tags_of(const engine::contact_state& of) {
  json::array out;
  for (const auto& each : *of.tags)
    out.emplace_back(each);
  return out;
}

} // namespace

result<messages::contact_change> read_contact(const api_context& with,
                                              const visit& now, bool is_new) {
  auto from = read_members(now.what.body);
  if (!from)
    return from.failure();
  if (auto good
      = check_members(*from, {"external_id", "email", "phone", "first_name",
                              "last_name", "tags", "is_active", "custom_fields",
                              "metadata", "preferences"});
      !good)
    return good.failure();
  if (auto good = check_active(*from); !good)
    return good.failure();
  auto change = change_by(with, now);
  auto& event = change.command.event;
  event.write->exact = !is_new;
  event.write->is_new = is_new;
  json::object native;
  if (auto good = copy_identities(native, *from); !good)
    return good.failure();
  if (auto good = copy_attributes(native, *from); !good)
    return good.failure();
  if (const auto* tags = from->if_contains("tags");
      tags != nullptr && !tags->is_null())
    native["tags"] = *tags;
  if (auto good = http::read_members(change, native); !good)
    return as_sent(good.failure());
  if (auto good = add_preferences(event.preferences, with, now, *from); !good)
    return good.failure();
  if (is_new && event.identities.empty())
    return bad("email is required; or give external_id or phone");
  return change;
}

result<preference_list> read_preferences(const api_context& with,
                                         const visit& now) {
  const auto from = read_members(now.what.body);
  if (!from)
    return from.failure();
  if (auto good = check_members(*from, {"preferences"}); !good)
    return good.failure();
  const auto* all = from->if_contains("preferences");
  if (all == nullptr || !all->is_array() || all->get_array().empty()
      || all->get_array().size() > preferences_given_max)
    return bad("preferences is a list of 1 to 100 {channel, category, "
               "subscribed}");
  preference_list out;
  for (const auto& each : all->get_array()) {
    const auto place = "/preferences/" + std::to_string(out.size());
    if (!each.is_object())
      return bad("a preference is {channel, category, subscribed}");
    auto choice = choice_of(with, now, each.get_object(), place);
    if (!choice)
      return choice.failure();
    out.push_back(std::move(*choice));
  }
  return out;
}

result<preference_list> read_preference(const api_context& with,
                                        const visit& now) {
  auto from = read_members(now.what.body);
  if (!from)
    return from.failure();
  if (auto good = check_members(*from, {"subscribed"}); !good)
    return good.failure();
  for (const auto* name : {"channel", "category"})
    (*from)[name] = json::value(std::string{now.route.parameter(name)});
  auto choice = choice_of(with, now, std::move(*from), {});
  if (!choice)
    return choice.failure();
  return preference_list{std::move(*choice)};
}

result<std::vector<std::string>> read_tags(const visit& now) {
  const auto from = read_members(now.what.body);
  if (!from)
    return from.failure();
  messages::contact_change holder;
  holder.command.event.write.emplace();
  const auto* tags = from->if_contains("tags");
  if (tags == nullptr || from->size() != 1 || !tags->is_array()
      || tags->get_array().empty())
    return bad("tags is a list of at least one text");
  if (auto good = http::read_members(holder, {{"tags", *tags}}); !good)
    return good.failure();
  return std::move(*holder.command.event.write->tags);
}

json::object contact_view(const engine::contact_state& of,
                          const view_context& with) {
  json::object fields = *of.attributes;
  json::object out{
    {"id", with.ids.contact(of.workspace, of.id)},
    {"external_id", identity_or_null(of, identity_kind::external_id)},
    {"email", identity_or_null(of, identity_kind::email)},
    {"phone", identity_or_null(of, identity_kind::phone)}};
  for (const auto* name : own_members) {
    const auto* held = fields.if_contains(name);
    out[name] = held == nullptr ? json::value() : *held;
    fields.erase(name);
  }
  out["tags"] = tags_of(of);
  out["is_active"] = true;
  out["is_unsubscribed"] = is_unsubscribed(of, with.workspace);
  out["custom_fields"] = std::move(fields);
  out["preferences"] = choices_of(of);
  out["created_at"] = engine::to_iso8601(engine::created_at(of.id));
  out["updated_at"] = engine::to_iso8601(of.last_at);
  return out;
}

json::object tags_view(const engine::contact_state& of, const view_context&) {
  json::object out;
  out["tags"] = tags_of(of);
  return out;
}

json::object preferences_view(const engine::contact_state& of,
                              const view_context&) {
  const auto total = of.preferences->size();
  const auto subscribed = static_cast<std::size_t>(
    std::count_if(of.preferences->begin(), of.preferences->end(),
                  [](const engine::preference& each) {
                    return each.subscribed;
                  }));
  json::object out;
  out["preferences"] = choices_of(of);
  out["totalPreferences"] = total;
  out["subscribedCount"] = subscribed;
  out["unsubscribedCount"] = total - subscribed;
  out["subscriptionRate"] = total == 0 ? 100 : subscribed * 100 / total;
  return out;
}

} // namespace troupe::http::sendmator
