#include "engine/json_pointer.hpp"
#include "engine/json_schema.hpp"
#include "engine/json_schema_node.hpp"
#include "engine/json_text.hpp"

#include <boost/json/value.hpp>

#include <array>
#include <cmath>
#include <map>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t nodes_max = 5'000;
constexpr std::size_t depth_max = 64;
constexpr std::int64_t pattern_memory_max = 1 << 20; // bytes

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> type_names{
  {{"null", null_type},
   {"boolean", boolean_type},
   {"integer", integer_type},
   {"number", integer_type | number_type},
   {"string", string_type},
   {"array", array_type},
   {"object", object_type}}};

// They say something to people or tools, and nothing of what is valid.
bool is_remark(std::string_view keyword) {
  constexpr std::array<std::string_view, 15> known{
    "title",  "description", "default",  "examples",  "example",
    "format", "deprecated",  "readOnly", "writeOnly", "$comment",
    "$defs",  "definitions", "$schema",  "$id",       "components"};
  for (const auto each : known)
    if (each == keyword)
      return true;
  return keyword.starts_with("x-");
}

class compiler {
public:
  compiler(const json::value& document, std::vector<schema_node>& nodes)
    : document_{document}, nodes_{nodes} {}

  /// @returns the schema's index; each place is compiled once.
  result<std::size_t> at(const std::string& pointer) {
    if (const auto found = done_.find(pointer); found != done_.end())
      return found->second;
    json::error_code failure;
    const auto* schema = document_.find_pointer(pointer, failure);
    if (schema == nullptr)
      return invalid("schema_invalid", "nothing is at this place", pointer);
    if (nodes_.size() >= nodes_max || depth_ >= depth_max)
      return invalid("schema_too_large",
                     "a schema has at most 5,000 parts, 64 deep", pointer);
    const auto index = nodes_.size();
    nodes_.emplace_back();
    done_.emplace(pointer, index);
    ++depth_;
    schema_node made;
    const auto good = read(*schema, pointer, made);
    --depth_;
    if (!good)
      return good.failure();
    nodes_[index] = std::move(made);
    return index;
  }

private:
  status read(const json::value& schema, const std::string& pointer,
              schema_node& made) {
    if (schema.is_bool()) {
      made.never = !schema.get_bool();
      return success();
    }
    if (!schema.is_object())
      return invalid("schema_invalid", "a schema is an object, true or false",
                     pointer);
    for (const auto& item : schema.get_object()) {
      const auto at_keyword = pointer_to(pointer, item.key());
      if (auto good = read_keyword(item.key(), item.value(), at_keyword, made);
          !good)
        return good;
    }
    return success();
  }

  status read_keyword(std::string_view keyword, const json::value& value,
                      const std::string& pointer, schema_node& made) {
    using handler = status (compiler::*)(const json::value&, const std::string&,
                                         schema_node&);
    static const std::map<std::string_view, handler> structural{
      {"type", &compiler::read_type},
      {"enum", &compiler::read_enum},
      {"const", &compiler::read_const},
      {"required", &compiler::read_required},
      {"properties", &compiler::read_properties},
      {"pattern", &compiler::read_pattern},
      {"uniqueItems", &compiler::read_unique},
      {"$ref", &compiler::read_reference}};
    if (const auto found = structural.find(keyword); found != structural.end())
      return (this->*found->second)(value, pointer, made);
    if (auto* list = list_of(keyword, made))
      return read_schemas(value, pointer, *list);
    if (auto* one = schema_of(keyword, made))
      return keep(at(pointer), *one);
    if (auto* bound = bound_of(keyword, made))
      return read_number(value, pointer, *bound);
    if (is_remark(keyword))
      return success();
    return invalid("schema_keyword_unsupported",
                   "this keyword of JSON Schema is not supported", pointer);
  }

  static std::vector<std::size_t>* list_of(std::string_view keyword,
                                           schema_node& made) {
    return keyword == "allOf"   ? &made.all_of
           : keyword == "anyOf" ? &made.any_of
           : keyword == "oneOf" ? &made.one_of
                                : nullptr;
  }

  static std::optional<std::size_t>* schema_of(std::string_view keyword,
                                               schema_node& made) {
    return keyword == "additionalProperties" ? &made.additional_properties
           : keyword == "propertyNames"      ? &made.property_names
           : keyword == "items"              ? &made.items
           : keyword == "not"                ? &made.none_of
                                             : nullptr;
  }

  static std::optional<double>* bound_of(std::string_view keyword,
                                         schema_node& made) {
    const std::map<std::string_view, std::optional<double>*> bounds{
      {"minProperties", &made.properties_count.least},
      {"maxProperties", &made.properties_count.most},
      {"minItems", &made.items_count.least},
      {"maxItems", &made.items_count.most},
      {"minLength", &made.length.least},
      {"maxLength", &made.length.most},
      {"minimum", &made.value.least},
      {"maximum", &made.value.most},
      {"exclusiveMinimum", &made.value_exclusive.least},
      {"exclusiveMaximum", &made.value_exclusive.most},
      {"multipleOf", &made.multiple_of}};
    const auto found = bounds.find(keyword);
    return found == bounds.end() ? nullptr : found->second;
  }

  static status keep(const result<std::size_t>& compiled,
                     std::optional<std::size_t>& target) {
    if (!compiled)
      return compiled.failure();
    target = *compiled;
    return success();
  }

  status read_type(const json::value& value, const std::string& pointer,
                   schema_node& made) {
    made.types = 0;
    const auto add = [&](const json::value& name) {
      for (const auto& [text, bits] : type_names)
        if (name.is_string() && name.get_string() == text) {
          made.types |= bits;
          return true;
        }
      return false;
    };
    auto good = true;
    if (value.is_array())
      for (const auto& each : value.get_array())
        good = add(each) && good;
    else
      good = add(value);
    if (!good || made.types == 0)
      return invalid("schema_invalid",
                     "a type is one of null, boolean, integer, number, "
                     "string, array, object, or a list of them",
                     pointer);
    return success();
  }

  status read_enum(const json::value& value, const std::string& pointer,
                   schema_node& made) {
    if (!value.is_array() || value.get_array().empty())
      return invalid("schema_invalid", "`enum` is a list of values", pointer);
    made.allowed.emplace();
    for (const auto& each : value.get_array())
      made.allowed->push_back(canonical_json(each));
    made.allowed_text = "one of " + to_json(value);
    return success();
  }

  status read_const(const json::value& value, const std::string&,
                    schema_node& made) {
    made.allowed = {canonical_json(value)};
    made.allowed_text = to_json(value);
    return success();
  }

  status read_required(const json::value& value, const std::string& pointer,
                       schema_node& made) {
    const auto wrong
      = invalid("schema_invalid", "`required` is a list of names", pointer);
    if (!value.is_array())
      return wrong;
    for (const auto& each : value.get_array()) {
      if (!each.is_string())
        return wrong;
      made.required.emplace_back(each.get_string());
    }
    return success();
  }

  status read_properties(const json::value& value, const std::string& pointer,
                         schema_node& made) {
    if (!value.is_object())
      return invalid("schema_invalid", "`properties` is an object of schemas",
                     pointer);
    for (const auto& item : value.get_object()) {
      const auto compiled = at(pointer_to(pointer, item.key()));
      if (!compiled)
        return compiled.failure();
      made.properties.emplace_back(item.key(), *compiled);
    }
    return success();
  }

  status read_pattern(const json::value& value, const std::string& pointer,
                      schema_node& made) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory_max);
    if (value.is_string())
      made.pattern
        = std::make_shared<const RE2>(std::string{value.get_string()}, options);
    if (!made.pattern || !made.pattern->ok())
      return invalid("schema_invalid",
                     "a pattern is a regular expression as RE2 reads it",
                     pointer);
    return success();
  }

  status read_unique(const json::value& value, const std::string& pointer,
                     schema_node& made) {
    if (!value.is_bool())
      return invalid("schema_invalid", "`uniqueItems` is true or false",
                     pointer);
    made.unique_items = value.get_bool();
    return success();
  }

  status read_reference(const json::value& value, const std::string& pointer,
                        schema_node& made) {
    if (!value.is_string() || !value.get_string().starts_with("#"))
      return invalid("schema_keyword_unsupported",
                     "a reference points into its own document: \"#/…\"",
                     pointer);
    const auto compiled = at(std::string{value.get_string().subview(1)});
    if (!compiled)
      return compiled.failure();
    made.all_of.push_back(*compiled);
    return success();
  }

  status read_schemas(const json::value& value, const std::string& pointer,
                      std::vector<std::size_t>& list) {
    if (!value.is_array() || value.get_array().empty())
      return invalid("schema_invalid", "give a list of schemas", pointer);
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      const auto compiled = at(pointer + "/" + std::to_string(i));
      if (!compiled)
        return compiled.failure();
      list.push_back(*compiled);
    }
    return success();
  }

  static status read_number(const json::value& value,
                            const std::string& pointer,
                            std::optional<double>& bound) {
    json::error_code failure;
    const auto number = value.to_number<double>(failure);
    if (failure || !std::isfinite(number))
      return invalid("schema_invalid", "a bound is a number", pointer);
    bound = number;
    return success();
  }

  const json::value& document_;
  std::vector<schema_node>& nodes_;
  std::map<std::string, std::size_t> done_; // by pointer
  std::size_t depth_ = 0;
};

} // namespace

result<json_schema> json_schema::compile(const json::value& document,
                                         const std::string& root) {
  auto all = std::make_shared<nodes>();
  const auto index = compiler{document, *all}.at(root);
  if (!index)
    return index.failure();
  return json_schema{std::move(all), *index};
}

} // namespace troupe::engine
