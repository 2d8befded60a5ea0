#include "http/resources/audit_view.hpp"

#include "engine/event_document.hpp"
#include "engine/lints.hpp"
#include "engine/strict_json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::turn;

void flatten(const json::object& from, const std::string& path,
             json::object& into) {
  for (const auto& item : from) {
    auto place = path;
    if (!place.empty())
      place += '.';
    place += std::string_view{item.key()};
    if (item.value().is_object() && !item.value().get_object().empty())
      flatten(item.value().get_object(), place, into);
    else
      into[place] = item.value();
  }
}

// {"a": {"b": 1}} to {"a.b": 1}; lists stay whole (G42).
json::object flattened(const json::object& from) {
  json::object out;
  flatten(from, {}, out);
  return out;
}

json::array transitions_of(const turn& what, const view_context& with) {
  json::array out;
  for (const auto& each : what.changes) {
    if (const auto* started = std::get_if<engine::run_started>(&each)) {
      json::object entry{{"started", started->number},
                         {"version", started->version}};
      const auto& keys = with.workspace.sequence_keys;
      if (const auto key = keys.find(started->sequence); key != keys.end())
        entry["sequence"] = key->second;
      out.push_back(std::move(entry));
    } else if (const auto* moved = std::get_if<engine::run_moved>(&each)) {
      out.push_back(
        {{"run", moved->number}, {"node", moved->node}, {"edge", moved->edge}});
    } else if (const auto* ended = std::get_if<engine::run_ended>(&each)) {
      out.push_back({{"ended", ended->number},
                     {"status", engine::name_of(ended->status)},
                     {"reason", ended->reason}});
    }
  }
  return out;
}

json::object details_of(const turn& what, const view_context& with,
                        const std::string& contact) {
  json::object details{{"type", what.event->type}, {"contact", contact}};
  details["door"] = engine::name_of(what.event->from);
  details["fan_out"] = {{"sequences_woken", what.nodes_entered},
                        {"webhooks_dispatched", what.matched.size()}};
  if (const auto metadata = engine::parse_json(what.event->properties_text());
      metadata && metadata->is_object())
    details["metadata"] = flattened(engine::masked(metadata->get_object()));
  if (!what.warnings.empty()) {
    auto& warnings = details["warnings"].emplace_array();
    for (const auto& each : what.warnings)
      warnings.push_back(
        {{"code", each.code}, {"identity", engine::name_of(each.kind)}});
  }
  if (auto transitions = transitions_of(what, with); !transitions.empty())
    details["transitions"] = std::move(transitions);
  return details;
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

// What a write was about, without what it says.
json::array changed_by(const turn& what) {
  json::array out;
  const auto add = [&out](std::string name) {
    if (std::find(out.begin(), out.end(), json::value(name)) == out.end())
      out.emplace_back(std::move(name));
  };
  for (const auto& each : what.changes) {
    if (const auto* gained = std::get_if<engine::identity_attached>(&each))
      add(std::string{engine::name_of(gained->who.kind)});
    else if (const auto* lost = std::get_if<engine::identity_detached>(&each))
      add(std::string{engine::name_of(lost->kind)});
    else if (const auto* set = std::get_if<engine::attribute_set>(&each))
      add("attributes." + set->name);
    else if (std::holds_alternative<engine::tag_added>(each)
             || std::holds_alternative<engine::tag_removed>(each))
      add("tags");
    else if (const auto* choice = std::get_if<engine::preference_set>(&each))
      add("preferences." + choice->wanted.channel);
  }
  return out;
}

json::object entry_of_intervention(const turn& what, const view_context& with,
                                   const std::string& contact) {
  const auto& wish = *what.intervened;
  json::object details{{"contact", contact}, {"reason", wish.reason}};
  if (wish.what == engine::intervention_kind::write)
    details["changed"] = changed_by(what);
  if (auto transitions = transitions_of(what, with); !transitions.empty())
    details["transitions"] = std::move(transitions);
  return {{"action", intervention_action(wish.what)},
          {"actor", json::object{{"key", text_or_null(wish.by)}}},
          {"subject", contact},
          {"details", std::move(details)}};
}

json::object entry_of(const turn& what, const view_context& with) {
  const auto contact = with.ids.contact(what.workspace, what.contact);
  json::object entry{
    {"id", with.ids.at_position("aud_", what.workspace,
                                {what.stamp.at, what.stamp.turn, 0})},
    {"at", engine::to_iso8601(what.stamp.at)},
    {"request_id", text_or_null(what.request_id)}};
  auto more = what.intervened
                ? entry_of_intervention(what, with, contact)
                : json::object{{"action", "event.received"},
                               {"actor", json::object{{"contact", contact}}},
                               {"subject", engine::event_id(what, with.ids)},
                               {"details", details_of(what, with, contact)}};
  entry.insert(more.begin(), more.end());
  return entry;
}

json::object entry_of(const messages::admin_note& note,
                      engine::workspace_id workspace,
                      const view_context& with) {
  json::error_code failure;
  auto details = json::parse(note.details, failure);
  return {{"id", with.ids.at_position("aud_", workspace,
                                      {note.at, engine::position{note.id}, 1})},
          {"at", engine::to_iso8601(note.at)},
          {"action", note.action},
          {"actor", json::object{{"key", text_or_null(note.actor)}}},
          {"request_id", text_or_null(note.request_id)},
          {"subject", note.subject},
          {"details", failure ? json::value() : std::move(details)}};
}

} // namespace

std::string_view intervention_action(engine::intervention_kind what) {
  switch (what) {
    case engine::intervention_kind::enrol:
      return "run.enrolled";
    case engine::intervention_kind::transition:
      return "run.moved";
    case engine::intervention_kind::pause:
      return "run.paused";
    case engine::intervention_kind::resume:
      return "run.resumed";
    case engine::intervention_kind::exit:
      return "run.exited";
    case engine::intervention_kind::skip:
      return "run.skipped";
    case engine::intervention_kind::retry:
      return "run.retried";
    case engine::intervention_kind::review:
      return "review";
    case engine::intervention_kind::write:
      return "contact.written";
  }
  return "unknown";
}

audit_page audit_page_of(const messages::audit_found& found,
                         engine::workspace_id workspace, std::size_t limit,
                         const list_place& place, const view_context& with) {
  audit_page page;
  page.next = place;
  auto turn = found.turns.begin();
  auto note = found.notes.begin();
  const auto turns_stopped = found.next != engine::position{};
  while (page.data.size() < limit) {
    const auto no_turn = turn == found.turns.end();
    // Older events may come that were not looked at yet.
    if (no_turn && turns_stopped)
      break;
    if (no_turn && note == found.notes.end())
      break;
    if (note == found.notes.end() || (!no_turn && turn->stamp.at >= note->at)) {
      page.data.push_back(entry_of(*turn, with));
      page.next.first = engine::number(turn->stamp.turn);
      ++turn;
    } else {
      page.data.push_back(entry_of(*note, workspace, with));
      page.next.second = note->id;
      ++note;
    }
  }
  if (turn == found.turns.end() && turns_stopped)
    page.next.first = engine::number(found.next);
  page.has_more = turn != found.turns.end() || note != found.notes.end()
                  || found.more_turns || found.more_notes;
  return page;
}

} // namespace troupe::http
