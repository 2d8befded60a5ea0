// Internal to condition_*.cpp: one evaluation of one tree. Values from the
// data and from the tree are borrowed, never copied, until they become part of
// something new.
#pragma once

#include "engine/condition.hpp"
#include "engine/condition_tree.hpp"
#include "engine/json_logic_value.hpp"

#include <boost/json/pilfer.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <new>
#include <utility>

namespace troupe::engine {

/// A value that is either borrowed (from the data, the tree or an operand
/// that lives longer) or owned. Most are borrowed: those cost no JSON value.
/// One that is owned moves by its bytes (pilfer), and a number or truth among
/// them ends without a call: both are calls into the library elsewhere.
class operand {
public:
  operand() noexcept : at_(&null_) {}

  operand(operand&& from) noexcept {
    take_from(from);
  }

  operand& operator=(operand&& from) noexcept {
    if (this != &from) {
      drop();
      take_from(from);
    }
    return *this;
  }

  ~operand() {
    drop();
  }

  static operand borrow(const boost::json::value& from) {
    return operand{&from};
  }

  static operand own(boost::json::value&& from) {
    return operand{boost::json::pilfer(from)};
  }

  static operand truth(bool b) {
    return operand{b ? &true_ : &false_};
  }

  static operand number(double n) {
    operand result{nullptr};
    result.at_ = new (&result.owned_) boost::json::value(number_value(n));
    return result;
  }

  bool is_borrowed() const {
    return at_ != &owned_;
  }

  const boost::json::value& get() const {
    return *at_;
  }

  /// @pre !is_borrowed()
  boost::json::value take_owned() && {
    return boost::json::value(boost::json::pilfer(owned_));
  }

private:
  static inline const boost::json::value null_{};
  static inline const boost::json::value true_ = true;
  static inline const boost::json::value false_ = false;

  explicit operand(const boost::json::value* at) noexcept : at_(at) {}

  explicit operand(boost::json::pilfered<boost::json::value> from) noexcept
    : at_(&owned_), owned_(from) {}

  void take_from(operand& from) noexcept {
    at_ = from.is_borrowed()
            ? from.at_
            : new (&owned_)
              boost::json::value(boost::json::pilfer(from.owned_));
  }

  void drop() noexcept {
    if (!is_borrowed()
        && (owned_.is_string() || owned_.is_array() || owned_.is_object()))
      owned_.~value();
  }

  const boost::json::value* at_;
  union {
    boost::json::value owned_; // alive when at_ says so
  };
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

  operand value_of(index at, const condition_scope& scope) {
    if (!charge(1))
      return {};
    const auto& n = node(at);
    // What most operands are.
    if (n.kind == operation::literal)
      return operand::borrow(tree_.literals[n.at]);
    if (n.kind == operation::var)
      return variable(n, scope);
    if (says_yes_or_no(n.kind))
      return operand::truth(decide(n, scope));
    return compute(n, scope);
  }

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

  /// What value_of() does not do itself.
  operand compute(const condition_node& n, const condition_scope& scope);
  /// @pre says_yes_or_no(n.kind)
  bool decide(const condition_node& n, const condition_scope& scope);

  /// Takes `steps` from the budget. @returns false when it is used up.
  bool charge(std::size_t steps) {
    if (exhausted_ || steps > steps_) {
      exhausted_ = true;
      return false;
    }
    steps_ -= steps;
    return true;
  }

  /// Charges for a walk over all of a value.
  bool charge_for(const value& v);
  /// Charges when comparing or printing `v` walks over more than one value.
  void charge_if_container(const value& v) {
    if (v.is_array() || v.is_object())
      charge_for(v);
  }

  value take(operand from);

  // condition_evaluator.cpp: paths, choices, comparisons
  /// @pre !reads_both(path, scope)
  const value* find(const value_path& path, const condition_scope& scope);

  /// In a reduction "" is the element and what the others came to.
  static bool reads_both(const value_path& path, const condition_scope& scope) {
    return scope.accumulator != nullptr && path.empty();
  }

  operand both(const condition_scope& scope);
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
