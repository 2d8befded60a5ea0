#include "http/doors/sendmator/workflow_list.hpp"

#include "http/doors/sendmator/send_body.hpp"
#include "http/doors/sendmator/workflow_body.hpp"
#include "http/doors/sendmator/workflow_steps.hpp"
#include "http/resources/definitions.hpp"
#include "http/resources/paging.hpp"

#include <algorithm>

namespace troupe::http::sendmator {

namespace json = boost::json;

using engine::status;
using messages::sequence_entry;

namespace {

constexpr std::size_t page_usual = 20;
constexpr std::size_t page_max = 100;
constexpr std::size_t pages_max = 1'000'000;

bool is_active(const sequence_entry& of) {
  return of.active != 0 && !of.paused;
}

const engine::sequence_definition* newest_of(const sequence_entry& of) {
  return of.versions.back().definition.get();
}

struct wanted_workflows {
  std::size_t page = 1;
  std::size_t limit = page_usual;
  std::string event_type;
  std::string search; // in lower case
  std::optional<bool> is_active;
};

status read_parameter(wanted_workflows& wanted, const std::string& name,
                      const std::string& value) {
  if (name == "page" || name == "limit") {
    const auto number
      = read_limit(value, name == "page" ? pages_max : page_max);
    if (!number)
      return bad(name + " is a whole number from 1");
    (name == "page" ? wanted.page : wanted.limit) = *number;
  } else if (name == "event_type") {
    wanted.event_type = value;
  } else if (name == "search") {
    wanted.search = lower(value);
  } else if (name == "is_active" && (value == "true" || value == "false")) {
    wanted.is_active = value == "true";
  } else {
    return unknown_parameter(
      name, "page, limit, event_type, search and is_active (true or false)");
  }
  return engine::success();
}

bool fits(const sequence_entry& of, const wanted_workflows& wanted) {
  if (of.archived || (wanted.is_active && *wanted.is_active != is_active(of)))
    return false;
  const auto* what = newest_of(of);
  if (what == nullptr)
    return wanted.event_type.empty() && wanted.search.empty();
  const auto listens = [&](const engine::event_clause& each) {
    return each.event.matches(wanted.event_type);
  };
  if (!wanted.event_type.empty()
      && std::none_of(what->triggers.begin(), what->triggers.end(), listens))
    return false;
  const auto has = [&](const std::string& text) {
    return lower(text).find(wanted.search) != text.npos;
  };
  return wanted.search.empty() || has(what->name) || has(of.key);
}

} // namespace

json::object workflow_view(const sequence_entry& of) {
  json::object out{{"id", of.text_id},
                   {"name", of.key},
                   {"event_type", nullptr},
                   {"is_active", is_active(of)},
                   {"created_at", time_or_null(of.created_at)},
                   {"updated_at", time_or_null(of.updated_at)},
                   {"steps", json::array{}}};
  const auto* what = newest_of(of);
  if (what == nullptr) // it cannot be read any more
    return out;
  if (!what->name.empty())
    out["name"] = what->name;
  if (!what->triggers.empty())
    out["event_type"] = what->triggers.front().event.text();
  out["steps"] = steps_view(*what);
  return out;
}

void list_workflows(const api_context& with, visit now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return now.refuse(query.failure());
  wanted_workflows wanted;
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(wanted, name, value); !good)
      return now.refuse(good.failure());
  const auto known = with.catalog->get();
  std::vector<const sequence_entry*> all;
  for (const auto& [id, each] :
       known->workspaces.at(now.who.workspace).sequences)
    if (fits(each, wanted))
      all.push_back(&each);
  const auto begin = std::min(all.size(), (wanted.page - 1) * wanted.limit);
  const auto end = std::min(all.size(), begin + wanted.limit);
  json::array shown;
  for (auto i = begin; i < end; ++i)
    shown.push_back(workflow_view(*all[i]));
  json::object out;
  out["workflows"] = std::move(shown);
  out["total"] = all.size();
  out["page"] = wanted.page;
  out["totalPages"] = (all.size() + wanted.limit - 1) / wanted.limit;
  out["limit"] = wanted.limit;
  now.respond(json_response(out));
}

} // namespace troupe::http::sendmator
