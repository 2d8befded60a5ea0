#include "engine/json_text.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/named_definitions.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using kind = messages::definition_change::kind;
using messages::funnel_entry;
using messages::scope;

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
  auto wish = read_wish(now, kind::funnel);
  if (!wish)
    return;
  const auto workspace = now.who.workspace;
  change(with, std::move(now), std::move(*wish), 201,
         [catalog = with.catalog, workspace](json::object shown) {
           const auto known = catalog->get();
           const auto* entry
             = messages::find_named(known->workspaces.at(workspace).funnels,
                                    shown.at("id").get_string());
           return entry == nullptr ? shown : view_of(*entry);
         });
}

void list(const api_context& with, visit now) {
  const auto page = read_page(with, now, list_kind::funnels);
  if (!page)
    return now.refuse(page.failure());
  const auto known = with.catalog->get();
  now.respond(
    json_response(page_of(with, now, list_kind::funnels, *page,
                          known->workspaces.at(now.who.workspace).funnels,
                          [](const funnel_entry& each) {
                            return view_of(each);
                          })));
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
  const auto* entry = messages::find_named(
    known->workspaces.at(workspace).funnels, now.route.parameter("key"));
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
  const auto known = with.catalog->get();
  const auto* entry
    = messages::find_named(known->workspaces.at(now.who.workspace).funnels,
                           now.route.parameter("key"));
  if (entry == nullptr)
    return now.refuse(no_such("funnel"));
  auto wish = wish_of(now, kind::removed_funnel);
  wish.target = entry->key;
  auto last = view_of(*entry);
  change(with, std::move(now), std::move(wish), 200,
         [last = std::move(last)](const json::object&) {
           return last;
         });
}

} // namespace

std::vector<api_route> funnel_routes() {
  return {{"POST", "/v1/funnels", scope::manage, create},
          {"GET", "/v1/funnels", scope::events_read, list},
          {"GET", "/v1/funnels/{key}", scope::events_read, show},
          {"DELETE", "/v1/funnels/{key}", scope::manage, remove}};
}

} // namespace troupe::http
