// The conditions and settings behind checks.
#include "engine/explain.hpp"
#include "engine/strict_json.hpp"

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

using maybe = std::optional<json::value>;

std::string seconds_of(duration span) {
  return std::to_string(
           std::chrono::duration_cast<std::chrono::seconds>(span).count())
         + "s";
}

std::string clock_of(std::chrono::seconds since_midnight) {
  const auto two = [](std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  const auto all = since_midnight.count();
  auto text = two(all / 3600) + ":" + two(all / 60 % 60);
  return all % 60 == 0 ? text : text + ":" + two(all % 60);
}

maybe source_of(const std::optional<condition>& asked) {
  return asked ? maybe{asked->source()} : std::nullopt;
}

maybe where_of(const std::vector<event_clause>& clauses, std::size_t at) {
  return at < clauses.size() ? source_of(clauses[at].where) : std::nullopt;
}

maybe re_entry_of(const re_entry_rule& again) {
  switch (again.how) {
    case re_entry_rule::kind::never:
      return json::value("never");
    case re_entry_rule::kind::after_exit:
      return json::value("after_exit");
    case re_entry_rule::kind::always:
      return json::value("always");
    case re_entry_rule::kind::after:
      return json::object{{"after", seconds_of(again.span)}};
    case re_entry_rule::kind::per_key:
      return json::object{{"per_key", again.key->source()}};
  }
  return std::nullopt;
}

maybe cap_of(const std::optional<frequency_cap>& cap) {
  if (!cap)
    return std::nullopt;
  json::object out{{"max", cap->most}, {"within", seconds_of(cap->within)}};
  if (!cap->channel.empty())
    out["channel"] = cap->channel;
  return out;
}

maybe quiet_of(const std::optional<quiet_hours>& quiet) {
  if (!quiet)
    return std::nullopt;
  return json::object{{"from", clock_of(quiet->hours.from)},
                      {"to", clock_of(quiet->hours.to)}};
}

maybe span_of(const std::optional<duration>& span) {
  return span ? maybe{json::value(seconds_of(*span))} : std::nullopt;
}

std::size_t index_of(const json::object& inputs, std::string_view name) {
  const auto* found = inputs.if_contains(name);
  return found != nullptr && found->is_int64() && found->get_int64() >= 0
           ? static_cast<std::size_t>(found->get_int64())
           : std::size_t{0};
}

const sequence_node* node_of(const json::object& inputs,
                             const sequence_definition& definition) {
  const auto* name = inputs.if_contains("node");
  if (name == nullptr || !name->is_string())
    return nullptr;
  const auto index = definition.find(std::string_view{name->get_string()});
  return index == no_node ? nullptr : &definition.nodes[index];
}

maybe wait_of(const json::object& inputs,
              const sequence_definition& definition) {
  const auto* node = node_of(inputs, definition);
  const auto* clauses = node == nullptr ? nullptr : clauses_of(*node);
  return clauses == nullptr ? std::nullopt
                            : where_of(*clauses, index_of(inputs, "clause"));
}

maybe branch_of(const json::object& inputs,
                const sequence_definition& definition) {
  const auto* node = node_of(inputs, definition);
  const auto* branch
    = node == nullptr ? nullptr : std::get_if<branch_node>(&node->what);
  const auto index = index_of(inputs, "case");
  if (branch == nullptr || index >= branch->choices.size())
    return std::nullopt;
  return branch->choices[index].when.source();
}

} // namespace

maybe expression_of(rule asked, const json::object& inputs,
                    const sequence_definition& definition) {
  const auto clause = index_of(inputs, "clause");
  switch (asked) {
    case rule::trigger_where:
      return where_of(definition.triggers, clause);
    case rule::filter:
      return source_of(definition.filter);
    case rule::re_entry:
      return re_entry_of(definition.re_entry);
    case rule::cooldown:
      return span_of(definition.cooldown);
    case rule::wait_where:
      return wait_of(inputs, definition);
    case rule::branch_case:
      return branch_of(inputs, definition);
    case rule::exit_when:
      return where_of(definition.exit_when, clause);
    case rule::goal:
      return where_of(definition.goals, clause);
    case rule::frequency_cap:
      return cap_of(definition.cap);
    case rule::quiet_hours:
      return quiet_of(definition.quiet);
    case rule::max_event_age:
      return span_of(definition.max_event_age);
    default:
      return std::nullopt;
  }
}

json::object inputs_of(const check& asked) {
  if (asked.inputs.empty())
    return {};
  auto parsed = parse_json(asked.inputs);
  if (parsed && parsed->is_object())
    return std::move(parsed->get_object());
  return {{"note", asked.inputs}};
}

std::vector<std::string> events_of(const std::vector<event_clause>& clauses) {
  std::vector<std::string> out;
  for (const auto& each : clauses)
    if (std::find(out.begin(), out.end(), each.event.text()) == out.end())
      out.push_back(each.event.text());
  return out;
}

} // namespace troupe::engine
