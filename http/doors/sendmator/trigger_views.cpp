#include "http/doors/sendmator/trigger_views.hpp"

#include "engine/access.hpp"

#include <algorithm>
#include <map>

namespace troupe::http::sendmator {

namespace json = boost::json;

namespace {

using engine::execution_status;
using engine::to_iso8601;
using engine::trigger_kind;
using engine::trigger_status;

constexpr std::array status_names{
  std::pair{trigger_status::scheduled, std::string_view{"scheduled"}},
  std::pair{trigger_status::queued, std::string_view{"queued"}},
  std::pair{trigger_status::processing, std::string_view{"processing"}},
  std::pair{trigger_status::completed, std::string_view{"completed"}},
  std::pair{trigger_status::failed, std::string_view{"failed"}},
  std::pair{trigger_status::cancelled, std::string_view{"cancelled"}}};

json::value time_or_null(const std::optional<engine::timestamp>& at) {
  return at ? json::value(to_iso8601(*at)) : json::value();
}

json::string_view text(std::string_view from) {
  return {from.data(), from.size()};
}

// Both are null for a workflow that is gone.
void add_workflow(json::object& to, const std::string& key,
                  const view_context& with) {
  const auto* sequence = messages::find_sequence(with.workspace, key);
  to["workflow_id"]
    = sequence == nullptr ? json::value() : json::value(sequence->text_id);
  to["workflow_name"] = key;
}

json::array steps_of(const json::value& from) {
  json::array steps;
  for (const auto& each : from.as_array()) {
    const auto& step = each.as_object();
    json::object out{
      {"node", step.at("node")},     {"channel", step.at("channel")},
      {"status", step.at("status")}, {"attempts", step.at("attempts")},
      {"next_retry_at", nullptr},    {"error", nullptr}};
    if (const auto* next = step.if_contains("next_attempt_at"))
      out["next_retry_at"] = *next;
    if (const auto* error = step.if_contains("error"))
      out["error"] = *error;
    steps.push_back(std::move(out));
  }
  return steps;
}

job_shown job_of(const execution_shown& from, const view_context& with) {
  job_shown job;
  job.place = from.place;
  job.status = from.status;
  const auto& view = from.view;
  job.workflow = view.at("sequence").as_string();
  const auto& reason = view.at("reason");
  job.view = {{"execution_id", view.at("id")}};
  add_workflow(job.view, job.workflow, with);
  job.view["contact_id"] = view.at("contact");
  job.view["status"] = text(name_of(from.status));
  job.view["reason"]
    = reason.is_object() ? reason.as_object().at("rule") : json::value();
  job.view["details"]
    = reason.is_object() ? reason.as_object().at("inputs") : json::value();
  job.view["started_at"] = view.at("started_at");
  job.view["completed_at"] = view.at("ended_at");
  job.view["steps"] = steps_of(view.at("steps"));
  return job;
}

// A contact that the workflow did not take.
job_shown refused_job(const messages::triggered& from, const std::string& key,
                      const view_context& with) {
  job_shown job;
  job.status = from.row.outcome.value_or(execution_status::filtered);
  job.workflow = key;
  std::string reason = from.row.reason;
  json::value details;
  auto at = from.row.ended_at;
  if (from.decision) {
    const auto& turn = *from.decision->turn;
    at = turn.stamp.at;
    for (const auto& asked : turn.trace)
      if (!asked.passed && reason.empty()) {
        reason = engine::name_of(asked.asked);
        details = json::value(engine::inputs_of(asked));
      }
  }
  job.view = {{"execution_id", nullptr}};
  add_workflow(job.view, key, with);
  job.view["contact_id"]
    = with.ids.contact(from.row.workspace, from.row.contact);
  job.view["status"] = text(name_of(job.status));
  job.view["reason"] = reason.empty() ? json::value() : json::value(reason);
  job.view["details"] = std::move(details);
  job.view["started_at"] = nullptr;
  job.view["completed_at"] = to_iso8601(at);
  job.view["steps"] = json::array{};
  return job;
}

void add_event(trigger_shown& out, const messages::decision_found& decision,
               const view_context& with) {
  const auto& turn = *decision.turn;
  const auto all = executions_of(decision, with);
  for (const auto& each : all)
    out.jobs.push_back(job_of(each, with));
  const auto summary = summary_of(decision, all);
  const auto is_over = summary.at("status") == "completed";
  const auto& numbers = summary.at("summary").as_object();
  out.started_at = turn.stamp.at;
  if (turn.kind == engine::turn_kind::parked) {
    out.status = "failed";
    out.reason = "processing_failed";
    out.counts.failed = 1;
    out.completed_at = turn.stamp.at;
    return;
  }
  out.status = is_over ? "completed" : "processing";
  out.counts.sent = numbers.at("sent").to_number<std::uint64_t>();
  out.counts.failed = numbers.at("failed").to_number<std::uint64_t>();
  out.counts.filtered = numbers.at("filtered").to_number<std::uint64_t>();
  out.counts.under_way = is_over ? 0 : 1;
  if (is_over)
    out.completed_at = engine::parse_iso8601(
      std::string_view{summary.at("completed_at").as_string()});
  if (all.empty())
    out.reason = "no_matching_workflow";
}

std::string workflow_of(const messages::trigger_found& found,
                        const view_context& with) {
  if (!found.workflow)
    return {};
  const auto& keys = with.workspace.sequence_keys;
  const auto key = keys.find(found.workflow->sequence);
  return key == keys.end() ? std::string{} : key->second;
}

void add_contacts(trigger_shown& out, const messages::trigger_found& found,
                  const view_context& with) {
  out.counts = found.counts;
  if (found.row->status == trigger_status::processing
      && found.counts.under_way == 0) {
    out.status = "completed";
    out.completed_at = std::max(found.counts.ended_at,
                                found.row->started_at.value_or(found.row->due));
  } else if (found.row->status == trigger_status::queued
             && found.row->started_at) {
    out.status = "processing";
  }
  const auto key = workflow_of(found, with);
  for (const auto& each : found.contacts) {
    const auto taken = each.decision ? executions_of(*each.decision, with)
                                     : std::vector<execution_shown>{};
    auto job = taken.empty() ? refused_job(each, key, with)
                             : job_of(taken.front(), with);
    job.place = {engine::number(each.row.contact), 0};
    out.jobs.push_back(std::move(job));
  }
}

std::uint64_t total_of(const engine::trigger_counts& counts) {
  return counts.sent + counts.failed + counts.filtered + counts.under_way;
}

json::object numbers_of(const engine::trigger_counts& counts) {
  return {{"total_contacts", total_of(counts)},
          {"sent", counts.sent},
          {"failed", counts.failed},
          {"filtered", counts.filtered}};
}

json::object head_of(const trigger_shown& what) {
  return {
    {"id", what.id},
    {"flow_type", "workflow"},
    {"trigger_type", "workflow"},
    {"status", text(what.status)},
    {"created_at", to_iso8601(what.created_at)},
    {"scheduled_for", time_or_null(what.scheduled_for)},
    {"started_at", time_or_null(what.started_at)},
    {"completed_at", time_or_null(what.completed_at)},
    {"summary", numbers_of(what.counts)},
    {"reason", what.reason.empty() ? json::value() : json::value(what.reason)}};
}

void count(engine::trigger_counts& to, execution_status status) {
  switch (status) {
    case execution_status::processing:
      ++to.under_way;
      break;
    case execution_status::sent:
      ++to.sent;
      break;
    case execution_status::failed:
      ++to.failed;
      break;
    case execution_status::filtered:
      ++to.filtered;
      break;
  }
}

} // namespace

trigger_shown shown_of_nobody(std::string id, engine::timestamp at) {
  trigger_shown out;
  out.id = std::move(id);
  out.status = "completed";
  out.created_at = at;
  out.started_at = at;
  out.completed_at = at;
  out.reason = "no_contact_identifier";
  return out;
}

trigger_shown shown_of(std::string id, const messages::trigger_found& found,
                       const view_context& with) {
  trigger_shown out;
  out.id = std::move(id);
  out.of = &found;
  if (found.row) {
    const auto& row = *found.row;
    out.status = engine::word_of(status_names, row.status);
    out.created_at = row.created_at;
    if (row.due > row.created_at)
      out.scheduled_for = row.due;
    out.started_at = row.started_at;
    out.completed_at = row.ended_at;
    out.reason = row.reason;
    if (row.kind == trigger_kind::workflow)
      add_contacts(out, found, with);
  }
  if (found.decision) {
    if (!found.row)
      out.created_at = found.decision->turn->stamp.at;
    add_event(out, *found.decision, with);
  }
  return out;
}

json::object summary_view(const trigger_shown& what) {
  auto out = head_of(what);
  out["details_endpoint"] = "/triggers/" + what.id + "/workflow";
  return out;
}

json::object details_view(const trigger_shown& what, const view_context& with) {
  struct group {
    engine::trigger_counts counts;
    std::map<std::string, std::uint64_t> reasons;
  };
  std::map<std::string, group> groups;
  const auto is_of_many = what.of != nullptr && what.of->row
                          && what.of->row->kind == trigger_kind::workflow;
  if (is_of_many)
    groups[workflow_of(*what.of, with)].counts = what.counts;
  for (const auto& job : what.jobs) {
    auto& one = groups[job.workflow];
    if (!is_of_many)
      count(one.counts, job.status);
    if (const auto& reason = job.view.at("reason");
        job.status == execution_status::filtered && reason.is_string())
      ++one.reasons[std::string{reason.get_string()}];
  }
  json::array workflows;
  for (const auto& [key, one] : groups) {
    json::object workflow;
    add_workflow(workflow, key, with);
    workflow["summary"] = numbers_of(one.counts);
    json::object reasons;
    for (const auto& [reason, contacts] : one.reasons)
      reasons[reason] = contacts;
    workflow["filter_reasons"] = std::move(reasons);
    workflows.push_back(std::move(workflow));
  }
  auto out = head_of(what);
  out["workflows"] = std::move(workflows);
  out["execution_details_endpoint"] = "/triggers/" + what.id + "/jobs";
  return out;
}

json::array results_view(const trigger_shown& what) {
  json::array results;
  for (const auto& job : what.jobs) {
    const auto& view = job.view;
    const auto has_run = !view.at("execution_id").is_null();
    json::array steps;
    for (const auto& each : view.at("steps").as_array()) {
      const auto& step = each.as_object();
      steps.push_back({{"node", step.at("node")},
                       {"channel", step.at("channel")},
                       {"status", step.at("status")}});
    }
    results.push_back({{"workflow_id", view.at("workflow_id")},
                       {"workflow_name", view.at("workflow_name")},
                       {"status", has_run ? "executed" : "filtered"},
                       {"reason", view.at("reason")},
                       {"execution_id", view.at("execution_id")},
                       {"steps", std::move(steps)}});
  }
  return results;
}

} // namespace troupe::http::sendmator
