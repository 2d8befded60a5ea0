#include "http/resources/change_view.hpp"

#include "engine/access.hpp"
#include "engine/overloaded.hpp"

namespace troupe::http {

namespace json = boost::json;

namespace {

using namespace engine;

std::string segment_name(segment_id id, const view_context& with) {
  const auto found = with.workspace.segments.find(number(id));
  return found == with.workspace.segments.end() ? std::string{}
                                                : found->second.key;
}

} // namespace

json::object change_view(const change& what, const turn& of,
                         const view_context& with) {
  using object = json::object;
  const auto identity_view = [](std::string_view name, const identity& who) {
    return object{{name, name_of(who.kind)}, {"value", who.value}};
  };
  return std::visit(
    overloaded{
      [&](const identity_attached& c) {
        return identity_view("identity_attached", c.who);
      },
      [](const identity_detached& c) {
        return object{{"identity_detached", name_of(c.kind)}, {"key", c.key}};
      },
      [](const attribute_set& c) {
        return object{{"attribute_set", c.name}, {"value", c.value}};
      },
      [](const tag_added& c) {
        return object{{"tag_added", c.tag}};
      },
      [](const tag_removed& c) {
        return object{{"tag_removed", c.tag}};
      },
      [](const score_added& c) {
        return object{{"score_added", c.by}};
      },
      [](const run_started& c) {
        return object{{"run_started", c.number}};
      },
      [](const run_moved& c) {
        return object{
          {"run_moved", c.number}, {"node", c.node}, {"edge", c.edge}};
      },
      [](const run_counted& c) {
        return object{{"run_counted", c.number}, {"clause", c.clause}};
      },
      [](const run_ended& c) {
        return object{{"run_ended", c.number},
                      {"status", name_of(c.status)},
                      {"reason", c.reason}};
      },
      [&](const identity_inherited& c) {
        return identity_view("identity_inherited", c.who);
      },
      [](const run_inherited& c) {
        return object{{"run_inherited", c.taken->number},
                      {"node", c.taken->node}};
      },
      [](const entry_inherited&) {
        return object{{"entry_inherited", true}};
      },
      [&](const contact_absorbed& c) {
        return object{
          {"contact_absorbed", with.ids.contact(of.workspace, c.contact)}};
      },
      [](const run_paused& c) {
        return object{{"run_paused", c.number}};
      },
      [](const run_resumed& c) {
        return object{{"run_resumed", c.number}};
      },
      [](const send_counted& c) {
        return object{{"send_counted", to_iso8601(c.sent.at)}};
      },
      [](const run_overdue& c) {
        return object{{"run_overdue", c.number}};
      },
      [](const tallies_begun&) {
        return object{{"segments_reviewed", true}};
      },
      [](const event_tallied& c) {
        return object{{"event_tallied", c.tallies.size()}};
      },
      [&](const segment_moved& c) {
        return object{{c.entered ? "segment_entered" : "segment_left",
                       segment_name(c.segment, with)}};
      },
      [](const segments_reviewed&) {
        return object{{"segments_reviewed", true}};
      },
      [](const segment_wake_set& c) {
        return object{{"segment_wake_set",
                       c.at ? json::value(to_iso8601(*c.at)) : json::value{}}};
      },
      [](const timer_dropped& c) {
        return object{{"timer_dropped", to_iso8601(c.what.due)}};
      },
      [](const preference_set& c) {
        return object{{"preference_set", c.wanted.channel},
                      {"category", c.wanted.category},
                      {"subscribed", c.wanted.subscribed}};
      },
      [](const session_opened& c) {
        return object{{"session_opened", c.session.id}};
      },
      [](const session_kept& c) {
        return object{{"session_kept", true}, {"page", c.page}};
      },
      [](const session_awaited& c) {
        return object{{"session_awaited", to_iso8601(c.due)}};
      },
      [](const session_closed&) {
        return object{{"session_closed", true}};
      },
      [](const checklist_step_done& c) {
        return object{{"checklist_step_done", c.checklist}, {"step", c.step}};
      },
      [](const checklist_done& c) {
        return object{{"checklist_done", c.checklist}};
      },
      [](const nudge_put& c) {
        return object{{"nudge_put", c.id},
                      {"expires_at", to_iso8601(c.expires_at)}};
      },
      [](const nudge_moved& c) {
        return object{{"nudge_moved", c.id},
                      {"status", word_of(nudge_status_names, c.to)}};
      },
      [](const nudge_inherited& c) {
        return object{{"nudge_inherited", c.what.id}};
      },
    },
    what);
}

} // namespace troupe::http
