#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "engine/calendar.hpp"
#include "engine/engagement.hpp"
#include "engine/json_text.hpp"
#include "engine/rate_limits.hpp"

#include <algorithm>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::key_kind;
using engine::result;
using persistence::destination_kind;

constexpr std::int64_t retention_days_max = 3650;

engine::status check_zone(const json::value& given) {
  const auto name
    = given.is_string() ? std::string{given.get_string()} : std::string{};
  if (!name.empty() && engine::local_zone::find(name))
    return engine::success();
  auto message = std::string{"`timezone` is a name of the IANA database such "
                             "as \"Europe/London\""};
  if (const auto near = engine::nearest_zone(name); !near.empty())
    message += "; did you mean `" + near + "`?";
  return invalid("unknown_timezone", std::move(message), "/timezone");
}

engine::status check_settings(const json::object& from) {
  if (auto good
      = check_members(from, {"name", "rate_limits", "retention_days", "catalog",
                             "naming", "pii", "sessions", "timezone",
                             "idempotency", "erased_contacts"});
      !good)
    return good;
  if (const auto* zone = from.if_contains("timezone"))
    if (auto good = check_zone(*zone); !good)
      return good;
  if (const auto* limits = from.if_contains("rate_limits"))
    if (auto good = engine::parse_rate_limits(*limits, "/rate_limits"); !good)
      return good.failure();
  if (const auto* days = from.if_contains("retention_days"))
    if (!days->is_int64() || days->get_int64() < 1
        || days->get_int64() > retention_days_max)
      return invalid("field_invalid",
                     "`retention_days` is a whole number from 1 to 3,650",
                     "/retention_days");
  if (const auto* sessions = from.if_contains("sessions"))
    if (auto good = engine::parse_sessions(*sessions, "/sessions"); !good)
      return good.failure();
  const auto one_of
    = [&from](std::string_view name,
              std::initializer_list<std::string_view> words) -> engine::status {
    const auto* given = from.if_contains(name);
    if (given == nullptr
        || (given->is_string()
            && std::find(words.begin(), words.end(),
                         std::string_view{given->get_string()})
                 != words.end()))
      return engine::success();
    std::string known;
    for (const auto word : words)
      known += (known.empty() ? "\"" : ", \"") + std::string{word} + "\"";
    return invalid("field_invalid",
                   "`" + std::string{name} + "` is one of " + known,
                   "/" + std::string{name});
  };
  if (auto good = one_of("catalog", {"open", "closed"}); !good)
    return good;
  if (auto good = one_of("idempotency", {"per_door", "shared"}); !good)
    return good;
  if (auto good = one_of("erased_contacts", {"allow", "refuse"}); !good)
    return good;
  if (auto good = one_of("naming", {"lint", "strict"}); !good)
    return good;
  return one_of("pii", {"lint", "reject", "redact"});
}

} // namespace

std::vector<persistence::destination_row> first_channels() {
  std::vector<persistence::destination_row> rows;
  for (const auto& [kind, key] :
       {std::pair{destination_kind::capture, "capture"},
        std::pair{destination_kind::step, "http"}}) {
    auto& row = rows.emplace_back();
    row.kind = kind;
    row.key = key;
    row.status = persistence::definition_status::active;
    row.settings = "{}";
  }
  return rows;
}

result<wished_rows> new_workspace(const messages::definition_change& wish,
                                  const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_members(from, {"name", "kind"}); !good)
    return good.failure();
  const auto name = text_member(from, "name", access_name_max);
  if (!name)
    return name.failure();
  const auto kind = word_member(from, "kind", engine::workspace_kind_names,
                                engine::workspace_kind::live);
  if (!kind)
    return kind.failure();
  persistence::workspace_row row;
  row.text_id = options.make_id("ws_");
  row.name = *name;
  row.kind = *kind;
  row.created_at = options.clock();
  if (*kind == engine::workspace_kind::test)
    row.test_now
      = std::chrono::floor<std::chrono::milliseconds>(row.created_at);
  const auto made = options.make_key(key_kind::secret);
  wished_rows out;
  const auto word = engine::word_of(engine::workspace_kind_names, *kind);
  out.shown = {{"id", row.text_id},
               {"name", *name},
               {"kind", word},
               {"created_at", engine::to_iso8601(row.created_at)},
               {"key", made.text}};
  out.note.action = "workspace.created";
  out.note.details
    = engine::to_json(json::object{{"name", *name}, {"kind", word}});
  out.rows.emplace_back(std::move(row));
  out.rows.emplace_back(key_row_of(made, "first key", key_kind::secret,
                                   engine::workspace_scopes, options));
  for (auto& channel : first_channels()) {
    channel.text_id = options.make_id("cha_");
    out.rows.emplace_back(std::move(channel));
  }
  return out;
}

result<wished_rows> changed_workspace(const messages::definition_change& wish,
                                      const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good = check_settings(from); !good)
    return good.failure();
  const auto known = options.catalog->get();
  const auto& now = known->workspaces.at(wish.workspace);
  persistence::workspace_row row;
  row.id = wish.workspace;
  row.text_id = now.text_id;
  row.name = now.name;
  row.kind = now.kind;
  row.created_at = now.created_at;
  auto settings = now.settings;
  for (const auto& item : from)
    if (item.key() != "name")
      settings[item.key()] = item.value();
  if (from.contains("name")) {
    const auto name = text_member(from, "name", access_name_max);
    if (!name)
      return name.failure();
    row.name = *name;
  }
  row.settings = engine::to_json(settings);
  wished_rows out;
  out.note.action = "workspace.updated";
  out.note.details = engine::to_json(from);
  if (!from.empty())
    out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace troupe::actors
