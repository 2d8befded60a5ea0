#include "engine/json_schema.hpp"

#include "engine/json_pointer.hpp"
#include "engine/json_schema_node.hpp"
#include "engine/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t violations_max = 20;
// Of schemas applied to one place: a `$ref` that leads to itself ends here.
constexpr std::size_t depth_max = 200;

double number_of(const json::value& value) {
  json::error_code failure;
  return value.to_number<double>(failure);
}

std::uint8_t types_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return null_type;
    case json::kind::bool_:
      return boolean_type;
    case json::kind::int64:
    case json::kind::uint64:
      return integer_type | number_type;
    case json::kind::double_: {
      const auto number = value.get_double();
      return std::trunc(number) == number ? integer_type | number_type
                                          : number_type;
    }
    case json::kind::string:
      return string_type;
    case json::kind::array:
      return array_type;
    case json::kind::object:
      return object_type;
  }
  return 0;
}

std::string names_of(std::uint8_t types) {
  std::string out;
  const auto add = [&](std::uint8_t bit, std::string_view name) {
    if ((types & bit) != 0)
      out.append(out.empty() ? "" : " or ").append(name);
  };
  add(null_type, "null");
  add(boolean_type, "a boolean");
  add((types & number_type) != 0 ? number_type : integer_type,
      (types & number_type) != 0 ? "a number" : "a whole number");
  add(string_type, "a text");
  add(array_type, "a list");
  add(object_type, "an object");
  return out;
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

class checker {
public:
  checker(const std::vector<schema_node>& nodes) : nodes_{nodes} {}

  void check(std::size_t index, const json::value& value,
             const std::string& at) {
    const auto& node = nodes_[index];
    if (found.size() >= violations_max)
      return;
    if (++depth_ > depth_max) {
      --depth_;
      return fail(at, "a schema that ends");
    }
    if (node.never)
      fail(at, "nothing: this is not allowed here");
    else if ((node.types & types_of(value)) == 0)
      fail(at, names_of(node.types));
    else
      check_content(node, value, at);
    --depth_;
  }

  std::vector<schema_violation> found;

private:
  void check_content(const schema_node& node, const json::value& value,
                     const std::string& at) {
    if (node.allowed
        && std::find(node.allowed->begin(), node.allowed->end(),
                     canonical_json(value))
             == node.allowed->end())
      fail(at, node.allowed_text);
    if (value.is_object())
      check_object(node, value.get_object(), at);
    else if (value.is_array())
      check_array(node, value.get_array(), at);
    else if (value.is_string())
      check_text(node, value.get_string(), at);
    else if (value.is_number())
      check_number(node, number_of(value), at);
    check_combined(node, value, at);
  }

  void check_object(const schema_node& node, const json::object& value,
                    const std::string& at) {
    check_bounds(node.properties_count, static_cast<double>(value.size()), at,
                 "members");
    for (const auto& name : node.required)
      if (!value.contains(name))
        fail(pointer_to(at, name), "a value: it is required");
    for (const auto& item : value) {
      const auto name = std::string{item.key()};
      const auto pointer = pointer_to(at, name);
      const auto known = std::find_if(
        node.properties.begin(), node.properties.end(), [&](const auto& each) {
          return each.first == name;
        });
      if (known != node.properties.end())
        check(known->second, item.value(), pointer);
      else if (node.additional_properties)
        check(*node.additional_properties, item.value(), pointer);
      if (node.property_names)
        check(*node.property_names, json::value(name), pointer);
    }
  }

  void check_array(const schema_node& node, const json::array& value,
                   const std::string& at) {
    check_bounds(node.items_count, static_cast<double>(value.size()), at,
                 "items");
    if (node.items)
      for (std::size_t i = 0; i < value.size(); ++i)
        check(*node.items, value[i], at + "/" + std::to_string(i));
    if (!node.unique_items)
      return;
    std::set<std::string> seen;
    for (const auto& each : value)
      if (!seen.insert(canonical_json(each)).second)
        return fail(at, "items that differ");
  }

  void check_text(const schema_node& node, const json::string& value,
                  const std::string& at) {
    const std::string_view text{value.data(), value.size()};
    check_bounds(node.length, static_cast<double>(characters_of(text)), at,
                 "characters");
    if (node.pattern
        && !RE2::PartialMatch({text.data(), text.size()}, *node.pattern))
      fail(at, "a text that matches " + node.pattern->pattern());
  }

  void check_number(const schema_node& node, double value,
                    const std::string& at) {
    check_bounds(node.value, value, at, "");
    const auto& exclusive = node.value_exclusive;
    if (exclusive.least && value <= *exclusive.least)
      fail(at, "more than " + to_json(*exclusive.least));
    if (exclusive.most && value >= *exclusive.most)
      fail(at, "less than " + to_json(*exclusive.most));
    if (!node.multiple_of)
      return;
    const auto times = value / *node.multiple_of;
    if (std::abs(times - std::round(times)) > 1e-9 * std::abs(times))
      fail(at, "a multiple of " + to_json(*node.multiple_of));
  }

  void check_bounds(const schema_bounds& bounds, double value,
                    const std::string& at, const std::string& of) {
    const auto unit = of.empty() ? of : " " + of;
    if (bounds.least && value < *bounds.least)
      fail(at, "at least " + to_json(*bounds.least) + unit);
    if (bounds.most && value > *bounds.most)
      fail(at, "at most " + to_json(*bounds.most) + unit);
  }

  void check_combined(const schema_node& node, const json::value& value,
                      const std::string& at) {
    for (const auto each : node.all_of)
      check(each, value, at);
    if (!node.any_of.empty() && matching(node.any_of, value) == 0)
      fail(at, "what one of its forms says");
    if (!node.one_of.empty() && matching(node.one_of, value) != 1)
      fail(at, "what exactly one of its forms says");
    if (node.none_of && matching({*node.none_of}, value) != 0)
      fail(at, "something else");
  }

  [[nodiscard]] std::size_t matching(const std::vector<std::size_t>& schemas,
                                     const json::value& value) const {
    std::size_t count = 0;
    for (const auto each : schemas) {
      checker alone{nodes_};
      alone.depth_ = depth_;
      alone.check(each, value, {});
      count += alone.found.empty() ? 1U : 0U;
    }
    return count;
  }

  void fail(const std::string& at, const std::string& expected) {
    if (found.size() < violations_max)
      found.push_back({at, "expected " + expected});
  }

  const std::vector<schema_node>& nodes_;
  std::size_t depth_ = 0;
};

} // namespace

std::vector<schema_violation>
json_schema::check(const json::value& value) const {
  checker all{*nodes_};
  all.check(root_, value, {});
  return std::move(all.found);
}

} // namespace troupe::engine
