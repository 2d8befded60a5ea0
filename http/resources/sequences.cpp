#include "http/resources/sequences.hpp"

#include "http/resources/contact_views.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"
#include "messages/definition_lookup.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace troupe::http {

namespace json = boost::json;

namespace {

constexpr std::size_t versions_shown = 50; // the list has all

using kind = messages::definition_change::kind;
using engine::run_status;
using messages::scope;
using messages::sequence_entry;

std::string_view status_of(const sequence_entry& of) {
  if (of.archived)
    return "archived";
  if (of.paused)
    return "paused";
  return of.active == 0 ? "draft" : "active";
}

std::string_view status_of(const sequence_entry& of,
                           const sequence_entry::version& each) {
  if (!each.published)
    return "draft";
  return each.number == of.active ? "active" : "retired";
}

json::object view_of(const sequence_entry& of) {
  const auto& newest = of.versions.back();
  return {
    {"id", of.text_id},
    {"key", of.key},
    {"name", newest.definition ? newest.definition->name : std::string{}},
    {"status", status_of(of)},
    {"version", newest.number},
    {"active_version", of.active == 0 ? json::value() : json::value(of.active)},
    {"created_at", time_or_null(of.created_at)},
    {"updated_at", time_or_null(of.updated_at)}};
}

json::object view_of(const sequence_entry& of,
                     const sequence_entry::version& each) {
  return {{"version", each.number},
          {"status", status_of(of, each)},
          {"created_at", time_or_null(each.created_at)},
          {"published_at", time_or_null(each.published_at)}};
}

const sequence_entry* entry_of(const messages::catalog& known,
                               const visit& now) {
  return messages::find_sequence(known.workspaces.at(now.who.workspace),
                                 now.route.parameter("key"));
}

json::value parsed(const std::string& text) {
  json::error_code failure;
  return json::parse(text, failure);
}

// How many live runs rest in each node: those of the newest version are all
// there, others where runs of older versions rest.
json::object counts_of(const sequence_entry& of,
                       const std::vector<messages::resting_runs>& resting) {
  json::object nodes;
  if (const auto& newest = of.versions.back().definition)
    for (const auto& node : newest->nodes)
      nodes[node.name] = 0;
  std::uint64_t live = 0;
  for (const auto& each : resting) {
    live += each.runs;
    if (each.node.empty())
      continue; // it has not moved since a release that did not note it
    auto& count = nodes[each.node];
    count = (count.is_uint64() ? count.get_uint64() : 0) + each.runs;
  }
  return {{"live", live}, {"nodes", std::move(nodes)}};
}

template <kind what>
void save(const api_context& with, visit now) {
  if (auto wish = read_wish(now, what))
    change(with, std::move(now), std::move(*wish),
           what == kind::sequence ? 201 : 200);
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::sequences);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  std::map<std::uint64_t, const sequence_entry*> all;
  for (const auto& [id, each] :
       known->workspaces.at(now.who.workspace).sequences)
    all[engine::number(id)] = &each;
  now.respond(json_response(page_of(with, now, list_kind::sequences, *page, all,
                                    [](const sequence_entry* each) {
                                      return view_of(*each);
                                    })));
}

void show(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of(*known, now);
  if (entry == nullptr)
    return now.refuse(no_such("sequence"));
  const auto workspace = now.who.workspace;
  look_up(
    with,
    {workspace,
     messages::version_lookup{entry->id, entry->versions.back().number, true}},
    [answer = pending_answer{std::move(now)}, known,
     entry](messages::definition_found found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      auto view = view_of(*entry);
      view["definition"] = parsed(found.definition);
      json::array versions;
      const auto all = entry->versions.size();
      for (auto i = all - std::min(all, versions_shown); i < all; ++i)
        versions.push_back(view_of(*entry, entry->versions[i]));
      view["versions"] = std::move(versions);
      view["counts"] = counts_of(*entry, found.resting);
      answer.respond(json_response(view));
    });
}

void list_versions(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::sequence_versions);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  const auto* entry = entry_of(*known, now);
  if (entry == nullptr)
    return now.refuse(no_such("sequence"));
  std::map<std::uint64_t, const sequence_entry::version*> all;
  for (const auto& each : entry->versions)
    all[each.number] = &each;
  now.respond(
    json_response(page_of(with, now, list_kind::sequence_versions, *page, all,
                          [entry](const sequence_entry::version* each) {
                            return view_of(*entry, *each);
                          })));
}

void show_version(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  const auto* entry = entry_of(*known, now);
  if (entry == nullptr)
    return now.refuse(no_such("sequence"));
  const auto text = now.route.parameter("version");
  std::uint32_t number = 0;
  const auto [end, fault]
    = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto& all = entry->versions;
  const auto each
    = std::find_if(all.begin(), all.end(), [number](const auto& version) {
        return version.number == number;
      });
  if (fault != std::errc{} || end != text.data() + text.size()
      || each == all.end())
    return now.refuse(no_such("version"));
  const auto workspace = now.who.workspace;
  look_up(
    with, {workspace, messages::version_lookup{entry->id, number, false}},
    [answer = pending_answer{std::move(now)}, known,
     view = view_of(*entry, *each)](messages::definition_found found) mutable {
      if (found.failure)
        return answer.refuse(*found.failure);
      view["definition"] = parsed(found.definition);
      answer.respond(json_response(view));
    });
}

template <kind what>
void act(const api_context& with, visit now) {
  auto wish = wish_of(now, what);
  const auto known = with.catalog->get();
  if (entry_of(*known, now) == nullptr)
    return now.refuse(no_such("sequence"));
  wish.target = now.route.parameter("key");
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(wish), 200,
         [catalog = with.catalog, workspace,
          name = wish.target](const json::object&) {
           const auto changed = catalog->get();
           return view_of(
             *messages::find_sequence(changed->workspaces.at(workspace), name));
         });
}

std::optional<run_status> status_named(std::string_view word) {
  for (const auto each :
       {run_status::active, run_status::paused, run_status::completed,
        run_status::exited, run_status::failed})
    if (engine::name_of(each) == word)
      return each;
  return std::nullopt;
}

// Without the history: that is with the contact's runs.
json::object view_of(const messages::listed_run& run, const std::string& key,
                     const engine::id_text& ids) {
  const auto& started = run.started;
  json::object view{{"id", ids.at_position("run_", started.workspace,
                                           {started.stamp.at,
                                            started.stamp.turn, run.ordinal})},
                    {"sequence", key},
                    {"version", run.version},
                    {"contact", ids.contact(started.workspace, run.contact)},
                    {"status", engine::name_of(run.status)},
                    {"node", run.node},
                    {"started_at", engine::to_iso8601(started.stamp.at)},
                    {"entered_at", time_or_null(run.entered_at)},
                    {"cause", cause_of(started, ids)}};
  if (run.wake_at)
    view["wake_at"] = engine::to_iso8601(*run.wake_at);
  for (const auto& what : started.changes)
    if (const auto* begun = std::get_if<engine::run_started>(&what);
        begun != nullptr && begun->ordinal == run.ordinal)
      view["vars"] = begun->vars;
  return view;
}

void list_runs(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::sequence_runs, "status");
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  const auto* entry = entry_of(*known, now);
  if (entry == nullptr)
    return now.refuse(no_such("sequence"));
  messages::run_lookup wanted;
  wanted.sequence = entry->id;
  wanted.before = engine::position{page->after.first};
  wanted.before_ordinal = static_cast<std::uint32_t>(page->after.second);
  wanted.limit = page->limit;
  if (!page->filter.empty()) {
    wanted.status = status_named(page->filter);
    if (!wanted.status)
      return now.refuse(engine::invalid(
        "query_parameter_invalid",
        "`status` is active, paused, completed, exited or failed", "/status"));
  }
  const auto workspace = now.who.workspace;
  look_up(with, {workspace, wanted},
          [answer = pending_answer{std::move(now)}, key = entry->key,
           ids = with.ids, cursors = with.cursors,
           workspace](const messages::definition_found& found) {
            if (found.failure)
              return answer.refuse(*found.failure);
            json::array data;
            for (const auto& run : found.runs)
              data.push_back(view_of(run, key, *ids));
            std::string next;
            if (found.has_more)
              next = cursors->encode(
                list_kind::sequence_runs, workspace,
                {engine::number(found.next), found.next_ordinal});
            answer.respond(json_response(page_of(std::move(data), next)));
          });
}

} // namespace

std::vector<api_route> sequence_routes() {
  return {{"POST", "/v1/sequences", scope::manage, save<kind::sequence>},
          {"POST", "/v1/sequences/validate", scope::manage,
           save<kind::checked_sequence>},
          {"GET", "/v1/sequences", scope::manage, list},
          {"GET", "/v1/sequences/{key}", scope::manage, show},
          {"GET", "/v1/sequences/{key}/versions", scope::manage, list_versions},
          {"GET", "/v1/sequences/{key}/versions/{version}", scope::manage,
           show_version},
          {"GET", "/v1/sequences/{key}/runs", scope::manage, list_runs},
          {"POST", "/v1/sequences/{key}/publish", scope::manage,
           act<kind::published_sequence>},
          {"POST", "/v1/sequences/{key}/pause", scope::manage,
           act<kind::paused_sequence>},
          {"POST", "/v1/sequences/{key}/resume", scope::manage,
           act<kind::resumed_sequence>},
          {"POST", "/v1/sequences/{key}/archive", scope::manage,
           act<kind::archived_sequence>}};
}

} // namespace troupe::http
