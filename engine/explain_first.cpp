// Explanations without a decision: of no event, and of a repeated one.
#include "engine/explain_parts.hpp"
#include "engine/idempotency_window.hpp"

namespace troupe::engine {

namespace json = boost::json;

std::string_view name_of(verdict what) {
  switch (what) {
    case verdict::started:
      return "started";
    case verdict::advanced:
      return "advanced";
    case verdict::waited:
      return "waited";
    case verdict::refused:
      return "refused";
    case verdict::ignored:
      return "ignored";
    case verdict::not_listening:
      return "not_listening";
  }
  return "unknown";
}

const known_sequence::version*
known_sequence::find(std::uint32_t number) const {
  for (const auto& each : versions)
    if (each.number == number)
      return &each;
  return nullptr;
}

const known_sequence::version* known_sequence::in_force(timestamp at) const {
  const version* found = nullptr;
  for (const auto& each : versions)
    if (each.published && each.published_at <= at)
      found = &each;
  return found;
}

const std::vector<event_clause>*
clauses_at(const sequence_definition& definition, std::string_view node) {
  const auto index = definition.find(node);
  return index == no_node ? nullptr : clauses_of(definition.nodes[index]);
}

json::array list_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& each : texts)
    out.emplace_back(each);
  return out;
}

explained_check trigger_type(const std::vector<event_clause>& triggers,
                             json::value event) {
  return {
    rule::trigger_type,
    name_of(rule::trigger_type),
    {},
    {{"event", std::move(event)}, {"listens_to", list_of(events_of(triggers))}},
    false,
    0};
}

explanation explain_nothing(const known_sequence& of, const past_runs& before) {
  explanation out;
  if (const auto* live = before.newest(of.id, true)) {
    out.run = *live;
    out.from_node = live->node;
    out.next_timer = live->wake_at;
  }
  const auto& newest = of.versions.back();
  const auto* in_force = of.archived ? nullptr : of.in_force(timestamp::max());
  out.first_failed = 0;
  if (in_force == nullptr || !in_force->definition) {
    out.checks.push_back({{},
                          "version",
                          {},
                          {{"version", newest.number},
                           {"status", of.archived ? "archived" : "draft"}},
                          false,
                          0});
    out.unblock.by_operator = "sequence.publish";
    return out;
  }
  const auto& definition = *in_force->definition;
  out.version = in_force->number;
  out.unblock.by_event = events_of(definition.triggers);
  out.checks.push_back(trigger_type(definition.triggers, nullptr));
  const auto add = [&](rule asked, std::size_t clause) {
    json::object inputs{{"clause", static_cast<std::int64_t>(clause)}};
    auto expr = expression_of(asked, inputs, definition);
    if (asked != rule::trigger_where)
      inputs.clear();
    if (expr)
      out.checks.push_back({asked, name_of(asked), std::move(expr),
                            std::move(inputs), std::nullopt, 0});
  };
  for (std::size_t i = 0; i < definition.triggers.size(); ++i)
    add(rule::trigger_where, i);
  for (const auto asked :
       {rule::max_event_age, rule::filter, rule::re_entry, rule::cooldown,
        rule::quiet_hours, rule::frequency_cap})
    add(asked, 0);
  return out;
}

explanation explain_repeat(const turn& came) {
  explanation out;
  out.what = verdict::ignored;
  out.first_failed = 0;
  out.checks.push_back(
    {{}, "dedup", {}, {{"first_at", to_iso8601(came.stamp.at)}}, false, 0});
  out.unblock.at = came.stamp.at + idempotency_window;
  return out;
}

} // namespace troupe::engine
