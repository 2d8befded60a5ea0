#include "actors/dependants.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

using engine::sequence_definition;
using messages::dependant;

bool names(const std::vector<engine::event_clause>& clauses,
           const std::string& event) {
  return std::any_of(clauses.begin(), clauses.end(), [&](const auto& each) {
    return each.event.text() == event;
  });
}

bool asks_about(const std::vector<engine::tally_question>& questions,
                const std::string& event) {
  return std::any_of(questions.begin(), questions.end(), [&](const auto& each) {
    return each.rule->event.text() == event;
  });
}

bool names_event(const sequence_definition& in, const std::string& event) {
  if (asks_about(in.questions, event))
    return true;
  if (names(in.triggers, event) || names(in.exit_when, event)
      || names(in.goals, event))
    return true;
  return std::any_of(in.nodes.begin(), in.nodes.end(), [&](const auto& node) {
    if (const auto* wait = std::get_if<engine::wait_node>(&node.what))
      return names(wait->clauses, event);
    const auto* rest = std::get_if<engine::state_node>(&node.what);
    return rest != nullptr && names(rest->on, event);
  });
}

template <class Test>
bool sends(const sequence_definition& in, Test test) {
  return std::any_of(in.nodes.begin(), in.nodes.end(), [&](const auto& node) {
    const auto* send = std::get_if<engine::send_node>(&node.what);
    return send != nullptr && test(*send);
  });
}

bool uses_channel(const sequence_definition& in, const std::string& channel) {
  return (in.cap && in.cap->channel == channel)
         || sends(in, [&](const engine::send_node& send) {
              return send.channel == channel;
            });
}

template <class Uses>
void add_segments(std::vector<dependant>& found,
                  const messages::workspace_catalog& of, Uses uses) {
  for (const auto& [id, segment] : of.segments)
    if (!segment.archived && segment.compiled && uses(*segment.compiled))
      found.push_back({"segment", segment.key});
}

template <class Uses>
std::vector<dependant> sequences_that(const messages::workspace_catalog& of,
                                      Uses uses) {
  std::vector<dependant> found;
  for (const auto& [id, sequence] : of.sequences) {
    const auto& newest = sequence.versions.back().number;
    const auto in_use = std::any_of(
      sequence.versions.begin(), sequence.versions.end(),
      [&](const auto& version) {
        return (version.number == newest || version.number == sequence.active)
               && version.definition && uses(*version.definition);
      });
    if (in_use && !sequence.archived)
      found.push_back({"sequence", sequence.key});
  }
  return found;
}

bool subscribes_to(const messages::endpoint_entry& endpoint,
                   const std::string& event) {
  const auto* events = endpoint.settings.if_contains("events");
  if (!endpoint.is_webhook || events == nullptr || !events->is_array()
      || endpoint.state == messages::endpoint_state::archived)
    return false;
  const auto& all = events->get_array();
  return std::any_of(all.begin(), all.end(), [&](const auto& each) {
    return each.is_string() && each.get_string() == event;
  });
}

} // namespace

std::vector<dependant> users_of_event(const messages::workspace_catalog& of,
                                      const std::string& name) {
  auto found = sequences_that(of, [&](const sequence_definition& each) {
    return names_event(each, name);
  });
  add_segments(found, of, [&](const engine::condition& rule) {
    return asks_about(rule.questions(), name);
  });
  for (const auto& [id, funnel] : of.funnels)
    if (std::find(funnel.what.steps.begin(), funnel.what.steps.end(), name)
        != funnel.what.steps.end())
      found.push_back({"funnel", funnel.key});
  for (const auto& [id, endpoint] : of.endpoints)
    if (subscribes_to(endpoint, name))
      found.push_back({"webhook", endpoint.text_id});
  return found;
}

std::vector<dependant> users_of_channel(const messages::workspace_catalog& of,
                                        const std::string& key) {
  return sequences_that(of, [&](const sequence_definition& each) {
    return uses_channel(each, key);
  });
}

std::vector<dependant> users_of_segment(const messages::workspace_catalog& of,
                                        const std::string& key) {
  auto found = sequences_that(of, [&](const sequence_definition& each) {
    return each.segments.contains(key);
  });
  add_segments(found, of, [&](const engine::condition& rule) {
    const auto& asked = rule.segments();
    return std::find(asked.begin(), asked.end(), key) != asked.end();
  });
  return found;
}

std::vector<dependant> users_of_template(const messages::workspace_catalog& of,
                                         const std::string& key) {
  return sequences_that(of, [&](const sequence_definition& each) {
    return sends(each, [&](const engine::send_node& send) {
      return send.template_key == key;
    });
  });
}

} // namespace troupe::actors
