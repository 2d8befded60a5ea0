#include "actors/dependants.hpp"

#include "engine/automation.hpp"

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
    if (const auto* emit = std::get_if<engine::emit_node>(&node.what))
      return emit->event == event;
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

// Its newest version, and the one that starts runs.
bool is_in_force(const messages::sequence_entry& of,
                 const messages::sequence_entry::version& what) {
  return !of.archived
         && (what.number == of.versions.back().number
             || what.number == of.active);
}

// People know a ready automation, not the sequences it is made of.
dependant dependant_of(const messages::workspace_catalog& in,
                       const messages::sequence_entry& of) {
  if (of.key.starts_with(engine::automation_prefix))
    for (const auto& [id, each] : in.automations) {
      const auto own = std::string{engine::automation_prefix} + each.key;
      if (of.key == own || of.key.starts_with(own + "."))
        return {"automation", each.key};
    }
  return {"sequence", of.key};
}

template <class Uses>
std::vector<dependant> sequences_that(const messages::workspace_catalog& of,
                                      Uses uses) {
  std::vector<dependant> found;
  for (const auto& [id, sequence] : of.sequences)
    for (const auto& version : sequence.versions)
      if (is_in_force(sequence, version) && version.definition
          && uses(*version.definition))
        add_dependant(found, dependant_of(of, sequence));
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

void add_dependant(std::vector<dependant>& to, dependant what) {
  if (std::none_of(to.begin(), to.end(), [&what](const dependant& each) {
        return each.kind == what.kind && each.key == what.key;
      }))
    to.push_back(std::move(what));
}

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

std::vector<older_version>
older_users_of_event(const messages::workspace_catalog& of,
                     const std::string& name) {
  std::vector<older_version> found;
  for (const auto& [id, sequence] : of.sequences)
    for (const auto& version : sequence.versions)
      if (version.published && version.definition
          && !is_in_force(sequence, version)
          && names_event(*version.definition, name))
        found.push_back({id, version.number, dependant_of(of, sequence)});
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
