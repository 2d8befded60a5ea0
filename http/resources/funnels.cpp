#include "engine/json_text.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/named_definitions.hpp"
#include "http/resources/named_entries.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::funnel_entry;
using messages::scope;

constexpr auto here = &messages::workspace_catalog::funnels;
constexpr auto period = std::chrono::hours{24 * 30}; // unless `since` is given

json::object view_of(const funnel_entry& of) {
  json::array steps;
  for (const auto& step : of.what.steps)
    steps.emplace_back(step);
  return {
    {"id", of.text_id},
    {"key", of.key},
    {"name", of.name.empty() ? json::value() : json::value(of.name)},
    {"steps", std::move(steps)},
    {"within", of.within.empty() ? json::value() : json::value(of.within)},
    {"created_at", time_or_null(of.created_at)},
    {"updated_at", time_or_null(of.updated_at)}};
}

void create(const api_context& with, visit now) {
  create_entry(with, std::move(now), kind::funnel, here, view_of);
}

void list(const api_context& with, visit now) {
  list_entries(with, std::move(now), list_kind::funnels, here, view_of);
}

engine::status read_period(messages::funnel_lookup& wanted, const visit& now,
                           engine::timestamp today) {
  wanted.until = today;
  wanted.since = today - period;
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  for (const auto& [name, value] : query->all()) {
    if (name != "since" && name != "until")
      return unknown_parameter(name, "since and until");
    const auto at = read_time(name, value);
    if (!at)
      return at.failure();
    (name == "since" ? wanted.since : wanted.until) = *at;
  }
  return engine::success();
}

json::object counted(const funnel_entry& of,
                     const messages::funnel_lookup& asked,
                     const messages::definition_found& found) {
  auto view = view_of(of);
  json::array steps;
  for (std::size_t i = 0; i < of.what.steps.size(); ++i)
    steps.push_back(
      {{"event", of.what.steps[i]}, {"contacts", found.reached.at(i)}});
  view["counts"] = std::move(steps);
  view["since"] = engine::to_iso8601(asked.since);
  view["until"] = engine::to_iso8601(asked.until);
  view["truncated"] = found.has_more;
  return view;
}

void show(const api_context& with, visit now) {
  const auto workspace = now.who.workspace;
  const auto known = with.catalog->get();
  const auto* entry = entry_of_path(*known, now, here);
  if (entry == nullptr)
    return now.refuse(no_such("funnel"));
  messages::funnel_lookup wanted;
  wanted.what = entry->what;
  wanted.names = known->workspaces.at(workspace).definitions->names();
  if (auto good = read_period(wanted, now, with.now_in(workspace)); !good)
    return now.refuse(good.failure());
  auto asked = wanted;
  look_up(with, {workspace, std::move(wanted)},
          [answer = pending_answer{std::move(now)}, of = *entry,
           asked = std::move(asked)](const messages::definition_found& found) {
            if (found.failure)
              answer.refuse(*found.failure);
            else
              answer.respond(json_response(counted(of, asked, found)));
          });
}

void remove(const api_context& with, visit now) {
  remove_entry(with, std::move(now), kind::removed_funnel, here, "funnel",
               view_of);
}

} // namespace

std::vector<api_route> funnel_routes() {
  return {{"POST", "/v1/funnels", scope::manage, create},
          {"GET", "/v1/funnels", scope::events_read, list},
          {"GET", "/v1/funnels/{key}", scope::events_read, show},
          {"DELETE", "/v1/funnels/{key}", scope::manage, remove}};
}

} // namespace troupe::http
