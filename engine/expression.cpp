#include "engine/expression.hpp"

#include "engine/condition_tree.hpp"
#include "engine/template_scope.hpp"
#include "engine/turn_scope.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

bool is_rule(const json::value& written) {
  const auto* object = written.if_object();
  return object != nullptr && object->size() == 1
         && find_operator(std::string_view{object->begin()->key()}) != nullptr;
}

} // namespace

result<expression> expression::compile(const json::value& written,
                                       const std::string& pointer,
                                       bool escape_html) {
  expression made;
  if (is_rule(written)) {
    condition_options options;
    options.roots = condition_roots;
    auto rule = condition::compile(written, options, pointer);
    if (!rule)
      return rule.failure();
    made.what_ = std::move(*rule);
    return made;
  }
  auto texts = template_json::compile(written, {escape_html}, pointer);
  if (!texts)
    return texts.failure();
  made.what_ = std::move(*texts);
  return made;
}

json::value expression::evaluate(const turn_scope& scope,
                                 unresolved_paths* missing,
                                 const json::value* variables) const {
  if (const auto* rule = std::get_if<condition>(&what_))
    return rule->evaluate(scope);
  const auto* texts = std::get_if<template_json>(&what_);
  if (texts == nullptr)
    return nullptr;
  const template_scope seen{scope.root("event"), scope.root("contact"),
                            scope.root("run"), variables};
  auto rendered = texts->render(seen.data());
  if (!rendered)
    return nullptr;
  if (missing != nullptr)
    missing->insert(missing->end(), rendered->unresolved.begin(),
                    rendered->unresolved.end());
  return std::move(rendered->value);
}

} // namespace troupe::engine
