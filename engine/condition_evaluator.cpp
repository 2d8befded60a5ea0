#include "engine/condition_evaluator.hpp"

#include "engine/json_logic_value.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace troupe::engine {

namespace {

constexpr std::size_t bytes_per_step = 16;

/// @returns the steps a walk over `v` costs, or a number above `limit`.
std::size_t weight(const boost::json::value& v, std::size_t limit) {
  std::size_t total = 1;
  if (const auto* text = v.if_string()) {
    total += text->size() / bytes_per_step;
  } else if (const auto* array = v.if_array()) {
    for (const auto& element : *array)
      if (total <= limit)
        total += weight(element, limit - total);
  } else if (const auto* object = v.if_object()) {
    for (const auto& member : *object)
      if (total <= limit)
        total += weight(member.value(), limit - total)
                 + member.key().size() / bytes_per_step;
  }
  return total;
}

} // namespace

bool condition_evaluator::charge_for(const value& v) {
  return charge(weight(v, steps_));
}

boost::json::value condition_evaluator::take(operand from) {
  if (!from.is_borrowed())
    return std::move(from).take_owned();
  if (!charge_for(from.get()))
    return nullptr;
  return value(from.get(), boost::json::storage_ptr{});
}

operand condition_evaluator::compute(const condition_node& n,
                                     const condition_scope& scope) {
  switch (n.kind) {
    case operation::array:
      return array(n, scope);
    case operation::var_computed:
      return computed_variable(n, scope);
    case operation::missing:
      return missing(n, scope);
    case operation::missing_known:
      return missing_known(n, scope);
    case operation::missing_some:
      return missing_some(n, scope);
    case operation::choose:
      return choose(n, scope);
    case operation::either:
      return junction(n, scope, true);
    case operation::both:
      return junction(n, scope, false);
    case operation::maximum:
    case operation::minimum:
      return operand::number(extreme(n, scope, n.kind == operation::maximum));
    case operation::add:
    case operation::subtract:
    case operation::divide:
    case operation::remainder:
      return operand::number(arithmetic(n, scope));
    case operation::multiply:
      return multiply(n, scope);
    case operation::map:
      return map(n, scope);
    case operation::filter:
      return filter(n, scope);
    case operation::reduce:
      return reduce(n, scope);
    case operation::merge:
      return merge(n, scope);
    case operation::concatenate:
      return concatenate(n, scope);
    case operation::substring:
      return substring(n, scope);
    case operation::log:
      return evaluate(n, 0, scope);
    case operation::tally:
      return tallied(n);
    default:
      return {};
  }
}

bool condition_evaluator::decide(const condition_node& n,
                                 const condition_scope& scope) {
  switch (n.kind) {
    case operation::negate:
      return !is_true(operand_at(n, 0), scope);
    case operation::truth:
      return is_true(operand_at(n, 0), scope);
    case operation::contained:
      return contained(n, scope);
    case operation::has_tag:
      return has_tag(n, scope);
    case operation::in_segment:
      return in_segment(n);
    case operation::all:
    case operation::none:
    case operation::some:
      return quantify(n, scope);
    default:
      return compare(n, scope);
  }
}

bool condition_evaluator::is_true(index at, const condition_scope& scope) {
  const auto& n = node(at);
  if (says_yes_or_no(n.kind))
    return charge(1) && decide(n, scope);
  switch (n.kind) {
    case operation::both:
    case operation::either: {
      const bool stop_at = n.kind == operation::either;
      for (std::uint32_t i = 0; i < n.count; ++i)
        if (!charge(1) || is_true(operand_at(n, i), scope) == stop_at)
          return stop_at;
      return !stop_at;
    }
    case operation::missing_known:
      for (std::uint32_t i = 0; i < n.count; ++i)
        if (is_missing_known(n, i, scope))
          return charge(1);
      return false;
    default:
      return is_truthy(value_of(at, scope).get());
  }
}

const boost::json::value*
condition_evaluator::find(const value_path& path,
                          const condition_scope& scope) {
  if (scope.accumulator != nullptr) {
    if (path.root() == "current")
      return path.follow(*scope.element, 1);
    return path.root() == "accumulator" ? path.follow(*scope.accumulator, 1)
                                        : nullptr;
  }
  if (scope.element != nullptr)
    return path.follow(*scope.element);
  if (path.empty())
    return data_.whole();
  const auto* root = data_.root(path.root());
  if (root == nullptr)
    return nullptr;
  return path.starts_at_event() ? path.follow_event(*root)
                                : path.follow(*root, 1);
}

operand condition_evaluator::both(const condition_scope& scope) {
  boost::json::object both;
  both["current"] = take(operand::borrow(*scope.element));
  both["accumulator"] = take(operand::borrow(*scope.accumulator));
  return operand::own(std::move(both));
}

operand condition_evaluator::variable(const condition_node& n,
                                      const condition_scope& scope) {
  const auto& path = tree_.paths[n.at];
  if (reads_both(path, scope))
    return both(scope);
  if (const auto* found = find(path, scope))
    return operand::borrow(*found);
  return n.count > 0 ? evaluate(n, 0, scope) : operand{};
}

operand condition_evaluator::computed_variable(const condition_node& n,
                                               const condition_scope& scope) {
  const auto name = evaluate(n, 0, scope);
  charge_if_container(name.get());
  std::string text;
  if (!name.get().is_null())
    append_text(text, name.get());
  const value_path path{text};
  charge(text.size() / bytes_per_step);
  if (reads_both(path, scope))
    return both(scope);
  // What compile() refuses in plain paths must not come in by a made one.
  if (const auto* found
      = path.has_segment("$extra") ? nullptr : find(path, scope))
    return operand::borrow(*found);
  return n.count > 1 ? evaluate(n, 1, scope) : operand{};
}

operand condition_evaluator::choose(const condition_node& n,
                                    const condition_scope& scope) {
  std::uint32_t i = 0;
  for (; i + 1 < n.count; i += 2)
    if (is_true(operand_at(n, i), scope))
      return evaluate(n, i + 1, scope);
  return i < n.count ? evaluate(n, i, scope) : operand{};
}

operand condition_evaluator::junction(const condition_node& n,
                                      const condition_scope& scope,
                                      bool stop_at) {
  const auto last = n.count - 1;
  for (std::uint32_t i = 0; i < last; ++i) {
    auto current = evaluate(n, i, scope);
    if (is_truthy(current.get()) == stop_at)
      return current;
  }
  return evaluate(n, last, scope);
}

bool condition_evaluator::compare(const condition_node& n,
                                  const condition_scope& scope) {
  const auto left = evaluate(n, 0, scope);
  const auto right = evaluate(n, 1, scope);
  const auto& a = left.get();
  const auto& b = right.get();
  charge_if_container(a);
  charge_if_container(b);
  const bool between = n.count == 3; // only < and <= have a third operand
  switch (n.kind) {
    case operation::equal:
      return loosely_equal(a, b);
    case operation::not_equal:
      return !loosely_equal(a, b);
    case operation::strict_equal:
      return strictly_equal(a, b);
    case operation::strict_not_equal:
      return !strictly_equal(a, b);
    case operation::greater:
      return is_less(b, a);
    case operation::greater_equal:
      return is_less_or_equal(b, a);
    case operation::less:
      return is_less(a, b)
             && (!between || is_less(b, evaluate(n, 2, scope).get()));
    default:
      return is_less_or_equal(a, b)
             && (!between || is_less_or_equal(b, evaluate(n, 2, scope).get()));
  }
}

bool condition_evaluator::has_tag(const condition_node& n,
                                  const condition_scope& scope) {
  const auto wanted = evaluate(n, 0, scope);
  const auto* contact = data_.root("contact");
  const auto* object = contact != nullptr ? contact->if_object() : nullptr;
  const auto* tags = object != nullptr ? object->if_contains("tags") : nullptr;
  const auto* list = tags != nullptr ? tags->if_array() : nullptr;
  if (list == nullptr || !charge(list->size()))
    return false;
  return std::any_of(list->begin(), list->end(), [&](const value& tag) {
    return strictly_equal(tag, wanted.get());
  });
}

bool condition_evaluator::in_segment(const condition_node& n) {
  const auto* segments = data_.root("segments");
  const auto* list = segments != nullptr ? segments->if_array() : nullptr;
  if (list == nullptr || !charge(list->size()))
    return false;
  const std::string_view wanted = tree_.segments[n.at];
  return std::any_of(list->begin(), list->end(), [&](const value& key) {
    return key.is_string() && key.get_string() == wanted;
  });
}

operand condition_evaluator::tallied(const condition_node& n) {
  const auto figure = data_.tallied(tree_.questions[n.at]);
  return figure ? operand::number(*figure) : operand{};
}

} // namespace troupe::engine
