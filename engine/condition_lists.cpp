#include "engine/condition_evaluator.hpp"
#include "engine/json_logic_value.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <utility>

namespace troupe::engine {

operand condition_evaluator::array(const condition_node& n,
                                   const condition_scope& scope) {
  boost::json::array made;
  made.reserve(n.count);
  for (std::uint32_t i = 0; i < n.count; ++i)
    made.push_back(take(evaluate(n, i, scope)));
  return operand::own(std::move(made));
}

operand condition_evaluator::merge(const condition_node& n,
                                   const condition_scope& scope) {
  boost::json::array made;
  for (std::uint32_t i = 0; i < n.count; ++i) {
    auto part = take(evaluate(n, i, scope));
    if (exhausted_)
      return {};
    if (auto* list = part.if_array()) {
      if (!charge(list->size()))
        return {};
      for (auto& element : *list)
        made.push_back(std::move(element));
    } else {
      made.push_back(std::move(part));
    }
  }
  return operand::own(std::move(made));
}

operand condition_evaluator::map(const condition_node& n,
                                 const condition_scope& scope) {
  boost::json::array made;
  const auto source = evaluate(n, 0, scope);
  if (const auto* list = source.get().if_array()) {
    const auto body = operand_at(n, 1);
    made.reserve(std::min(list->size(), steps_));
    for (const auto& element : *list) {
      if (exhausted_)
        return {};
      made.push_back(take(value_of(body, {&element, nullptr})));
    }
  }
  return operand::own(std::move(made));
}

operand condition_evaluator::filter(const condition_node& n,
                                    const condition_scope& scope) {
  boost::json::array made;
  const auto source = evaluate(n, 0, scope);
  if (const auto* list = source.get().if_array()) {
    const auto body = operand_at(n, 1);
    for (const auto& element : *list) {
      if (exhausted_)
        return {};
      if (is_true(body, {&element, nullptr}))
        made.push_back(take(operand::borrow(element)));
    }
  }
  return operand::own(std::move(made));
}

operand condition_evaluator::reduce(const condition_node& n,
                                    const condition_scope& scope) {
  const auto source = evaluate(n, 0, scope);
  auto sum = n.count == 3 ? evaluate(n, 2, scope) : operand{};
  const auto* list = source.get().if_array();
  if (list == nullptr)
    return sum;
  const auto body = operand_at(n, 1);
  for (const auto& element : *list) {
    if (exhausted_)
      return {};
    const auto& before = sum.get();
    auto next = value_of(body, {&element, &before});
    // Borrowed from the last sum or from a list that ends with this call, it
    // must be copied before they go.
    if (next.is_borrowed() && (!sum.is_borrowed() || !source.is_borrowed()))
      next = operand::own(take(std::move(next)));
    sum = std::move(next);
  }
  return sum;
}

bool condition_evaluator::quantify(const condition_node& n,
                                   const condition_scope& scope) {
  const auto source = evaluate(n, 0, scope);
  const auto* list = source.get().if_array();
  if (list == nullptr || list->empty())
    return n.kind == operation::none;
  const auto body = operand_at(n, 1);
  const bool stop_at = n.kind != operation::all;
  for (const auto& element : *list)
    if (exhausted_ || is_true(body, {&element, nullptr}) == stop_at)
      return n.kind == operation::some;
  return n.kind != operation::some;
}

bool condition_evaluator::is_missing(const value& key,
                                     const condition_scope& scope) {
  if (!charge_for(key))
    return false;
  // json-logic-js asks {"var": key}: a key that is an array is a path and a
  // default.
  const auto* list = key.if_array();
  const auto* name = list != nullptr ? list->if_contains(0) : &key;
  std::string text;
  if (name != nullptr && !name->is_null())
    append_text(text, *name);
  const value_path path{text};
  if (reads_both(path, scope))
    return false;
  const auto* found = path.has_segment("$extra") ? nullptr : find(path, scope);
  if (found == nullptr && list != nullptr)
    found = list->if_contains(1);
  if (found == nullptr || found->is_null())
    return true;
  const auto* as_text = found->if_string();
  return as_text != nullptr && as_text->empty();
}

boost::json::array
condition_evaluator::missing_among(const value& keys,
                                   const condition_scope& scope) {
  boost::json::array absent;
  const auto examine = [&](const value& key) {
    if (is_missing(key, scope))
      absent.push_back(value(key, boost::json::storage_ptr{}));
  };
  if (const auto* list = keys.if_array())
    for (const auto& key : *list)
      examine(key);
  else
    examine(keys);
  return absent;
}

operand condition_evaluator::missing(const condition_node& n,
                                     const condition_scope& scope) {
  boost::json::array absent;
  for (std::uint32_t i = 0; i < n.count; ++i) {
    const auto key = evaluate(n, i, scope);
    // One array at the front stands for all keys.
    if (i == 0 && key.get().is_array())
      return operand::own(missing_among(key.get(), scope));
    if (is_missing(key.get(), scope))
      absent.push_back(value(key.get(), boost::json::storage_ptr{}));
  }
  return operand::own(std::move(absent));
}

bool condition_evaluator::is_missing_known(const condition_node& n,
                                           std::uint32_t i,
                                           const condition_scope& scope) {
  if (!charge(1))
    return false;
  const auto& path = tree_.paths[n.at + i];
  if (reads_both(path, scope))
    return false;
  const auto* found = find(path, scope);
  if (found == nullptr || found->is_null())
    return true;
  const auto* as_text = found->if_string();
  return as_text != nullptr && as_text->empty();
}

operand condition_evaluator::missing_known(const condition_node& n,
                                           const condition_scope& scope) {
  boost::json::array absent;
  for (std::uint32_t i = 0; i < n.count; ++i)
    if (is_missing_known(n, i, scope))
      absent.push_back(
        value(evaluate(n, i, scope).get(), boost::json::storage_ptr{}));
  return operand::own(std::move(absent));
}

operand condition_evaluator::missing_some(const condition_node& n,
                                          const condition_scope& scope) {
  const auto wanted = evaluate(n, 0, scope);
  const auto keys = evaluate(n, 1, scope);
  auto absent = missing_among(keys.get(), scope);
  const auto* list = keys.get().if_array();
  const auto given = list != nullptr ? list->size() : std::size_t{1};
  charge_if_container(wanted.get());
  if (static_cast<double>(given - absent.size()) >= to_number(wanted.get()))
    return operand::own(boost::json::array{});
  return operand::own(std::move(absent));
}

} // namespace troupe::engine
