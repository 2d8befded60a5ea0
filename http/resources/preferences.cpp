#include "http/resources/preferences.hpp"

#include "engine/contact.hpp"
#include "engine/unicode.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/contact_write.hpp"
#include "http/resources/json_body.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::preference;
using engine::result;
using messages::scope;

constexpr std::size_t given_max = 100;

json::object view_of(const engine::contact_state& of) {
  json::array data;
  for (const auto& each : *of.preferences)
    data.push_back({{"channel", each.channel},
                    {"category", each.category},
                    {"subscribed", each.subscribed},
                    {"updated_at", engine::to_iso8601(each.updated_at)}});
  json::object view;
  view["data"] = std::move(data);
  return view;
}

bool has_channel(const messages::workspace_catalog& of, std::string_view key) {
  return std::any_of(
    of.endpoints.begin(), of.endpoints.end(), [&](const auto& each) {
      const auto& entry = each.second;
      return !entry.is_webhook && entry.key == key
             && entry.state != messages::endpoint_state::archived;
    });
}

result<engine::preference_list>
read_choices(const request& what, const messages::workspace_catalog& known) {
  const auto body = read_object(what);
  if (!body)
    return body.failure();
  if (auto good = check_members(*body, {"data"}); !good)
    return good.failure();
  const auto* data = body->if_contains("data");
  if (data == nullptr || !data->is_array() || data->get_array().empty()
      || data->get_array().size() > given_max)
    return invalid("field_required",
                   "`data` is a list of 1 to 100 choices {channel, category?, "
                   "subscribed}",
                   "/data");
  engine::preference_list out;
  for (const auto& each : data->get_array()) {
    auto choice
      = read_choice(each, known, "/data/" + std::to_string(out.size()));
    if (!choice)
      return choice.failure();
    out.push_back(std::move(*choice));
  }
  return out;
}

void show_preferences(const api_context& with, visit now) {
  messages::timeline_search what;
  what.limit = 0;
  auto reference
    = read_reference(now.route.parameter("ref"), now.who.workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  what.contact = std::move(*reference);
  auto slot = slot_for<messages::contact_shown>(
    [answer
     = pending_answer{std::move(now)}](const messages::contact_shown& shown) {
      if (shown.failure)
        answer.refuse(*shown.failure);
      else
        answer.respond(json_response(view_of(shown.state)));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(what),
                 std::move(slot));
}

void change_preferences(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  const auto known = with.catalog->get();
  auto reference
    = read_reference(now.route.parameter("ref"), workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  auto choices = read_choices(now.what, known->workspaces.at(workspace));
  if (!choices)
    return now.refuse(choices.failure());
  auto wish = change_by(with, now);
  wish.contact = std::move(*reference);
  wish.command.event.write->exact = true;
  wish.command.event.preferences = std::move(*choices);
  change_contact(
    with, pending_answer{std::move(now)}, std::move(wish),
    [](const messages::contact_changed& changed, const view_context&) {
      return json_response(view_of(changed.shown.state));
    });
}

} // namespace

result<preference> read_choice(const json::value& from,
                               const messages::workspace_catalog& known,
                               const std::string& pointer) {
  if (!from.is_object())
    return invalid("field_type_mismatch",
                   "a choice is {channel, category?, subscribed}", pointer);
  const auto& given = from.get_object();
  if (const auto good
      = check_members(given, {"channel", "category", "subscribed"});
      !good) {
    auto why = good.failure();
    why.pointer = pointer + why.pointer;
    return why;
  }
  preference choice;
  const auto* channel = given.if_contains("channel");
  if (channel == nullptr || !channel->is_string())
    return invalid("field_required", "`channel` is the key of a channel",
                   pointer + "/channel");
  choice.channel = channel->get_string();
  if (!has_channel(known, choice.channel))
    return invalid("unknown_channel", "there is no channel with this key",
                   pointer + "/channel");
  if (const auto* category = given.if_contains("category")) {
    if (!category->is_string()
        || category->get_string().size() > engine::category_bytes_max
        || engine::has_control(std::string_view{category->get_string()}))
      return invalid("field_type_mismatch",
                     "`category` is a text of at most 64 bytes, without "
                     "control characters; empty is the whole channel",
                     pointer + "/category");
    choice.category = category->get_string();
  }
  const auto* subscribed = given.if_contains("subscribed");
  if (subscribed == nullptr || !subscribed->is_bool())
    return invalid("field_required", "`subscribed` is true or false",
                   pointer + "/subscribed");
  choice.subscribed = subscribed->get_bool();
  return choice;
}

std::vector<api_route> preference_routes() {
  return {{"GET", "/v1/contacts/{ref}/preferences", scope::events_read,
           show_preferences},
          {"PUT", "/v1/contacts/{ref}/preferences", scope::manage,
           change_preferences, body_rule::json, 64 * 1024}};
}

} // namespace troupe::http
