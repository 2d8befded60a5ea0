#include "engine/executions.hpp"

#include "engine/explain.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace troupe::engine {

namespace {

bool leaves_out(const check& asked) {
  return !asked.passed
         && (asked.asked == rule::consent || asked.asked == rule::frequency_cap
             || asked.asked == rule::on_resume
             || asked.asked == rule::template_limit);
}

std::string member_of(const check& asked, std::string_view name) {
  const auto inputs = inputs_of(asked);
  const auto* found = inputs.if_contains(name);
  return found != nullptr && found->is_string()
           ? std::string{found->get_string()}
           : std::string{};
}

execution_step step_of(const turn& of, std::string node) {
  execution_step step;
  step.node = std::move(node);
  step.stamp = of.stamp;
  step.workspace = of.workspace;
  step.contact = of.contact;
  return step;
}

bool is_left_out(const execution_step& step) {
  return step.left_out_by || step.error == "consent_withdrawn";
}

} // namespace

std::string_view name_of(execution_status what) {
  switch (what) {
    case execution_status::processing:
      return "processing";
    case execution_status::sent:
      return "sent";
    case execution_status::failed:
      return "failed";
    case execution_status::filtered:
      return "filtered";
  }
  return {};
}

execution_status status_of(const execution& what) {
  auto is_sent = false;
  auto has_failed = what.run.status == run_status::failed;
  for (const auto& step : what.steps) {
    if (is_left_out(step))
      continue;
    if (step.status == delivery_status::pending
        || step.status == delivery_status::held)
      return execution_status::processing;
    is_sent = is_sent || step.status == delivery_status::delivered;
    has_failed = has_failed || step.status != delivery_status::delivered;
  }
  if (is_live(what.run.status))
    return execution_status::processing;
  if (has_failed)
    return execution_status::failed;
  return is_sent ? execution_status::sent : execution_status::filtered;
}

executions::executions(const turn& first) {
  for (const auto& each : first.changes)
    if (const auto* started = std::get_if<run_started>(&each)) {
      newest_.emplace_back(first.contact, started->number);
      places_[newest_.back()] = all_.size();
      all_.emplace_back();
    }
  add(first);
}

void executions::add(const turn& next) {
  contact_id absorbed{};
  for (const auto& each : next.changes)
    if (const auto* taken_in = std::get_if<contact_absorbed>(&each))
      absorbed = taken_in->contact;
  for (const auto& each : next.changes)
    if (const auto* taken = std::get_if<run_inherited>(&each))
      if (const auto at = places_.find({absorbed, taken->number_there});
          at != places_.end()) {
        newest_[at->second] = {next.contact, taken->taken->number};
        places_[newest_[at->second]] = at->second;
      }
  runs_[next.contact].add(next);
  add_steps(next);
}

execution* executions::find(contact_id contact, std::uint32_t run) {
  const auto at = places_.find({contact, run});
  return at == places_.end() ? nullptr : &all_[at->second];
}

void executions::add_steps(const turn& of) {
  std::uint32_t ordinal = 0;
  for (const auto& sent : of.sends) {
    ++ordinal;
    if (auto* whose = find(of.contact, sent.run)) {
      auto step = step_of(of, sent.node);
      step.delivery = {sent.destination, of.stamp.turn, ordinal};
      whose->steps.push_back(std::move(step));
    }
  }
  for (const auto& asked : of.trace) {
    auto* whose = find(of.contact, asked.run);
    if (whose == nullptr)
      continue;
    if (leaves_out(asked)) {
      auto step = step_of(of, member_of(asked, "node"));
      step.left_out_by = asked.asked;
      step.inputs = asked.inputs;
      whose->steps.push_back(std::move(step));
    } else if (asked.asked == rule::template_path) {
      const auto node = member_of(asked, "node");
      for (auto& step : whose->steps)
        if (step.stamp.turn == of.stamp.turn && step.node == node)
          step.warnings.push_back(member_of(asked, "path"));
    }
  }
}

std::vector<execution> executions::take() {
  for (std::size_t i = 0; i < all_.size(); ++i)
    if (const auto* run = runs_[newest_[i].first].find(newest_[i].second))
      all_[i].run = *run;
  return std::move(all_);
}

} // namespace troupe::engine
