#include "engine/event_names.hpp"

#include "engine/tally_rule.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace troupe::engine {

void event_names::add(std::string former, std::string name) {
  current_.insert_or_assign(std::move(former), std::move(name));
}

const std::string& event_names::current(const std::string& name) const {
  const auto found = current_.find(name);
  return found == current_.end() ? name : found->second;
}

std::vector<std::string> event_names::former(const std::string& name) const {
  std::vector<std::string> out;
  for (const auto& [before, now] : current_)
    if (now == name)
      out.push_back(before);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> event_names::all(const std::string& name) const {
  std::vector<std::string> out{current(name)};
  if (empty())
    return out;
  auto before = former(out.front());
  std::move(before.begin(), before.end(), std::back_inserter(out));
  return out;
}

void event_names::widen(event_pattern& heard) const {
  if (empty() || !heard.is_exact())
    return;
  for (auto& name : all(heard.text()))
    if (name != heard.text())
      heard.also(std::move(name));
}

void event_names::widen(std::vector<event_clause>& clauses) const {
  for (auto& each : clauses)
    widen(each.event);
}

std::vector<tally_question>
event_names::widened(std::vector<tally_question> asked) const {
  if (empty())
    return asked;
  for (auto& each : asked) {
    auto rule = std::make_shared<tally_rule>(*each.rule);
    widen(rule->event);
    each.rule = std::move(rule);
  }
  return asked;
}

std::shared_ptr<const sequence_definition>
event_names::widened(std::shared_ptr<const sequence_definition> what) const {
  if (empty() || what == nullptr)
    return what;
  auto out = std::make_shared<sequence_definition>(*what);
  for (auto* clauses : {&out->triggers, &out->exit_when, &out->goals})
    widen(*clauses);
  for (auto& node : out->nodes) {
    if (auto* wait = std::get_if<wait_node>(&node.what))
      widen(wait->clauses);
    else if (auto* rest = std::get_if<state_node>(&node.what))
      widen(rest->on);
  }
  out->questions = widened(std::move(out->questions));
  return out;
}

} // namespace troupe::engine
