#include "http/doors/inngest/inngest_door.hpp"

#include "engine/json_slice.hpp"
#include "http/doors/door_event.hpp"
#include "http/doors/loose_event.hpp"
#include "http/doors/loose_json.hpp"
#include "http/doors/rejections.hpp"
#include "http/inflate.hpp"

#include <boost/json/array.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::error;
using engine::identity_kind;
using engine::invalid;
using engine::result;
using engine::status;
using messages::ingest;
using messages::scope;

constexpr std::size_t body_bytes_max = std::size_t{5} * 1024 * 1024;

std::optional<credentials> key_in_path(const request& head) {
  return credentials{std::string{head.route.parameter("key")},
                     {engine::errc::unauthenticated,
                      "invalid_api_key",
                      "the path ends in an event key",
                      {}}};
}

response refuse(const error& why, const problem_context& about) {
  const auto code
    = why.name == "body_invalid_json" ? std::uint16_t{400} : status_of(why);
  auto answer = json_response(json::object{{"ids", json::array{}},
                                           {"status", code},
                                           {"error", why.message}},
                              code);
  append_retry_after(answer.headers, retry_after_of(why, about));
  return answer;
}

constexpr dialect door{engine::door::inngest, key_in_path, refuse};

const dialect* inngest_here(const request&) {
  return &door;
}

// `user` says it, or the data as its products call it.
status read_who(engine::incoming_event& event, const json::object& from) {
  const auto* user = loose_object(from, "user");
  const auto* data = loose_object(from, "data");
  const auto find = [&](std::initializer_list<std::string_view> of_user,
                        std::initializer_list<std::string_view> of_data) {
    auto text = user == nullptr ? std::nullopt : loose_text(*user, of_user);
    return text || data == nullptr ? text : loose_text(*data, of_data);
  };
  if (const auto id = find({"external_id", "externalId", "id"},
                           {"user_id", "userId", "external_id"}))
    add_identity(event, identity_kind::external_id, *id);
  if (const auto email = find({"email"}, {"email"}))
    add_identity(event, identity_kind::email, *email);
  if (const auto phone = find({"phone"}, {"phone"}))
    add_identity(event, identity_kind::phone, *phone);
  if (event.identities.empty())
    return invalid("contact_required",
                   "identify the contact by `user.external_id` or "
                   "`user.email`",
                   "/user");
  return engine::success();
}

result<ingest> read_event(const api_context& with, const visit& now,
                          std::string_view text, const std::string& seed) {
  auto document = read_object(text, loose_event_bytes_max);
  if (!document)
    return document.failure();
  auto& from = document->get_object();
  const auto as = setting_of(with, now);
  auto command = begin_event(as, engine::door::inngest, text);
  auto& event = command.event;
  const auto name = read_event_name(from, {"name"});
  if (!name)
    return name.failure();
  event.record.type = *name;
  if (auto good = read_who(event, from); !good)
    return good.failure();
  if (const auto* ts = from.if_contains("ts"); ts != nullptr && ts->is_number())
    if (auto good = read_milliseconds(event.record, *ts, "ts", as); !good)
      return good.failure();
  if (auto* data = from.if_contains("data");
      data != nullptr && data->is_object())
    set_properties(event, std::move(data->get_object()),
                   engine::find_member(event.record.body, "data"));
  auto id = loose_text(from, {"id"});
  if (!id && !seed.empty())
    id = seed;
  if (id && is_idempotency_key(*id))
    set_message_id(with, command, *id, key_scope::inngest);
  if (auto good = hold_to_rules(with, now, command, "/name", "/data"); !good)
    return good.failure();
  return command;
}

// An event without an id has one of the request's: a retry carries the same.
std::string seed_of(const visit& now, std::size_t index) {
  const auto seed = now.what.header("X-Inngest-Event-Id-Seed");
  return seed ? std::string{*seed} + ":" + std::to_string(index)
              : std::string{};
}

void post(const api_context& with, visit now) {
  auto body = inflated(std::move(now.what.body),
                       now.what.header("Content-Encoding"), body_bytes_max);
  if (!body)
    return now.refuse(body.failure());
  const auto kept = std::make_shared<const std::string>(std::move(*body));
  auto texts = engine::elements_of(*kept);
  const auto is_list = texts.has_value();
  if (!is_list)
    texts.emplace(1, *kept);
  std::vector<read_item> items;
  json::array ids;
  for (std::size_t i = 0; i < texts->size(); ++i) {
    const auto text = (*texts)[i];
    auto command = read_event(with, now, text, seed_of(now, i));
    if (!command && command.failure().name == "body_invalid_json")
      return now.refuse(command.failure());
    ids.emplace_back(command ? command->event.record.message_id
                             : std::string{});
    items.push_back({text, in_parcel(std::move(command))});
  }
  take_or_reject(
    with, std::move(now), kept, std::move(items), is_list ? "/" : "",
    [ids = std::move(ids), as_text = with.ids](const taken_events& taken) {
      auto all = ids;
      for (const auto& [index, done] : taken)
        if (all[index].get_string().empty())
          all[index] = as_text->at_position("evt_", done->workspace,
                                            {done->at, done->turn, 0});
      return json_response(json::object{{"ids", all}, {"status", 200}});
    });
}

} // namespace

std::vector<api_route> inngest_routes() {
  return {{"POST", "/e/{key}", scope::events_write, post, body_rule::any,
           body_bytes_max, inngest_here}};
}

} // namespace troupe::http
