#include "http/resources/execution_views.hpp"

#include "engine/access.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::execution;
using engine::execution_status;
using engine::execution_step;
using engine::to_iso8601;

json::value time_or_null(engine::timestamp at) {
  return at == engine::timestamp{} ? json::value()
                                   : json::value(to_iso8601(at));
}

// The key of the channel; calls of `http` nodes have none.
std::string channel_of(const execution_step& step, const view_context& with) {
  const auto found = with.workspace.endpoints.find(step.delivery.destination);
  return found == with.workspace.endpoints.end() ? "http" : found->second.key;
}

json::object rule_view(const execution_step& step) {
  engine::check asked;
  asked.asked = *step.left_out_by;
  asked.inputs = step.inputs;
  engine::explained_check shown;
  shown.asked = asked.asked;
  shown.name = engine::name_of(asked.asked);
  shown.inputs = engine::inputs_of(asked);
  shown.result = false;
  return check_view(shown);
}

json::object step_view(const execution_step& step, const view_context& with) {
  json::object out{{"node", step.node}, {"at", to_iso8601(step.stamp.at)}};
  json::array warnings;
  for (const auto& path : step.warnings)
    warnings.push_back({{"code", "template_path"}, {"path", path}});
  if (step.left_out_by) {
    out["channel"] = nullptr;
    out["status"] = "filtered";
    out["delivery"] = nullptr;
    out["attempts"] = 0;
    out["reason"] = rule_view(step);
  } else {
    engine::turn of;
    of.workspace = step.workspace;
    of.contact = step.contact;
    of.stamp = step.stamp;
    out["channel"] = channel_of(step, with);
    out["status"] = engine::word_of(engine::delivery_status_names, step.status);
    out["delivery"] = engine::delivery_id(of, step.delivery.destination,
                                          step.delivery.ordinal, with.ids);
    out["attempts"] = step.attempts;
  }
  if (step.next_attempt_at)
    out["next_attempt_at"] = to_iso8601(*step.next_attempt_at);
  if (!step.error.empty())
    out["error"] = step.error;
  out["warnings"] = std::move(warnings);
  return out;
}

// Why nothing was sent, or what failed; null else.
json::value reason_of(const execution& what, execution_status status) {
  if (status == execution_status::failed
      && what.run.status == engine::run_status::failed)
    return json::value{{"rule", "run.failed"},
                       {"inputs", {{"reason", what.run.reason}}},
                       {"result", false}};
  if (status != execution_status::filtered)
    return nullptr;
  for (const auto& step : what.steps)
    if (step.left_out_by)
      return json::value(rule_view(step));
  if (!what.steps.empty()) // all of them were not wanted at dispatch
    return json::value{{"rule", engine::name_of(engine::rule::consent)},
                       {"inputs", {{"node", what.steps.front().node}}},
                       {"result", false}};
  return json::value{{"rule", "no_messages"},
                     {"inputs",
                      {{"status", engine::name_of(what.run.status)},
                       {"reason", what.run.reason}}},
                     {"result", false}};
}

engine::timestamp end_of(const execution& what) {
  auto at = what.run.ended_at;
  for (const auto& step : what.steps)
    at = std::max(at, step.ended_at);
  return at;
}

execution_shown shown_of(const execution& what,
                         const messages::decision_found& found,
                         const view_context& with) {
  execution_shown out;
  const auto& run = what.run;
  out.place = {engine::number(run.sequence), run.ordinal};
  out.status = status_of(what);
  const auto is_over = out.status != execution_status::processing;
  if (is_over)
    out.ended_at = end_of(what);
  const auto& keys = with.workspace.sequence_keys;
  const auto key = keys.find(run.sequence);
  json::array steps;
  for (const auto& step : what.steps)
    steps.push_back(step_view(step, with));
  out.view = {
    {"id",
     with.ids.at_position("run_", found.turn->workspace,
                          {run.started_at, run.started_turn, run.ordinal})},
    {"sequence", key == keys.end() ? std::string{} : key->second},
    {"version", run.version},
    {"contact", with.ids.contact(found.turn->workspace, found.turn->contact)},
    {"status", name_of(out.status)},
    {"run_status", engine::name_of(run.status)},
    {"reason", reason_of(what, out.status)},
    {"started_at", to_iso8601(run.started_at)},
    {"ended_at", is_over ? time_or_null(*out.ended_at) : json::value()},
    {"steps", std::move(steps)}};
  return out;
}

// A sequence that is about such events and did not start.
execution_shown refused(const messages::sequence_entry& sequence,
                        const messages::decision_found& found,
                        const view_context& with) {
  const auto& came = *found.turn;
  const auto about = engine::explain(known_sequence_of(sequence), &came,
                                     found.before, found.after);
  execution_shown out;
  out.place = {engine::number(sequence.id), 0};
  out.ended_at = came.stamp.at;
  out.view
    = {{"id", nullptr},
       {"sequence", sequence.key},
       {"version",
        about.version == 0 ? json::value() : json::value(about.version)},
       {"contact", with.ids.contact(came.workspace, came.contact)},
       {"status", name_of(out.status)},
       {"run_status", nullptr},
       {"reason", about.first_failed
                    ? json::value(check_view(about.checks[*about.first_failed]))
                    : json::value()},
       {"started_at", nullptr},
       {"ended_at", to_iso8601(came.stamp.at)},
       {"steps", json::array{}}};
  return out;
}

} // namespace

std::vector<execution_shown>
executions_of(const messages::decision_found& found, const view_context& with) {
  std::vector<execution_shown> out;
  std::set<engine::sequence_id> started;
  for (const auto& each : found.executions) {
    started.insert(each.run.sequence);
    out.push_back(shown_of(each, found, with));
  }
  std::set<engine::sequence_id> asked;
  for (const auto& each : found.turn->trace)
    if (each.asked == engine::rule::trigger_type
        && !started.contains(each.sequence))
      asked.insert(each.sequence);
  for (const auto id : asked)
    if (const auto known = with.workspace.sequences.find(id);
        known != with.workspace.sequences.end())
      out.push_back(refused(known->second, found, with));
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.place < b.place;
  });
  return out;
}

json::object summary_of(const messages::decision_found& found,
                        const std::vector<execution_shown>& all) {
  const auto has = [&all](execution_status wanted) {
    return std::any_of(all.begin(), all.end(), [wanted](const auto& each) {
      return each.status == wanted;
    });
  };
  const auto is_over = !has(execution_status::processing);
  const auto failed = has(execution_status::failed);
  const auto sent = !failed && has(execution_status::sent);
  auto ended = found.turn->stamp.at;
  for (const auto& each : all)
    ended = std::max(ended, each.ended_at.value_or(ended));
  return {{"status", is_over ? "completed" : "processing"},
          {"started_at", to_iso8601(found.turn->stamp.at)},
          {"completed_at", is_over ? json::value(to_iso8601(ended)) : nullptr},
          {"summary",
           {{"total_contacts", 1},
            {"sent", is_over && sent ? 1 : 0},
            {"failed", is_over && failed ? 1 : 0},
            {"filtered", is_over && !sent && !failed ? 1 : 0}}},
          {"truncated", found.cut}};
}

} // namespace troupe::http
