#include "engine/sessions.hpp"

#include "engine/json_text.hpp"

#include <algorithm>
#include <optional>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::string_view page_view = "$page_view";
constexpr std::size_t session_id_max = 256; // bytes

bool belongs(const session_policy& policy, const incoming_event& from) {
  if (policy.of != session_rule::browser)
    return policy.of == session_rule::all;
  return from.from_browser || from.record.type == page_view
         || from.record.type == "$session_start"
         || std::any_of(from.identities.begin(), from.identities.end(),
                        [](const identity& who) {
                          return who.kind == identity_kind::anonymous_id;
                        });
}

// The same over crash and retry: of the contact and the turn that opens it.
std::string made_id(const turn& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto hash = fingerprint(json::array{number(out.contact), out.stamp.seq});
  std::string id = "ses_";
  for (int i = 0; i < 16; ++i, hash >>= 4)
    id.push_back(digits[hash & 0xF]);
  return id;
}

std::optional<std::string> given_id(const json::object& properties) {
  const auto* id = properties.if_contains("session_id");
  if (id == nullptr || !id->is_string() || id->get_string().empty()
      || id->get_string().size() > session_id_max)
    return std::nullopt;
  return std::string{id->get_string()};
}

void clear_timer(turn& out, const contact_session& of) {
  out.timers_cleared.push_back({of.due, 0, session_timer});
}

void open(interpreter& runs, turn& out, const session_policy& policy,
          std::string id) {
  contact_session opened;
  opened.id = std::move(id);
  opened.started_at = out.stamp.at;
  opened.last_at = out.stamp.at;
  opened.due = out.stamp.at + policy.gap;
  opened.pages = out.event->type == page_view ? 1 : 0;
  out.timers_set.push_back({opened.due, 0, session_timer});
  runs.record(session_opened{std::move(opened)});
}

void announce(turn& out, const std::string& id) {
  out.messages.push_back(
    {std::nullopt, "$session_start",
     to_json(json::object{{"session_id", id}, {"duration", 0}}), out.hops + 1});
}

void end(interpreter& runs, turn& out) {
  out.messages.push_back(end_of(*runs.state().session, out.hops + 1));
  runs.record(session_closed{});
}

} // namespace

outgoing_message end_of(const contact_session& session, std::uint32_t hops) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(
    session.last_at - session.started_at);
  return {std::nullopt, "$session_end",
          to_json(json::object{{"session_id", session.id},
                               {"duration", seconds.count()},
                               {"pages", session.pages}}),
          hops};
}

void keep_session(interpreter& runs, turn& out, const session_policy& policy,
                  const incoming_event& from) {
  const auto& type = out.event->type;
  const auto closes = type == "$session_end";
  if (policy.of == session_rule::off || !(closes || belongs(policy, from)))
    return;
  const auto before = *runs.state().session;
  const auto is_open = !before.id.empty();
  if (closes) {
    // The client says itself how it was.
    if (is_open) {
      clear_timer(out, before);
      runs.record(session_closed{});
    }
    return;
  }
  const auto given
    = type == "$session_start" ? given_id(from.properties) : std::nullopt;
  if (is_open && out.stamp.at - before.last_at < policy.gap
      && (!given || *given == before.id)) {
    runs.record(session_kept{type == page_view});
    return;
  }
  if (is_open) {
    clear_timer(out, before);
    end(runs, out);
  }
  auto id = given ? *given : made_id(out);
  if (!given)
    announce(out, id);
  open(runs, out, policy, std::move(id));
}

void await_session(interpreter& runs, turn& out, const session_policy& policy) {
  const auto over = runs.state().session->last_at + policy.gap;
  if (policy.of == session_rule::off || out.stamp.at >= over)
    return end(runs, out);
  runs.record(session_awaited{over});
  out.timers_set.push_back({over, 0, session_timer});
}

void keep_checklists(interpreter& runs, turn& out, const definitions& with,
                     const json::object& properties) {
  if (out.event->type != "$checklist_step_completed")
    return;
  const auto* key = properties.if_contains("checklist_id");
  const auto* step = properties.if_contains("step_id");
  if (key == nullptr || !key->is_string() || step == nullptr
      || !step->is_string())
    return;
  const std::string checklist{key->get_string()};
  const std::string done{step->get_string()};
  const auto* steps = with.checklist(checklist);
  if (steps == nullptr
      || !std::binary_search(steps->begin(), steps->end(), done))
    return;
  const auto progress = [&]() -> const checklist_progress* {
    for (const auto& each : *runs.state().checklists)
      if (each.checklist == checklist)
        return &each;
    return nullptr;
  };
  const auto* known = progress();
  if (known == nullptr
      || !std::binary_search(known->steps.begin(), known->steps.end(), done))
    runs.record(checklist_step_done{checklist, done});
  known = progress();
  if (known->completed
      || !std::includes(known->steps.begin(), known->steps.end(),
                        steps->begin(), steps->end()))
    return;
  runs.record(checklist_done{checklist});
  out.messages.push_back({std::nullopt, "$checklist_completed",
                          to_json(json::object{{"checklist_id", checklist}}),
                          out.hops + 1});
}

void keep_nudges(interpreter& runs, const turn& out,
                 const json::object& properties) {
  const auto to = nudge_status_of(out.event->type);
  if (!to)
    return;
  const auto* id = properties.if_contains("nudge_id");
  if (id == nullptr || !id->is_string())
    return;
  const auto* known
    = find_nudge(*runs.state().nudges, std::string_view{id->get_string()});
  if (known != nullptr && known->status < *to)
    runs.record(nudge_moved{known->id, *to});
}

} // namespace troupe::engine
