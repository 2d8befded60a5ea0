// JSONLogic, compiled once and evaluated often: what triggers, filters, waits
// and branches ask. Truth and coercion are those of json-logic-js; on top
// there are {"has_tag": "vip"}, {"in_segment": "key"} and questions about the
// contact's events. Evaluation has no effects, never fails and is
// bounded: what makes no sense is null.
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

struct condition_tree;
struct tally_question;

/// What a `var` of a definition can start with.
inline constexpr std::string_view condition_roots[]
  = {"event", "contact", "run", "segments", "now"};

struct condition_options {
  /// Refuse a `var` that starts with none of these (bodies of map, filter, …
  /// read their element and are exempt). Empty: it may start with anything.
  std::span<const std::string_view> roots = {};
  /// Whether it may ask about the contact's events and segments.
  bool history = true;
  /// Whether what a variable is called may be computed: then nobody knows what
  /// it reads.
  bool computed_names = true;
  std::uint32_t depth_max = 32;
  std::uint32_t operations_max = 1000;
  /// Operations, elements and 16-byte pieces of built text in one evaluation.
  std::uint32_t steps_max = 100'000;
};

/// What a `var` can see. Asked for a root only when the condition reads it.
class condition_data {
public:
  virtual ~condition_data() = default;

  /// @returns the value of that name, which must live as long as the
  /// evaluation, or nothing.
  virtual const boost::json::value* root(std::string_view name) const = 0;

  /// The figure asked for; nothing when there is none.
  virtual std::optional<double> tallied(const tally_question&) const {
    return std::nullopt;
  }

  /// What {"var": ""} means outside of a body, or nothing.
  virtual const boost::json::value* whole() const {
    return nullptr;
  }
};

/// The members of one value.
class value_data final : public condition_data {
public:
  /// @param value must outlive this.
  explicit value_data(const boost::json::value& value) : value_(&value) {}

  const boost::json::value* root(std::string_view name) const override;

  const boost::json::value* whole() const override {
    return value_;
  }

private:
  const boost::json::value* value_;
};

/// Immutable and cheap to copy; may be evaluated by many threads at once.
class condition {
public:
  /// @returns the condition, or invalid_request with the JSON pointer of the
  /// place behind `pointer_prefix` and one of these names:
  /// `condition_unknown_operator`, `condition_wrong_arity`,
  /// `condition_too_deep`, `condition_too_large`, `condition_unknown_root`,
  /// `condition_reserved_name`, `condition_bad_operand`.
  static result<condition> compile(const boost::json::value& rule,
                                   const condition_options& options = {},
                                   std::string pointer_prefix = {});

  /// @returns what the rule says, without numbers that are not finite; null
  /// when the step budget ran out.
  boost::json::value evaluate(const condition_data& data) const;

  /// The truth of the outcome, without building it. Infinity is true, as in
  /// JSONLogic, though evaluate() says null for it; an exhausted budget is not.
  bool holds(const condition_data& data) const;

  /// What it asks about the contact's events.
  const std::vector<tally_question>& questions() const;
  /// Keys of the segments it asks about.
  const std::vector<std::string>& segments() const;
  /// It reads more of the contact than events and segments.
  bool reads_contact() const;

  /// The rule as it was written.
  [[nodiscard]] const boost::json::value& source() const;

  /// Each path that it reads outside of bodies, with its value: null when it
  /// leads nowhere.
  void
  each_read(const condition_data& data,
            const std::function<void(const std::string& path,
                                     const boost::json::value*)>& visit) const;

private:
  explicit condition(std::shared_ptr<const condition_tree> tree)
    : tree_(std::move(tree)) {}

  std::shared_ptr<const condition_tree> tree_;
};

} // namespace troupe::engine
