#include "http/resources/contact_views.hpp"

#include "engine/contact.hpp"
#include "engine/event_document.hpp"
#include "engine/lints.hpp"
#include "engine/strict_json.hpp"
#include "engine/turn_scope.hpp"

#include <map>

namespace troupe::http {

namespace json = boost::json;

namespace {

using namespace engine;

std::string_view name_of(run_status status) {
  switch (status) {
    case run_status::active:
      return "active";
    case run_status::completed:
      return "completed";
    case run_status::exited:
      return "exited";
    case run_status::failed:
      return "failed";
  }
  return "unknown";
}

std::string_view name_of(turn_kind kind) {
  switch (kind) {
    case turn_kind::event:
      return "event";
    case turn_kind::timer:
      return "timer";
    case turn_kind::inbox:
      return "inbox";
    case turn_kind::parked:
      return "parked";
  }
  return "unknown";
}

// {event} or {timer} (api.md, "Run").
json::object cause_of(const turn& what, const id_text& ids) {
  if (what.event)
    return {{"event", event_id(what, ids)}};
  if (what.fired)
    return {{"timer", to_iso8601(what.fired->due)}};
  return {};
}

// Follows the runs through the turns, oldest first.
class run_history {
public:
  explicit run_history(const view_context& with) : with_(with) {}

  void add(const turn& what) {
    for (const auto& each : what.changes) {
      if (const auto* started = std::get_if<run_started>(&each))
        start(what, *started);
      else if (const auto* moved = std::get_if<run_moved>(&each))
        move(what, *moved);
      else if (const auto* ended = std::get_if<run_ended>(&each))
        end(what, *ended);
    }
  }

  json::array newest_first(const std::string& contact) {
    json::array out;
    for (auto found = runs_.rbegin(); found != runs_.rend(); ++found) {
      auto& view = found->second.view;
      view["contact"] = contact;
      view["history"] = std::move(found->second.history);
      out.push_back(std::move(view));
    }
    return out;
  }

private:
  struct entry {
    json::object view;
    json::array history;
  };

  void start(const turn& what, const run_started& started) {
    auto& made = runs_[started.number];
    const auto key = with_.workspace.sequence_keys.find(started.sequence);
    made.view["id"] = with_.ids.at_position(
      "run_", what.workspace,
      {what.stamp.at, what.stamp.turn, started.ordinal});
    made.view["sequence"] = key == with_.workspace.sequence_keys.end()
                              ? std::string{}
                              : key->second;
    made.view["version"] = started.version;
    made.view["status"] = "active";
    made.view["vars"] = started.vars;
    made.view["started_at"] = to_iso8601(what.stamp.at);
    made.view["cause"] = cause_of(what, with_.ids);
  }

  void move(const turn& what, const run_moved& moved) {
    const auto found = runs_.find(moved.number);
    if (found == runs_.end())
      return; // it started before the turns shown
    auto& [view, history] = found->second;
    const auto at = to_iso8601(what.stamp.at);
    if (!history.empty())
      history.back().as_object()["left_at"] = at;
    history.push_back({{"node", moved.node},
                       {"entered_at", at},
                       {"edge", moved.edge},
                       {"cause", cause_of(what, with_.ids)}});
    view["node"] = moved.node;
    view["entered_at"] = at;
    if (moved.wake_at)
      view["wake_at"] = to_iso8601(*moved.wake_at);
    else
      view.erase("wake_at");
  }

  void end(const turn& what, const run_ended& ended) {
    const auto found = runs_.find(ended.number);
    if (found == runs_.end())
      return;
    auto& [view, history] = found->second;
    view["status"] = name_of(ended.status);
    view["reason"] = ended.reason;
    view["ended_at"] = to_iso8601(what.stamp.at);
    view.erase("wake_at");
    if (!history.empty())
      history.back().as_object()["left_at"] = to_iso8601(what.stamp.at);
  }

  const view_context& with_;
  std::map<std::uint32_t, entry> runs_;
};

json::object list(json::array data, bool has_more) {
  json::object out;
  out["data"] = std::move(data);
  out["has_more"] = has_more;
  out["next_cursor"] = nullptr;
  return out;
}

// What people read in a timeline: secrets and card numbers are masked (G82).
json::object event_entry(const turn& what, const id_text& ids) {
  json::object out{{"id", event_id(what, ids)}, {"type", what.event->type}};
  const auto properties = parse_json(what.event->properties_text());
  if (!properties || !properties->is_object())
    return out;
  out["metadata"] = masked(properties->get_object());
  if (const auto lints = lints_of(properties->get_object()); !lints.empty()) {
    auto& shown = out["lints"].emplace_array();
    for (const auto& each : lints)
      shown.push_back({{"code", each.code}, {"path", each.path}});
  }
  return out;
}

json::value change_view(const change& what) {
  using value = json::value;
  if (const auto* c = std::get_if<identity_attached>(&what))
    return value{{"identity_attached", name_of(c->who.kind)},
                 {"value", c->who.value}};
  if (const auto* c = std::get_if<identity_detached>(&what))
    return value{{"identity_detached", name_of(c->kind)}, {"key", c->key}};
  if (const auto* c = std::get_if<attribute_set>(&what))
    return value{{"attribute_set", c->name}, {"value", c->value}};
  if (const auto* c = std::get_if<tag_added>(&what))
    return value{{"tag_added", c->tag}};
  if (const auto* c = std::get_if<tag_removed>(&what))
    return value{{"tag_removed", c->tag}};
  if (const auto* c = std::get_if<score_added>(&what))
    return value{{"score_added", c->by}};
  if (const auto* c = std::get_if<run_started>(&what))
    return value{{"run_started", c->number}};
  if (const auto* c = std::get_if<run_moved>(&what))
    return value{
      {"run_moved", c->number}, {"node", c->node}, {"edge", c->edge}};
  if (const auto* c = std::get_if<run_counted>(&what))
    return value{{"run_counted", c->number}, {"clause", c->clause}};
  const auto& c = std::get<run_ended>(what);
  return value{{"run_ended", c.number},
               {"status", name_of(c.status)},
               {"reason", c.reason}};
}

} // namespace

json::object contact_view(const messages::contact_shown& shown,
                          const view_context& with) {
  auto out = contact_document(shown.state);
  out["id"] = with.ids.contact(shown.state.workspace, shown.state.id);
  out["created_at"] = to_iso8601(created_at(shown.state.id));
  return out;
}

json::object runs_view(const messages::contact_shown& shown,
                       const view_context& with) {
  run_history runs{with};
  for (auto turn = shown.turns.rbegin(); turn != shown.turns.rend(); ++turn)
    runs.add(*turn);
  return list(
    runs.newest_first(with.ids.contact(shown.state.workspace, shown.state.id)),
    shown.has_more);
}

json::object timeline_view(const messages::contact_shown& shown,
                           const view_context& with) {
  json::array data;
  for (const auto& turn : shown.turns) {
    json::object entry{{"seq", turn.stamp.seq},
                       {"at", to_iso8601(turn.stamp.at)},
                       {"kind", name_of(turn.kind)}};
    if (turn.event)
      entry["event"] = event_entry(turn, with.ids);
    if (turn.fired)
      entry["timer"] = to_iso8601(turn.fired->due);
    json::array changes;
    for (const auto& what : turn.changes)
      changes.push_back(change_view(what));
    entry["changes"] = std::move(changes);
    entry["webhooks"] = turn.matched.size();
    entry["sends"] = turn.sends.size();
    entry["messages"] = turn.messages.size();
    if (!turn.failure.empty())
      entry["failure"] = turn.failure;
    data.push_back(std::move(entry));
  }
  return list(std::move(data), shown.has_more);
}

} // namespace troupe::http
