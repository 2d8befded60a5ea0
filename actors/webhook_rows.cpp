// Wishes about webhook endpoints.
#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "engine/json_text.hpp"
#include "engine/webhook_body.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::invalid;
using engine::result;
using engine::status;
using persistence::definition_status;
using persistence::destination_kind;
using persistence::destination_row;

constexpr std::size_t events_max = 100;
constexpr std::size_t description_bytes_max = 1000;
constexpr std::size_t template_bytes_max = std::size_t{64} * 1024;
constexpr auto both_sign_for = std::chrono::hours{24};

status check_events(const json::value& events) {
  if (!events.is_array() || events.get_array().empty()
      || events.get_array().size() > events_max)
    return invalid("field_required",
                   "`events` is a list of 1 to 100 names, prefixes such as "
                   "\"order.*\", or \"*\"",
                   "/events");
  std::size_t index = 0;
  for (const auto& event : events.get_array()) {
    if (!event.is_string() || event.get_string().empty()
        || event.get_string().size() > 256)
      return invalid("field_type_mismatch",
                     "an event is a text of 1 to 256 bytes",
                     "/events/" + std::to_string(index));
    if (!engine::event_pattern{std::string{event.get_string()}}
           .is_well_formed())
      return invalid("event_pattern_invalid",
                     "an event is a name, a prefix such as \"order.*\", or "
                     "\"*\"",
                     "/events/" + std::to_string(index));
    ++index;
  }
  return engine::success();
}

status check_filter(const json::value& filter) {
  engine::condition_options strict;
  strict.roots = engine::condition_roots;
  if (auto rule = engine::condition::compile(filter, strict, "/filter"); !rule)
    return rule.failure();
  return engine::success();
}

template <class Table>
status check_word(const json::object& from, std::string_view name,
                  const Table& words) {
  const auto* given = from.if_contains(name);
  if (given == nullptr || given->is_null()
      || (given->is_string()
          && engine::find_word(words, std::string_view{given->get_string()})))
    return engine::success();
  std::string known;
  for (const auto& each : words)
    known += (known.empty() ? "\"" : ", \"") + std::string{each.second} + '"';
  return invalid("field_invalid",
                 "`" + std::string{name} + "` is one of " + known,
                 "/" + std::string{name});
}

// How the endpoint is spoken to.
status check_form(const json::object& from) {
  constexpr std::array orderings{std::pair{true, std::string_view{"contact"}},
                                 std::pair{false, std::string_view{"none"}}};
  if (auto good = check_word(from, "profile", engine::webhook_profile_names);
      !good)
    return good;
  if (auto good = check_word(from, "format", engine::webhook_format_names);
      !good)
    return good;
  if (auto good = check_word(from, "ordering", orderings); !good)
    return good;
  const auto* body = from.if_contains("template");
  if (body == nullptr || body->is_null())
    return engine::success();
  if (engine::to_json(*body).size() > template_bytes_max)
    return invalid("template_limit", "a template has at most 64 KiB",
                   "/template");
  return engine::check_webhook_template(*body);
}

// One goes with the other.
status check_template(const json::object& settings) {
  const auto* format = settings.if_contains("format");
  const auto is_own = format != nullptr && *format == "template";
  if (is_own == settings.contains("template"))
    return engine::success();
  return is_own ? invalid("field_required",
                          "with the format \"template\" give the `template`",
                          "/template")
                : invalid("field_invalid",
                          "`template` goes with the format \"template\"",
                          "/template");
}

// What is there must be right; null takes a filter or a description away.
status check_given(const json::object& from,
                   const definitions_options& options) {
  if (from.contains("url"))
    if (auto good = check_url(from, options); !good)
      return good;
  if (const auto* events = from.if_contains("events"))
    if (auto good = check_events(*events); !good)
      return good;
  if (const auto* filter = from.if_contains("filter");
      filter != nullptr && !filter->is_null())
    if (auto good = check_filter(*filter); !good)
      return good;
  if (const auto* text = from.if_contains("description");
      text != nullptr && !text->is_null()
      && (!text->is_string()
          || text->get_string().size() > description_bytes_max))
    return invalid("field_type_mismatch",
                   "`description` is a text of at most 1,000 bytes",
                   "/description");
  if (const auto* state = from.if_contains("status");
      state != nullptr
      && (!state->is_string()
          || (state->get_string() != "active"
              && state->get_string() != "paused")))
    return invalid("field_type_mismatch",
                   "`status` is \"active\" or \"paused\"", "/status");
  return check_form(from);
}

void take(json::object& settings, const json::object& from) {
  for (const std::string_view name :
       {"url", "events", "filter", "description", "profile", "format",
        "template", "ordering"})
    if (const auto* given = from.if_contains(name)) {
      if (given->is_null())
        settings.erase(name);
      else
        settings[name] = *given;
    }
}

bool is_paused(const json::object& from) {
  const auto* state = from.if_contains("status");
  return state != nullptr && state->get_string() == "paused";
}

result<destination_row> row_named(const messages::definition_change& wish,
                                  const definitions_options& options) {
  const auto table = options.destinations->get();
  for (const auto& entry : table->entries)
    if (entry.row.text_id == wish.target
        && entry.row.workspace == wish.workspace
        && entry.row.kind == destination_kind::webhook
        && entry.row.status != definition_status::archived)
      return entry.row;
  return error{
    errc::not_found, "webhook_not_found", "there is no such webhook", {}};
}

json::object settings_of(const destination_row& row) {
  json::error_code failure;
  auto settings = json::parse(row.settings, failure);
  return settings.is_object() ? std::move(settings.get_object())
                              : json::object{};
}

wished_rows changed(destination_row row, const json::object& settings,
                    std::string action, std::string details = {}) {
  row.settings = engine::to_json(settings);
  wished_rows out;
  out.note.action = std::move(action);
  out.note.details = std::move(details);
  out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace

result<wished_rows> new_webhook(const messages::definition_change& wish,
                                const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"url", "events", "description", "filter",
                                       "status", "profile", "format",
                                       "template", "ordering", "signature"});
      !good)
    return good.failure();
  // The former name of `profile`.
  if (const auto* given = from.if_contains("signature");
      given != nullptr && *given != "standard")
    return invalid("field_invalid",
                   "`signature` is \"standard\"; say `profile` instead",
                   "/signature");
  if (!from.contains("url"))
    return text_member(from, "url", 2048).failure();
  if (!from.contains("events"))
    return check_events(nullptr).failure();
  if (auto good = check_given(from, options); !good)
    return good.failure();
  auto secret = options.make_secret();
  if (!secret)
    return secret.failure();
  json::object settings;
  take(settings, from);
  if (auto good = check_template(settings); !good)
    return good.failure();
  destination_row row;
  row.text_id = options.make_id("whe_");
  row.workspace = wish.workspace;
  row.kind = destination_kind::webhook;
  row.status
    = is_paused(from) ? definition_status::paused : definition_status::active;
  row.settings = engine::to_json(settings);
  row.secret = *secret;
  row.created_at = now_in(wish.workspace, options);
  wished_rows out;
  out.shown = std::move(settings);
  const auto form = engine::webhook_form_of(out.shown);
  out.shown["profile"]
    = engine::word_of(engine::webhook_profile_names, form.profile);
  out.shown["ordering"] = form.is_ordered ? "contact" : "none";
  out.shown["status"] = is_paused(from) ? "paused" : "active";
  out.shown["created_at"] = engine::to_iso8601(row.created_at);
  out.shown["signing_secret"] = *secret;
  out.note.action = "webhook.created";
  out.note.details = told(out.shown, {"events", "status", "profile", "format"});
  out.rows.emplace_back(std::move(row));
  return out;
}

result<wished_rows> changed_webhook(const messages::definition_change& wish,
                                    const definitions_options& options) {
  auto row = row_named(wish, options);
  if (!row)
    return row.failure();
  const auto& from = wish.body.get_object();
  if (auto good
      = check_members(from, {"url", "events", "description", "filter", "status",
                             "profile", "format", "template", "ordering"});
      !good)
    return good.failure();
  if (auto good = check_given(from, options); !good)
    return good.failure();
  if (from.empty())
    return wished_rows{};
  auto settings = settings_of(*row);
  take(settings, from);
  if (auto good = check_template(settings); !good)
    return good.failure();
  if (from.contains("status")) {
    row->forgets_failures = row->status == definition_status::disabled;
    row->status
      = is_paused(from) ? definition_status::paused : definition_status::active;
    settings.erase("disabled_at");
    settings.erase("disabled_reason");
  }
  return changed(std::move(*row), settings, "webhook.updated",
                 told(from, {"events", "status", "profile", "format"}));
}

result<wished_rows> removed_webhook(const messages::definition_change& wish,
                                    const definitions_options& options) {
  auto row = row_named(wish, options);
  if (!row)
    return row.failure();
  row->status = definition_status::archived;
  const auto settings = settings_of(*row);
  auto out = changed(std::move(*row), settings, "webhook.deleted");
  out.shown = {{"deleted", true}};
  return out;
}

result<wished_rows> disabled_webhook(const messages::definition_change& wish,
                                     const definitions_options& options) {
  auto row = row_named(wish, options);
  if (!row)
    return row.failure();
  if (row->status != definition_status::active)
    return wished_rows{};
  row->status = definition_status::disabled;
  auto settings = settings_of(*row);
  settings["disabled_at"] = engine::to_iso8601(now_in(wish.workspace, options));
  settings["disabled_reason"] = wish.body.at("reason");
  return changed(std::move(*row), settings, "webhook.disabled",
                 engine::to_json(wish.body));
}

result<wished_rows> rotated_webhook(const messages::definition_change& wish,
                                    const definitions_options& options) {
  auto row = row_named(wish, options);
  if (!row)
    return row.failure();
  auto secret = options.make_secret();
  if (!secret)
    return secret.failure();
  row->previous_secret = std::move(row->secret);
  row->previous_until = now_in(wish.workspace, options) + both_sign_for;
  row->secret = *secret;
  const auto until = engine::to_iso8601(row->previous_until);
  const auto settings = settings_of(*row);
  auto out = changed(std::move(*row), settings, "webhook.rotated");
  out.shown = {{"signing_secret", *secret}, {"previous_valid_until", until}};
  return out;
}

} // namespace troupe::actors
