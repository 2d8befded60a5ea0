// Internal to condition_*.cpp: one evaluation of one tree. Values from the
// data and from the tree are borrowed, never copied, until they become part of
// something new.
#pragma once

#include "engine/condition.hpp"
#include "engine/condition_tree.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace troupe::engine {

/// A value that is either borrowed (from the data, the tree or an operand
/// that lives longer) or owned. Most are borrowed: those cost no JSON value.
class operand {
public:
  operand() = default;

  static operand borrow(const boost::json::value& from) {
    operand result;
    result.borrowed_ = &from;
    return result;
  }

  static operand own(boost::json::value from) {
    operand result;
    result.owned_.emplace(std::move(from));
    return result;
  }

  bool is_borrowed() const {
    return !owned_;
  }

  const boost::json::value& get() const {
    return owned_ ? *owned_ : *borrowed_;
  }

  /// @pre !is_borrowed()
  boost::json::value take_owned() && {
    return std::move(*owned_);
  }

private:
  static inline const boost::json::value null_{};

  const boost::json::value* borrowed_ = &null_;
  std::optional<boost::json::value> owned_;
};

/// What `var` reads: the roots, an element, or a reduction's two names.
struct condition_scope {
  const boost::json::value* element = nullptr;
  const boost::json::value* accumulator = nullptr; // only in reduce
};

class condition_evaluator {
public:
  using value = boost::json::value;
  using index = std::uint32_t;

  condition_evaluator(const condition_tree& tree, const condition_data& data)
    : tree_(tree), data_(data), steps_(tree.steps_max) {}

  operand value_of(index at, const condition_scope& scope);

  /// The truth of value_of, without building it where that can be avoided.
  bool is_true(index at, const condition_scope& scope);

  bool exhausted() const {
    return exhausted_;
  }

private:
  const condition_node& node(index at) const {
    return tree_.nodes[at];
  }

  index operand_at(const condition_node& n, std::uint32_t i) const {
    return tree_.operands[n.first + i];
  }

  operand evaluate(const condition_node& n, std::uint32_t i,
                   const condition_scope& scope) {
    return value_of(operand_at(n, i), scope);
  }

  /// Takes `steps` from the budget. @returns false when it is used up.
  bool charge(std::size_t steps);
  /// Charges for a walk over all of a value.
  bool charge_for(const value& v);
  /// Charges when comparing or printing `v` walks over more than one value.
  void charge_if_container(const value& v);
  value take(operand from);

  // condition_evaluator.cpp: paths, choices, comparisons
  const value* find(const value_path& path, const condition_scope& scope,
                    value& made);
  operand variable(const condition_node& n, const condition_scope& scope);
  operand computed_variable(const condition_node& n,
                            const condition_scope& scope);
  operand choose(const condition_node& n, const condition_scope& scope);
  operand junction(const condition_node& n, const condition_scope& scope,
                   bool stop_at);
  bool compare(const condition_node& n, const condition_scope& scope);
  bool has_tag(const condition_node& n, const condition_scope& scope);
  bool in_segment(const condition_node& n);
  operand tallied(const condition_node& n);

  // condition_arithmetic.cpp: numbers and texts
  double arithmetic(const condition_node& n, const condition_scope& scope);
  operand multiply(const condition_node& n, const condition_scope& scope);
  double extreme(const condition_node& n, const condition_scope& scope,
                 bool maximum);
  bool contained(const condition_node& n, const condition_scope& scope);
  operand concatenate(const condition_node& n, const condition_scope& scope);
  operand substring(const condition_node& n, const condition_scope& scope);

  // condition_lists.cpp: arrays
  operand array(const condition_node& n, const condition_scope& scope);
  operand merge(const condition_node& n, const condition_scope& scope);
  operand map(const condition_node& n, const condition_scope& scope);
  operand filter(const condition_node& n, const condition_scope& scope);
  operand reduce(const condition_node& n, const condition_scope& scope);
  bool quantify(const condition_node& n, const condition_scope& scope);
  operand missing(const condition_node& n, const condition_scope& scope);
  operand missing_known(const condition_node& n, const condition_scope& scope);
  bool is_missing_known(const condition_node& n, std::uint32_t i,
                        const condition_scope& scope);
  operand missing_some(const condition_node& n, const condition_scope& scope);
  bool is_missing(const value& key, const condition_scope& scope);
  boost::json::array missing_among(const value& keys,
                                   const condition_scope& scope);

  const condition_tree& tree_;
  const condition_data& data_;
  std::size_t steps_;
  bool exhausted_ = false;
};

} // namespace troupe::engine
