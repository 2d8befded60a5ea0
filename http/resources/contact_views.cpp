#include "http/resources/contact_views.hpp"

#include "engine/contact.hpp"
#include "engine/contact_notice.hpp"
#include "engine/event_document.hpp"
#include "engine/lints.hpp"
#include "engine/naming.hpp"
#include "engine/strict_json.hpp"
#include "engine/turn_scope.hpp"
#include "http/resources/audit_view.hpp"
#include "http/resources/change_view.hpp"
#include "http/resources/turn_deliveries.hpp"

#include <algorithm>
#include <map>

namespace troupe::http {

namespace json = boost::json;

namespace {

using namespace engine;

// Follows the runs through the turns, oldest first.
class run_history {
public:
  explicit run_history(const view_context& with) : with_(with) {}

  void add(const turn& what) {
    for (const auto& each : what.changes) {
      if (const auto* taken = std::get_if<run_inherited>(&each))
        take_over(what, *taken);
      else if (const auto* started = std::get_if<run_started>(&each))
        start(what, *started);
      else if (const auto* moved = std::get_if<run_moved>(&each))
        move(what, *moved);
      else if (const auto* ended = std::get_if<run_ended>(&each))
        end(what, *ended);
      else if (const auto* paused = std::get_if<run_paused>(&each))
        set_status(what, paused->number, "paused");
      else if (const auto* resumed = std::get_if<run_resumed>(&each))
        set_status(what, resumed->number, "active");
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
  using run_key = std::pair<position, std::uint32_t>; // and ordinal
  struct entry {
    json::object view;
    json::array history;
  };

  json::object& begin(const turn& what, std::uint32_t number, const run& of) {
    const auto id = run_key{of.started_turn, of.ordinal};
    numbers_[{what.contact, number}] = id;
    auto& view = runs_[id].view;
    const auto key = with_.workspace.sequence_keys.find(of.sequence);
    view["id"] = with_.ids.at_position(
      "run_", what.workspace, {of.started_at, of.started_turn, of.ordinal});
    view["sequence"] = key == with_.workspace.sequence_keys.end()
                         ? std::string{}
                         : key->second;
    view["version"] = of.version;
    view["status"] = "active";
    view["vars"] = of.vars;
    view["started_at"] = to_iso8601(of.started_at);
    return view;
  }

  void start(const turn& what, const run_started& started) {
    run made;
    made.sequence = started.sequence;
    made.version = started.version;
    made.ordinal = started.ordinal;
    made.started_turn = what.stamp.turn;
    made.started_at = what.stamp.at;
    made.vars = started.vars;
    begin(what, started.number, made)["cause"] = cause_of(what, with_.ids);
  }

  // The run of an absorbed contact goes on under another number.
  void take_over(const turn& what, const run_inherited& inherited) {
    const auto& taken = *inherited.taken;
    auto& view = begin(what, taken.number, taken);
    view["node"] = taken.node;
    view["entered_at"] = to_iso8601(taken.entered_at);
    if (taken.wake_at)
      view["wake_at"] = to_iso8601(*taken.wake_at);
  }

  entry* find(const turn& what, std::uint32_t number) {
    const auto id = numbers_.find({what.contact, number});
    // Else it started before the turns shown.
    return id == numbers_.end() ? nullptr : &runs_.at(id->second);
  }

  void move(const turn& what, const run_moved& moved) {
    auto* found = find(what, moved.number);
    if (found == nullptr)
      return;
    auto& [view, history] = *found;
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

  void set_status(const turn& what, std::uint32_t number, const char* status) {
    if (auto* found = find(what, number))
      found->view["status"] = status;
  }

  void end(const turn& what, const run_ended& ended) {
    auto* found = find(what, ended.number);
    if (found == nullptr)
      return;
    auto& [view, history] = *found;
    view["status"] = name_of(ended.status);
    view["reason"] = ended.reason;
    view["ended_at"] = to_iso8601(what.stamp.at);
    view.erase("wake_at");
    if (!history.empty())
      history.back().as_object()["left_at"] = to_iso8601(what.stamp.at);
  }

  const view_context& with_;
  std::map<run_key, entry> runs_;
  std::map<std::pair<contact_id, std::uint32_t>, run_key> numbers_;
};

// What people read in a timeline: secrets and card numbers are masked (G82).
json::object event_entry(const turn& what, const id_text& ids) {
  json::object out{{"id", event_id(what, ids)}, {"type", what.event->type}};
  const auto properties = parse_json(what.event->properties_text());
  if (!properties || !properties->is_object())
    return out;
  out["metadata"] = masked(properties->get_object());
  auto lints = lints_of(properties->get_object(), what.event->type);
  add_naming_lints(lints, properties->get_object(), what.event->type);
  if (!lints.empty()) {
    auto& shown = out["lints"].emplace_array();
    for (const auto& each : lints)
      shown.push_back({{"code", each.code}, {"path", each.path}});
  }
  return out;
}

} // namespace

std::string_view kind_name(turn_kind kind) {
  switch (kind) {
    case turn_kind::event:
      return "event";
    case turn_kind::timer:
      return "timer";
    case turn_kind::inbox:
      return "inbox";
    case turn_kind::parked:
      return "parked";
    case turn_kind::intervention:
      return "intervention";
    case turn_kind::merge:
      return "merge";
    case turn_kind::notice:
      return "notice";
    case turn_kind::erased:
      return "erased";
  }
  return "unknown";
}

json::value contact_or_null(const turn& what, const id_text& ids) {
  return what.kind == turn_kind::notice
           ? json::value()
           : json::value(ids.contact(what.workspace, what.contact));
}

json::object cause_of(const turn& what, const id_text& ids) {
  if (what.event)
    return {{"event", event_id(what, ids)}};
  if (what.fired)
    return {{"timer", to_iso8601(what.fired->due)}};
  if (what.intervened)
    return {{"operator", what.intervened->by},
            {"reason", what.intervened->reason}};
  return {};
}

json::object contact_view(const messages::contact_shown& shown,
                          const view_context& with) {
  auto out = contact_document(shown.state, with.workspace.definitions.get());
  out["id"] = with.ids.contact(shown.state.workspace, shown.state.id);
  out["created_at"] = to_iso8601(created_at(shown.state.id));
  const auto text = [&](contact_id id) {
    return with.ids.contact(shown.state.workspace, id);
  };
  json::array identities;
  for (const auto& who : *shown.state.identities)
    identities.push_back({{"kind", name_of(who.kind)}, {"value", who.value}});
  out["identities"] = std::move(identities);
  json::array absorbed;
  for (const auto each : *shown.state.absorbed)
    absorbed.emplace_back(text(each));
  out["absorbed"] = std::move(absorbed);
  if (shown.merged_into != contact_id{})
    out["merged_into"] = text(shown.merged_into);
  return out;
}

json::array runs_view(const messages::contact_shown& shown,
                      const view_context& with) {
  run_history runs{with};
  for (auto turn = shown.turns.rbegin(); turn != shown.turns.rend(); ++turn)
    runs.add(*turn);
  return runs.newest_first(with.ids.contact(
    shown.state.workspace,
    shown.merged_into == contact_id{} ? shown.state.id : shown.merged_into));
}

std::optional<json::value> run_view(const messages::contact_shown& shown,
                                    std::string_view id,
                                    const view_context& with) {
  auto runs = runs_view(shown, with);
  for (auto& run : runs)
    if (std::string_view{run.at("id").as_string()} == id)
      return std::move(run);
  return std::nullopt;
}

json::array timeline_view(const messages::contact_shown& shown,
                          const view_context& with) {
  json::array data;
  for (const auto& turn : shown.turns) {
    json::object entry{{"seq", turn.stamp.seq},
                       {"at", to_iso8601(turn.stamp.at)},
                       {"kind", kind_name(turn.kind)}};
    if (turn.event)
      entry["event"] = event_entry(turn, with.ids);
    if (turn.intervened)
      entry["operator"]
        = {{"key", turn.intervened->by},
           {"action", intervention_action(turn.intervened->what)},
           {"reason", turn.intervened->reason}};
    if (turn.fired)
      entry["timer"] = to_iso8601(turn.fired->due);
    json::array changes;
    for (const auto& what : turn.changes)
      changes.push_back(change_view(what, turn, with));
    entry["changes"] = std::move(changes);
    const auto notices = static_cast<std::size_t>(
      std::count_if(turn.sends.begin(), turn.sends.end(), is_notice));
    entry["webhooks"] = turn.matched.size() + notices;
    entry["sends"] = turn.sends.size() - notices;
    entry["messages"] = turn.messages.size();
    entry["deliveries"] = deliveries_of(turn, with);
    if (!turn.failure.empty())
      entry["failure"] = turn.failure;
    data.push_back(std::move(entry));
  }
  return data;
}

} // namespace troupe::http
