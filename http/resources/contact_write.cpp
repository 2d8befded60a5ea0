#include "http/resources/contact_write.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_text.hpp"
#include "engine/normalise.hpp"
#include "engine/unicode.hpp"
#include "http/idempotency_key.hpp"
#include "http/resources/contact_list.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/json_body.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::identity_kind;
using engine::invalid;
using engine::status;

constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::size_t name_bytes_max = 256; // of an attribute or a tag
constexpr std::size_t tags_given_max = 100; // as in an `update` node
constexpr std::int64_t score_max = 1'000'000'000;
constexpr std::array kinds{identity_kind::external_id, identity_kind::email,
                           identity_kind::phone, identity_kind::anonymous_id};

status read_removal(engine::contact_write& write, identity_kind kind,
                    const std::string& pointer) {
  if (!write.exact)
    return engine::success(); // as if it were not there
  if (kind == identity_kind::external_id || kind == identity_kind::anonymous_id)
    return invalid("field_invalid",
                   "null removes an e-mail or a phone; other identities stay",
                   pointer);
  write.removed.push_back(kind);
  return engine::success();
}

status read_identity(engine::incoming_event& event, const json::object& body,
                     identity_kind kind) {
  const auto name = engine::name_of(kind);
  const auto pointer = engine::pointer_to("", name);
  const auto* value = body.if_contains(name);
  if (value == nullptr)
    return engine::success();
  if (value->is_null())
    return read_removal(*event.write, kind, pointer);
  if (!value->is_string())
    return invalid("field_type_mismatch",
                   "`" + std::string{name} + "` is a text", pointer);
  const std::string_view text = value->get_string();
  auto who = engine::is_placeholder(text) ? std::nullopt
                                          : engine::make_identity(kind, text);
  if (!who)
    return invalid("field_invalid", "this is no valid " + std::string{name},
                   pointer);
  event.identities.push_back(std::move(*who));
  return engine::success();
}

status read_attributes(engine::incoming_event& event,
                       const json::object& body) {
  const auto* found = body.if_contains("attributes");
  if (found == nullptr)
    return engine::success();
  if (!found->is_object())
    return invalid("field_type_mismatch", "`attributes` is an object",
                   "/attributes");
  for (const auto& item : found->get_object())
    if (item.key().empty() || item.key().size() > name_bytes_max
        || engine::has_control(item.key()))
      return invalid("field_invalid",
                     "an attribute's name has 1 to 256 bytes, none of them a "
                     "control character",
                     engine::pointer_to("/attributes", item.key()));
  event.traits = found->get_object();
  return engine::success();
}

status read_tags(engine::contact_write& write, const json::object& body) {
  const auto* found = body.if_contains("tags");
  if (found == nullptr)
    return engine::success();
  if (!found->is_array() || found->get_array().size() > tags_given_max)
    return invalid("field_type_mismatch",
                   "`tags` is a list of at most 100 texts", "/tags");
  auto& tags = write.tags.emplace();
  for (const auto& item : found->get_array()) {
    const auto* text = item.if_string();
    if (text == nullptr || text->empty() || text->size() > name_bytes_max
        || engine::has_control(std::string_view{*text}))
      return invalid("field_invalid",
                     "a tag is a text of 1 to 256 bytes without control "
                     "characters",
                     "/tags/" + std::to_string(tags.size()));
    tags.emplace_back(*text);
  }
  return engine::success();
}

// @param about what the request is about beside its body
status read_key(engine::incoming_event& event, const visit& now,
                const json::object& body, std::string_view about) {
  const auto key = idempotency_key_of(now.what);
  if (!key)
    return key.failure();
  if (*key)
    event.key = idempotency_of(
      **key, key_scope::contacts, now.who.workspace,
      engine::fingerprint(
        json::object{{"contact", json::string_view{about.data(), about.size()}},
                     {"body", body}}));
  return engine::success();
}

engine::result<messages::contact_change>
read_change(const api_context& with, const visit& now, bool exact) {
  const auto body = read_object(now.what);
  if (!body)
    return body.failure();
  auto change = change_by(with, now);
  auto& event = change.command.event;
  event.write->exact = exact;
  if (auto good = read_members(change, *body); !good)
    return good.failure();
  const auto about = exact ? now.route.parameter("ref") : std::string_view{};
  if (auto good = read_key(event, now, *body, about); !good)
    return good.failure();
  return change;
}

json::array warnings_of(const messages::receipt& done) {
  json::array out;
  for (const auto& each : done.warnings) {
    json::object one{{"code", each.code}};
    if (engine::is_of_identity(each))
      one["identity"] = engine::name_of(each.kind);
    out.push_back(std::move(one));
  }
  return out;
}

response answer_of(const messages::contact_changed& changed,
                   const view_context& about) {
  auto shown = contact_view(changed.shown, about);
  if (!changed.done.warnings.empty())
    shown["warnings"] = warnings_of(changed.done);
  auto answer = json_response(shown, changed.done.created ? 201 : 200);
  if (changed.done.replayed)
    answer.headers.emplace_back("Idempotent-Replay", "true");
  return answer;
}

void upsert_contact(const api_context& with, visit now) {
  auto wish = read_change(with, now, false);
  if (!wish)
    return now.refuse(wish.failure());
  if (wish->command.event.identities.empty())
    return now.refuse(invalid("contact_required",
                              "identify the contact by external_id, email, "
                              "phone or anonymous_id",
                              ""));
  change_contact(with, pending_answer{std::move(now)}, std::move(*wish),
                 answer_of);
}

void update_contact(const api_context& with, visit now) {
  auto reference
    = read_reference(now.route.parameter("ref"), now.who.workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  auto wish = read_change(with, now, true);
  if (!wish)
    return now.refuse(wish.failure());
  wish->contact = std::move(*reference);
  change_contact(with, pending_answer{std::move(now)}, std::move(*wish),
                 answer_of);
}

} // namespace

messages::contact_change change_by(const api_context& with, const visit& now) {
  messages::contact_change change;
  auto& event = change.command.event;
  auto& write = event.write.emplace();
  const auto known = with.catalog->get();
  if (const auto* key = messages::key_numbered(*known, now.who.key))
    write.by = key->text_id;
  change.command.workspace = now.who.workspace;
  change.command.concurrent_max = now.who.concurrent_max;
  event.request_id = now.what.id.view();
  return change;
}

engine::status read_members(messages::contact_change& change,
                            const json::object& body) {
  auto& event = change.command.event;
  if (auto good
      = check_members(body, {"external_id", "email", "phone", "anonymous_id",
                             "attributes", "tags", "score"});
      !good)
    return good;
  for (const auto kind : kinds)
    if (auto good = read_identity(event, body, kind); !good)
      return good;
  if (auto good = read_attributes(event, body); !good)
    return good;
  if (auto good = read_tags(*event.write, body); !good)
    return good;
  if (const auto* score = body.if_contains("score"); score != nullptr) {
    if (!score->is_int64() || std::abs(score->get_int64()) > score_max)
      return invalid("field_type_mismatch",
                     "`score` is a whole number within ±1,000,000,000",
                     "/score");
    event.write->score = score->get_int64();
  }
  return engine::success();
}

void change_contact(const api_context& with, const pending_answer& answer,
                    messages::contact_change wish, written_view view) {
  auto slot = slot_for<messages::contact_changed>(
    [answer, ids = with.ids, catalog = with.catalog->get(),
     workspace = wish.command.workspace,
     view = std::move(view)](messages::contact_changed changed) {
      if (changed.failure) {
        auto why = std::move(*changed.failure);
        if (changed.owner != engine::contact_id{})
          why.message += ": " + ids->contact(workspace, changed.owner);
        return answer.refuse(why);
      }
      answer.respond(view(changed, {*ids, catalog->workspaces.at(workspace)}));
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

std::vector<api_route> contact_write_routes() {
  using messages::scope;
  return {{"POST", "/v1/contacts", scope::manage, upsert_contact,
           body_rule::json, body_bytes_max},
          {"PATCH", "/v1/contacts/{ref}", scope::manage, update_contact,
           body_rule::json, body_bytes_max}};
}

} // namespace troupe::http
