#include "http/resources/explain_views.hpp"

#include "engine/access.hpp"
#include "engine/event_document.hpp"
#include "engine/history.hpp"
#include "engine/lints.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::explained_check;
using engine::to_iso8601;

// As properties are masked in a timeline: by the last part of each path.
json::object masked_inputs(const json::object& inputs) {
  json::object out;
  for (const auto& each : inputs) {
    const std::string_view path = each.key();
    const auto name = path.substr(path.rfind('.') + 1);
    auto one = engine::masked(json::object{{name, each.value()}});
    out[path] = std::move(one.begin()->value());
  }
  return out;
}

json::object unblock_view(const engine::unblocking& what) {
  json::object out;
  if (what.at)
    out["at"] = to_iso8601(*what.at);
  if (!what.by_event.empty()) {
    auto& events = out["by_event"].emplace_array();
    for (const auto& each : what.by_event)
      events.emplace_back(each);
  }
  if (what.by_condition)
    out["by_condition"] = *what.by_condition;
  if (!what.by_operator.empty())
    out["by_operator"] = what.by_operator;
  return out;
}

json::value text_or_null(std::string text) {
  return text.empty() ? json::value() : json::value(std::move(text));
}

std::vector<engine::event_pattern>
patterns_of(const messages::endpoint_entry& endpoint,
            const engine::event_names& names) {
  std::vector<engine::event_pattern> out;
  const auto* events = endpoint.settings.if_contains("events");
  if (events == nullptr || !events->is_array())
    return out;
  for (const auto& each : events->get_array())
    if (each.is_string())
      names.widen(out.emplace_back(std::string{each.get_string()}));
  return out;
}

// What the turn noted of the endpoint's filter, or nothing.
std::optional<json::object> filtered_by(const engine::turn& came,
                                        engine::destination_id endpoint) {
  for (const auto& each : came.trace) {
    if (each.asked != engine::rule::webhook_filter)
      continue;
    auto inputs = engine::inputs_of(each);
    const auto* whose = inputs.if_contains("endpoint");
    if (whose == nullptr || *whose != engine::number(endpoint))
      continue;
    inputs.erase("endpoint");
    return inputs;
  }
  return std::nullopt;
}

// Why an event that the turn did not match did not match.
std::pair<std::string_view, explained_check>
unmatched(const engine::turn& came, const messages::endpoint_entry& endpoint,
          const engine::event_names& names) {
  if (came.kind == engine::turn_kind::parked)
    return {"ignored",
            {{}, "parked", {}, {{"failure", came.failure}}, false, 0}};
  if (engine::is_history(*came.event))
    return {"ignored", {{}, "history", {}, {}, false, 0}};
  if (auto inputs = filtered_by(came, endpoint.id)) {
    explained_check made{engine::rule::webhook_filter, "filter", {},
                         std::move(*inputs),           false,    0};
    if (const auto* filter = endpoint.settings.if_contains("filter"))
      made.expr = *filter;
    return {"filtered", std::move(made)};
  }
  const auto patterns = patterns_of(endpoint, names);
  const auto listens
    = std::any_of(patterns.begin(), patterns.end(), [&](const auto& each) {
        return each.matches(came.event->type);
      });
  if (listens) // it did not when the event came
    return {"not_listening",
            {{},
             "version",
             {},
             {{"created_at", to_iso8601(endpoint.created_at)}},
             false,
             0}};
  json::array listed;
  for (const auto& each : patterns)
    listed.emplace_back(each.text());
  return {"not_listening",
          {{},
           engine::name_of(engine::rule::trigger_type),
           {},
           {{"event", came.event->type}, {"listens_to", std::move(listed)}},
           false,
           0}};
}

std::string_view verdict_of(const messages::endpoint_entry& endpoint,
                            engine::delivery_status status) {
  if (status == engine::delivery_status::pending
      || status == engine::delivery_status::held) {
    if (endpoint.state == messages::endpoint_state::paused)
      return "paused";
    if (endpoint.state == messages::endpoint_state::disabled)
      return "disabled";
  }
  return "matched";
}

} // namespace

json::object check_view(const explained_check& what) {
  json::object out{{"rule", what.name}};
  if (what.expr)
    out["expr"] = *what.expr;
  out["inputs"] = masked_inputs(what.inputs);
  out["result"] = what.result ? json::value(*what.result) : json::value();
  return out;
}

engine::known_sequence
known_sequence_of(const messages::sequence_entry& entry) {
  engine::known_sequence out;
  out.id = entry.id;
  out.archived = entry.archived;
  out.updated_at = entry.updated_at;
  for (const auto& each : entry.versions)
    out.versions.push_back(
      {each.number, each.published, each.published_at, each.definition});
  return out;
}

json::object explanation_view(const engine::explanation& about,
                              const engine::turn* came,
                              const messages::sequence_entry& sequence,
                              engine::workspace_id whose,
                              const view_context& with) {
  json::object out;
  out["sequence"] = sequence.key;
  out["event"] = came == nullptr
                   ? json::value()
                   : json::value(engine::event_id(*came, with.ids));
  out["verdict"] = engine::name_of(about.what);
  out["run"]
    = about.run ? json::value(with.ids.at_position(
        "run_", whose,
        {about.run->started_at, about.run->started_turn, about.run->ordinal}))
                : json::value();
  out["version"]
    = about.version == 0 ? json::value() : json::value(about.version);
  out["from_node"] = text_or_null(about.from_node);
  out["to_node"] = text_or_null(about.to_node);
  auto& checks = out["checks"].emplace_array();
  for (const auto& each : about.checks) {
    auto shown = check_view(each);
    if (came != nullptr && each.result)
      shown["decided_at"] = to_iso8601(came->stamp.at);
    checks.push_back(std::move(shown));
  }
  out["first_failed"]
    = about.first_failed
        ? json::value(check_view(about.checks[*about.first_failed]))
        : json::value();
  out["unblock"] = unblock_view(about.unblock);
  out["next_timer"] = about.next_timer
                        ? json::value(to_iso8601(*about.next_timer))
                        : json::value();
  return out;
}

json::object webhook_view(const messages::decision_found& found,
                          const messages::endpoint_entry& endpoint,
                          const view_context& with) {
  const auto& came = *found.turn;
  json::object out{{"endpoint", endpoint.text_id}};
  const auto matched
    = std::find(came.matched.begin(), came.matched.end(), endpoint.id);
  if (matched == came.matched.end()) {
    const auto [verdict, failed]
      = unmatched(came, endpoint, with.workspace.definitions->names());
    out["verdict"] = verdict;
    out["first_failed"] = check_view(failed);
    return out;
  }
  const auto status
    = found
        .deliveries[static_cast<std::size_t>(matched - came.matched.begin())];
  out["verdict"] = verdict_of(endpoint, status);
  out["first_failed"] = nullptr;
  out["delivery"] = engine::delivery_id(came, endpoint.id, 0, with.ids);
  out["status"] = engine::word_of(engine::delivery_status_names, status);
  return out;
}

} // namespace troupe::http
