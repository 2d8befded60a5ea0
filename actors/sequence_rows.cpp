// Wishes about sequences.
#include "actors/definition_rows.hpp"
#include "engine/automation.hpp"
#include "engine/json_text.hpp"

#include <algorithm>
#include <set>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::invalid;
using engine::result;
using kind = messages::definition_change::kind;
using persistence::definition_status;

error conflict(std::string name, std::string message) {
  return {errc::conflict, std::move(name), std::move(message), {}};
}

error archived() {
  return conflict("sequence_archived",
                  "this sequence is archived; use another key");
}

// Not in the published catalog: not known yet.
result<const messages::sequence_entry*>
entry_of(const messages::catalog& known,
         const messages::definition_change& wish) {
  const auto of = known.workspaces.find(wish.workspace);
  const auto* entry = of == known.workspaces.end()
                        ? nullptr
                        : messages::find_sequence(of->second, wish.target);
  if (entry == nullptr)
    return error{
      errc::not_found, "sequence_not_found", "there is no such sequence", {}};
  return entry;
}

// It is part of paths, and no other sequence's id.
engine::status check_key(std::string_view key) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9');
  };
  const auto is_good
    = is_alphanumeric(key.front()) && key != "validate"
      && !key.starts_with("seq_") && !key.starts_with(engine::automation_prefix)
      && std::all_of(key.begin(), key.end(), [&](char c) {
           return is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
         });
  if (is_good)
    return engine::success();
  return invalid("field_invalid",
                 "`key` is of letters, digits, `_`, `-` and `.`, the first a "
                 "letter or a digit; `validate` and what begins with `seq_` or "
                 "`automation.` are taken",
                 "/key");
}

result<bool> is_active_wish(const json::object& definition) {
  const auto* status = definition.if_contains("status");
  if (status == nullptr)
    return false;
  if (!status->is_string()
      || (status->get_string() != "active" && status->get_string() != "draft"))
    return invalid("field_type_mismatch", "`status` is \"draft\" or \"active\"",
                   "/status");
  return status->get_string() == "active";
}

} // namespace

result<wished_rows> new_sequence(const messages::definition_change& wish,
                                 const definitions_options& options) {
  const auto templates = templates_of(options, wish.workspace);
  const auto parsed = engine::parse_sequence(
    wish.body, channels_of(options, wish.workspace), &templates);
  if (!parsed)
    return parsed.failure();
  if (auto good = check_key((*parsed)->key); !good)
    return good.failure();
  auto definition = wish.body.get_object();
  const auto active = is_active_wish(definition);
  if (!active)
    return active.failure();
  definition.erase("status");
  const auto known = options.catalog->get();
  std::set<std::string> keys;
  for (const auto& [id, each] :
       known->workspaces.at(wish.workspace).sequences) {
    if (each.key == (*parsed)->key && each.archived)
      return archived();
    if (!each.archived)
      keys.insert(each.key);
  }
  if (const auto asked
      = engine::check_segments(**parsed, segments_of(options, wish.workspace));
      !asked)
    return asked.failure();
  if (const auto started = engine::check_started(**parsed, keys); !started)
    return started.failure();
  persistence::sequence_row row;
  row.text_id = options.make_id("seq_");
  row.workspace = wish.workspace;
  row.key = (*parsed)->key;
  row.status = *active ? definition_status::active : definition_status::draft;
  row.definition = engine::to_json(definition);
  row.created_at = now_in(wish.workspace, options);
  row.first_created_at = row.created_at;
  row.updated_at = row.created_at;
  if (*active)
    row.published_at = row.created_at;
  wished_rows out;
  out.shown = {{"key", row.key}, {"status", *active ? "active" : "draft"}};
  out.shown["definition"] = std::move(definition);
  out.note.action = "sequence.saved";
  out.note.details = told(out.shown, {"key", "status"});
  out.rows.emplace_back(std::move(row));
  return out;
}

result<wished_rows> checked_sequence(const messages::definition_change& wish,
                                     const definitions_options& options) {
  auto made = new_sequence(wish, options);
  if (!made)
    return made.failure();
  wished_rows out;
  out.shown["valid"] = true;
  return out;
}

result<wished_rows> published_sequence(const messages::definition_change& wish,
                                       const definitions_options& options) {
  const auto known = options.catalog->get();
  const auto found = entry_of(*known, wish);
  if (!found)
    return found.failure();
  const auto& entry = **found;
  if (entry.archived)
    return archived();
  const auto& newest = entry.versions.back();
  if (newest.published)
    return conflict("no_draft", "the newest version is published already");
  if (!newest.definition)
    return conflict("definition_broken",
                    "the newest version cannot be read any more; save another");
  persistence::sequence_row row;
  row.id = entry.id;
  row.text_id = entry.text_id;
  row.workspace = wish.workspace;
  row.key = entry.key;
  row.version = newest.number;
  row.status = definition_status::active;
  row.published_at = now_in(wish.workspace, options);
  row.updated_at = row.published_at;
  wished_rows out;
  out.note.action = "sequence.published";
  out.note.details = engine::to_json(
    json::object{{"key", entry.key}, {"version", newest.number}});
  out.rows.emplace_back(std::move(row));
  return out;
}

result<wished_rows> changed_sequence(const messages::definition_change& wish,
                                     const definitions_options& options) {
  const auto known = options.catalog->get();
  const auto found = entry_of(*known, wish);
  if (!found)
    return found.failure();
  const auto& entry = **found;
  persistence::sequence_state_row row{
    entry.id,     entry.text_id,  wish.workspace,
    entry.paused, entry.archived, now_in(wish.workspace, options)};
  wished_rows out;
  if (wish.what == kind::archived_sequence) {
    row.archived = true;
    out.note.action = "sequence.archived";
  } else if (wish.what == kind::paused_sequence) {
    const auto never = std::none_of(entry.versions.begin(),
                                    entry.versions.end(), [](const auto& each) {
                                      return each.published;
                                    });
    if (never)
      return conflict("sequence_not_active",
                      "only a sequence that was published can be paused");
    row.paused = true;
    out.note.action = "sequence.paused";
  } else {
    row.paused = false;
    out.note.action = "sequence.resumed";
  }
  out.note.details = engine::to_json(json::object{{"key", entry.key}});
  if (row.paused != entry.paused || row.archived != entry.archived)
    out.rows.emplace_back(std::move(row));
  return out;
}

} // namespace troupe::actors
