#include "engine/condition.hpp"
#include "engine/condition_evaluator.hpp"
#include "engine/json_find.hpp"
#include "engine/json_logic_value.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>

namespace troupe::engine {

namespace {

using boost::json::value;

/// Inside, NaN and infinities live on as in JavaScript; none may get out.
void settle(value& v) {
  if (const auto* number = v.if_double(); number && !std::isfinite(*number))
    v = nullptr;
  else if (auto* array = v.if_array())
    for (auto& element : *array)
      settle(element);
}

} // namespace

const value* value_data::root(std::string_view name) const {
  if (const auto* object = value_->if_object())
    return find_member(*object, name);
  return value_path{name}.follow(*value_);
}

value condition::evaluate(const condition_data& data) const {
  condition_evaluator run{*tree_, data};
  auto outcome = run.value_of(tree_->root, {});
  if (run.exhausted())
    return nullptr;
  if (const auto* says = outcome.get().if_bool())
    return *says; // what most do
  if (outcome.is_borrowed())
    return value(outcome.get(), boost::json::storage_ptr{});
  auto own = std::move(outcome).take_owned();
  settle(own);
  return own;
}

const value& condition::source() const {
  return tree_->source;
}

void condition::each_read(
  const condition_data& data,
  const std::function<void(const std::string&, const value*)>& visit) const {
  for (const auto& [text, path] : tree_->reads) {
    const auto* from = data.root(path.root());
    const value* found = nullptr;
    if (from != nullptr)
      found = path.root() == "event" ? path.follow_event(*from)
                                     : path.follow(*from, 1);
    visit(text, found);
  }
}

bool condition::holds(const condition_data& data) const {
  condition_evaluator run{*tree_, data};
  const bool outcome = run.is_true(tree_->root, {});
  return outcome && !run.exhausted();
}

const std::vector<tally_question>& condition::questions() const {
  return tree_->questions;
}

const std::vector<std::string>& condition::segments() const {
  return tree_->segments;
}

bool condition::reads_contact() const {
  return tree_->reads_contact;
}

} // namespace troupe::engine
