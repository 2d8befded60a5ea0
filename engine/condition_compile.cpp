#include "engine/condition.hpp"
#include "engine/condition_tree.hpp"
#include "engine/json_logic_value.hpp"
#include "engine/json_pointer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>
#include <span>

namespace troupe::engine {

namespace {

using boost::json::value;

/// Stays behind the platform (reliability.md J8): no condition reads it.
constexpr std::string_view reserved_segment = "$extra";

/// JSONLogic: an object with exactly one key is an operation, all else data.
const boost::json::object* if_operation(const value& rule) {
  const auto* object = rule.if_object();
  return object != nullptr && object->size() == 1 ? object : nullptr;
}

bool holds_operation(const value& rule) {
  if (if_operation(rule) != nullptr)
    return true;
  const auto* array = rule.if_array();
  return array != nullptr
         && std::any_of(array->begin(), array->end(), holds_operation);
}

class compiler {
public:
  compiler(const condition_options& options, std::string pointer)
    : options_(options), pointer_(std::move(pointer)) {
    tree_.steps_max = options.steps_max;
  }

  result<condition_tree> run(const value& rule) {
    tree_.root = compile(rule, 0, true);
    if (failure_)
      return std::move(*failure_);
    tree_.source = value(rule, boost::json::storage_ptr{});
    return std::move(tree_);
  }

private:
  using index = std::uint32_t;

  /// @param at_roots false inside a body, where `var` reads the element.
  index compile(const value& rule, std::uint32_t depth, bool at_roots) {
    if (failure_)
      return 0;
    if (const auto* operation_object = if_operation(rule))
      return compile_operation(*operation_object, depth, at_roots);
    if (const auto* array = rule.if_array(); array && holds_operation(rule))
      return compile_operands({operation::array, 0, 0, 0}, *array, depth,
                              at_roots);
    return literal(rule);
  }

  index compile_operation(const boost::json::object& object,
                          std::uint32_t depth, bool at_roots) {
    const auto& member = *object.begin();
    const std::string_view name{member.key().data(), member.key().size()};
    const auto size = pointer_.size();
    append_pointer(pointer_, name);
    index made = 0;
    if (const auto* rule = find_operator(name))
      made = compile_known(*rule, member.value(), depth, at_roots);
    else
      fail_unknown(name);
    pointer_.resize(size);
    return made;
  }

  index compile_known(const operator_rule& rule, const value& arguments,
                      std::uint32_t depth, bool at_roots) {
    if (depth >= options_.depth_max)
      return fail("condition_too_deep", "Operations may be nested "
                                          + std::to_string(options_.depth_max)
                                          + " deep at most.");
    if (++operations_ > options_.operations_max)
      return fail("condition_too_large",
                  "A condition may have "
                    + std::to_string(options_.operations_max)
                    + " operations at most.");
    const auto* list = arguments.if_array();
    const auto count = list != nullptr ? list->size() : 1;
    if (count < rule.operands_min
        || (rule.operands_max != 255 && count > rule.operands_max))
      return fail_arity(rule, count);
    const std::span<const value> operands{
      list != nullptr ? list->data() : &arguments, count};
    switch (rule.kind) {
      case operation::var:
        return compile_var(operands, list != nullptr, depth, at_roots);
      case operation::tally:
        return compile_question(rule, arguments);
      case operation::in_segment:
        return compile_membership(operands[0]);
      case operation::missing:
        check_paths(arguments, at_roots);
        return compile_missing(operands, depth, at_roots, list != nullptr);
      case operation::missing_some:
        check_paths(arguments, at_roots);
        if (at_roots && !options_.computed_names
            && !is_written_out(operands[1]))
          return fail_computed();
        break;
      case operation::has_tag:
        if (check_root("contact", "\"has_tag\""))
          tree_.reads_contact = true;
        note_read(value_path{"contact.tags"});
        break;
      default:
        break;
    }
    return compile_operands({rule.kind, 0, 0, 0}, operands, depth, at_roots,
                            list != nullptr);
  }

  static bool has_body(operation kind) {
    switch (kind) {
      case operation::map:
      case operation::filter:
      case operation::reduce:
      case operation::all:
      case operation::none:
      case operation::some:
        return true;
      default:
        return false;
    }
  }

  index compile_operands(condition_node node, std::span<const value> operands,
                         std::uint32_t depth, bool at_roots,
                         bool listed = true) {
    if (depth >= options_.depth_max)
      return fail("condition_too_deep", "Arrays are nested too deep.");
    std::vector<index> made;
    made.reserve(operands.size());
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const auto size = pointer_.size();
      if (listed)
        append_pointer(pointer_, std::to_string(i));
      const bool is_body = has_body(node.kind) && i == 1;
      made.push_back(compile(operands[i], depth + 1, at_roots && !is_body));
      pointer_.resize(size);
    }
    node.first = static_cast<index>(tree_.operands.size());
    node.count = static_cast<index>(made.size());
    tree_.operands.insert(tree_.operands.end(), made.begin(), made.end());
    return add(node);
  }

  /// A name, or a list of names.
  static bool is_written_out(const value& names) {
    const auto* list = names.if_array();
    return names.is_string()
           || (list != nullptr
               && std::all_of(list->begin(), list->end(),
                              [](const value& name) {
                                return name.is_string();
                              }));
  }

  index fail_computed() {
    return fail("condition_bad_operand",
                "What is read here has a name that is written out.");
  }

  // Names that are written out are split once.
  index compile_missing(std::span<const value> names, std::uint32_t depth,
                        bool at_roots, bool listed) {
    const auto is_known
      = std::all_of(names.begin(), names.end(), [](const value& name) {
          return name.is_string();
        });
    if (!is_known && at_roots && !options_.computed_names
        && !std::all_of(names.begin(), names.end(), is_written_out))
      return fail_computed();
    if (!is_known)
      return compile_operands({operation::missing, 0, 0, 0}, names, depth,
                              at_roots, listed);
    const auto first = static_cast<index>(tree_.paths.size());
    for (const auto& name : names)
      tree_.paths.emplace_back(text_of(name.get_string()));
    return compile_operands({operation::missing_known, first, 0, 0}, names,
                            depth, at_roots, listed);
  }

  index compile_var(std::span<const value> operands, bool listed,
                    std::uint32_t depth, bool at_roots) {
    const bool computed
      = !operands.empty()
        && (operands[0].is_array() || operands[0].is_object());
    if (computed && at_roots && !options_.computed_names)
      return fail_computed();
    if (computed)
      return compile_operands({operation::var_computed, 0, 0, 0}, operands,
                              depth, at_roots, listed);
    std::string text;
    if (!operands.empty())
      append_joined(text, operands[0]); // null means everything, as "" does
    value_path path{text};
    if (!check_path(path, at_roots))
      return 0;
    if (at_roots)
      note_read(path);
    condition_node node{operation::var, static_cast<index>(tree_.paths.size()),
                        0, 0};
    tree_.paths.push_back(std::move(path));
    if (operands.size() < 2)
      return add(node);
    append_pointer(pointer_, "1");
    const auto fallback = compile(operands[1], depth + 1, at_roots);
    node.first = static_cast<index>(tree_.operands.size());
    node.count = 1;
    tree_.operands.push_back(fallback);
    return add(node);
  }

  index compile_question(const operator_rule& rule, const value& arguments) {
    if (!options_.history)
      return fail_history();
    auto question = parse_tally_question(rule.name, arguments, pointer_);
    if (!question) {
      if (!failure_)
        failure_ = question.failure();
      return 0;
    }
    tree_.questions.push_back(std::move(*question));
    return add(
      {operation::tally, static_cast<index>(tree_.questions.size() - 1), 0, 0});
  }

  index compile_membership(const value& key) {
    if (!options_.history)
      return fail_history();
    if (!key.is_string() || key.get_string().empty())
      return fail("condition_bad_operand",
                  "\"in_segment\" takes the key of a segment.");
    tree_.segments.emplace_back(key.get_string());
    note_read(value_path{"segments"});
    return add({operation::in_segment,
                static_cast<index>(tree_.segments.size() - 1), 0, 0});
  }

  index fail_history() {
    return fail(
      "condition_bad_operand",
      "`where` of a question about events reads the event alone: it asks "
      "no questions and about no segments.");
  }

  bool is_root(std::string_view name) const {
    return options_.roots.empty()
           || std::find(options_.roots.begin(), options_.roots.end(), name)
                != options_.roots.end();
  }

  bool check_root(std::string_view name, const std::string& shown) {
    if (is_root(name))
      return true;
    auto message = shown + " reads what this condition cannot see; it sees ";
    for (std::size_t i = 0; i < options_.roots.size(); ++i)
      message += (i == 0                           ? ""
                  : i + 1 == options_.roots.size() ? " and "
                                                   : ", ")
                 + std::string{options_.roots[i]};
    fail("condition_unknown_root", message + ".");
    return false;
  }

  void note_read(const value_path& path) {
    auto text = path.text();
    const auto is_same = [&text](const condition_read& each) {
      return each.text == text;
    };
    if (!path.empty()
        && std::none_of(tree_.reads.begin(), tree_.reads.end(), is_same))
      tree_.reads.push_back({std::move(text), path});
  }

  bool check_path(const value_path& path, bool at_roots) {
    if (path.has_segment(reserved_segment)) {
      fail("condition_reserved_name",
           "Conditions cannot read \"$extra\"; it belongs to the platform.");
      return false;
    }
    if (!at_roots)
      return true;
    if (path.empty() || path.root() == "contact")
      tree_.reads_contact = true;
    return check_root(path.empty() ? std::string_view{} : path.root(),
                      "\"" + path.text() + "\"");
  }

  /// The paths `missing` and `missing_some` name as plain text.
  void check_paths(const value& arguments, bool at_roots) {
    if (const auto* text = arguments.if_string()) {
      check_path(value_path{text_of(*text)}, at_roots);
    } else if (const auto* list = arguments.if_array()) {
      for (const auto& element : *list)
        check_paths(element, at_roots);
    }
  }

  index literal(const value& rule) {
    tree_.literals.emplace_back(rule, boost::json::storage_ptr{});
    return add({operation::literal,
                static_cast<index>(tree_.literals.size() - 1), 0, 0});
  }

  index add(condition_node node) {
    tree_.nodes.push_back(node);
    return static_cast<index>(tree_.nodes.size() - 1);
  }

  index fail(std::string name, std::string message) {
    if (!failure_)
      failure_ = invalid(std::move(name), std::move(message), pointer_);
    return 0;
  }

  void fail_unknown(std::string_view name) {
    constexpr std::size_t shown_max = 60;
    auto message = name.size() > shown_max
                     ? std::string{"There is no such operator"}
                     : "There is no operator \"" + std::string{name} + "\"";
    const auto nearest = nearest_operator(name);
    if (nearest.empty())
      message += ".";
    else
      message += "; did you mean \"" + std::string{nearest} + "\"?";
    fail("condition_unknown_operator", std::move(message));
  }

  index fail_arity(const operator_rule& rule, std::size_t count) {
    auto message = "\"" + std::string{rule.name} + "\" takes "
                   + std::to_string(rule.operands_min);
    if (rule.operands_max == 255)
      message += " or more";
    else if (rule.operands_max != rule.operands_min)
      message += " to " + std::to_string(rule.operands_max);
    message += rule.operands_max == 1 ? " operand, not " : " operands, not ";
    return fail("condition_wrong_arity", message + std::to_string(count) + ".");
  }

  const condition_options& options_;
  std::string pointer_;
  condition_tree tree_;
  std::uint32_t operations_ = 0;
  std::optional<error> failure_;
};

} // namespace

result<condition> condition::compile(const value& rule,
                                     const condition_options& options,
                                     std::string pointer_prefix) {
  auto tree = compiler{options, std::move(pointer_prefix)}.run(rule);
  if (!tree)
    return tree.failure();
  return condition{std::make_shared<const condition_tree>(std::move(*tree))};
}

} // namespace troupe::engine
