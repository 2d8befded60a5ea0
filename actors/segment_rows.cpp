// Wishes about segments.
#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "actors/dependants.hpp"
#include "engine/json_text.hpp"
#include "engine/nearest.hpp"

#include <algorithm>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::errc;
using engine::error;
using engine::invalid;
using engine::result;
using messages::segment_entry;
using messages::workspace_catalog;

// Every contact is looked at for all of them.
constexpr std::size_t segments_max = 500;
constexpr std::size_t questions_max = 20;
constexpr std::size_t tallies_max = 500;
constexpr std::size_t condition_bytes_max = 16 * 1024;
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t description_bytes_max = 2000;

error conflict(std::string name, std::string message) {
  return {errc::conflict, std::move(name), std::move(message), "/key"};
}

result<std::string> optional_text(const json::object& from,
                                  std::string_view name, std::size_t max) {
  if (!from.contains(name))
    return std::string{};
  return text_member(from, name, max);
}

// A segment that asks about itself, by whatever way, would have no answer.
bool leads_to(const workspace_catalog& of, const engine::condition& rule,
              const std::string& key) {
  auto asked = rule.segments(); // grows on the way
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (asked[i] == key)
      return true;
    const auto* next = messages::find_segment(of, asked[i]);
    if (next == nullptr || !next->compiled)
      continue;
    for (const auto& other : next->compiled->segments())
      if (std::find(asked.begin(), asked.end(), other) == asked.end())
        asked.push_back(other);
  }
  return false;
}

engine::status check_asked(const workspace_catalog& of,
                           const engine::condition& rule,
                           const std::set<std::string>& keys,
                           const std::string& key) {
  for (const auto& asked : rule.segments())
    if (asked != key && !keys.contains(asked))
      return invalid("unknown_segment",
                     "there is no segment `" + asked + "`"
                       + engine::hint_for(asked, keys),
                     "/condition");
  if (leads_to(of, rule, key))
    return invalid("segment_cycle",
                   "this segment would ask about itself, by way of others",
                   "/condition");
  return engine::success();
}

engine::status check_key(const workspace_catalog& of, const std::string& key) {
  const auto* known = messages::find_segment(of, key);
  if (known == nullptr && of.segments.size() >= segments_max)
    return conflict("segments_limit",
                    "a workspace has at most 500 segments, archived ones "
                    "included");
  if (known != nullptr && known->archived)
    return conflict("segment_archived",
                    "this segment is archived; use another key");
  if (key.find('/') != std::string::npos)
    return invalid("field_type_mismatch", "`key` has no `/`", "/key");
  return engine::success();
}

// Each event is asked what it counts for, and contacts keep the counts.
engine::status check_questions(const workspace_catalog& of,
                               const engine::condition& rule) {
  if (rule.questions().size() > questions_max)
    return invalid("condition_too_large",
                   "a segment asks at most 20 questions about events",
                   "/condition");
  if (of.definitions->tallies().all().size() + rule.questions().size()
      > tallies_max)
    return conflict("segments_limit",
                    "the segments and sequences of a workspace ask at most 500 "
                    "different questions about events");
  return engine::success();
}

persistence::job_row job_for(const std::string& segment,
                             engine::workspace_id workspace,
                             const definitions_options& options) {
  persistence::job_row job;
  job.text_id = options.make_id("job_");
  job.workspace = workspace;
  job.kind = "segment";
  job.subject = segment;
  job.created_at = now_in(workspace, options);
  return job;
}

persistence::segment_row row_of(const segment_entry& entry,
                                engine::workspace_id workspace) {
  persistence::segment_row row;
  row.id = entry.id;
  row.text_id = entry.text_id;
  row.workspace = workspace;
  row.key = entry.key;
  row.name = entry.name;
  row.description = entry.description;
  row.condition = engine::to_json(entry.condition);
  row.version = entry.version;
  row.created_at = entry.created_at;
  return row;
}

} // namespace

std::set<std::string> segments_of(const definitions_options& options,
                                  engine::workspace_id workspace) {
  std::set<std::string> keys;
  const auto known = options.catalog->get();
  for (const auto& [id, each] : known->workspaces.at(workspace).segments)
    if (!each.archived)
      keys.insert(each.key);
  return keys;
}

result<wished_rows> new_segment(const messages::definition_change& wish,
                                const definitions_options& options) {
  const auto& from = wish.body.get_object();
  if (auto good
      = check_members(from, {"key", "name", "description", "condition"});
      !good)
    return good.failure();
  const auto key = text_member(from, "key", 64);
  if (!key)
    return key.failure();
  const auto name = optional_text(from, "name", name_bytes_max);
  if (!name)
    return name.failure();
  const auto description
    = optional_text(from, "description", description_bytes_max);
  if (!description)
    return description.failure();
  const auto* condition = from.if_contains("condition");
  if (condition == nullptr || !condition->is_object())
    return invalid("field_required", "give `condition`: a JSONLogic rule",
                   "/condition");
  const auto text = engine::to_json(*condition);
  if (text.size() > condition_bytes_max)
    return invalid("condition_too_large",
                   "a segment's condition has at most 16 KiB", "/condition");
  const auto rule = engine::compile_segment(*condition, "/condition");
  if (!rule)
    return rule.failure();
  const auto known = options.catalog->get();
  const auto& of = known->workspaces.at(wish.workspace);
  if (auto good = check_key(of, *key); !good)
    return good.failure();
  if (auto good = check_questions(of, *rule); !good)
    return good.failure();
  if (auto good
      = check_asked(of, *rule, segments_of(options, wish.workspace), *key);
      !good)
    return good.failure();
  const auto* held = messages::find_segment(of, *key);
  persistence::segment_row row;
  if (held != nullptr)
    row = row_of(*held, wish.workspace);
  else
    row.text_id = options.make_id("sgm_");
  row.workspace = wish.workspace;
  row.key = *key;
  row.name = name->empty() ? *key : *name;
  row.description = *description;
  const auto is_same = row.condition == text;
  row.condition = text;
  row.version += is_same ? 0 : 1;
  row.updated_at = now_in(wish.workspace, options);
  if (held == nullptr)
    row.created_at = row.updated_at;
  wished_rows out;
  out.note.action = "segment.saved";
  out.note.details = told(from, {"key", "condition"});
  auto job = job_for(row.text_id, wish.workspace, options);
  out.rows.emplace_back(std::move(row));
  if (is_same)
    return out; // nobody enters or leaves by it
  out.shown["job"] = job.text_id;
  out.rows.emplace_back(std::move(job));
  return out;
}

result<wished_rows> archived_segment(const messages::definition_change& wish,
                                     const definitions_options& options) {
  const auto known = options.catalog->get();
  const auto& of = known->workspaces.at(wish.workspace);
  const auto* entry = messages::find_segment(of, wish.target);
  if (entry == nullptr)
    return error{
      errc::not_found, "segment_not_found", "there is no such segment", {}};
  wished_rows out;
  if (entry->archived)
    return out;
  out.in_use = users_of_segment(of, entry->key);
  if (!out.in_use.empty())
    return out;
  auto row = row_of(*entry, wish.workspace);
  row.archived = true;
  row.updated_at = now_in(wish.workspace, options);
  auto job = job_for(row.text_id, wish.workspace, options);
  out.shown["job"] = job.text_id;
  out.note.action = "segment.archived";
  out.note.details = engine::to_json(json::object{{"key", entry->key}});
  out.rows.emplace_back(std::move(row));
  out.rows.emplace_back(std::move(job));
  return out;
}

} // namespace troupe::actors
