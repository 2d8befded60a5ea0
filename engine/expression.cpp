#include "engine/expression.hpp"

#include "engine/condition_tree.hpp"
#include "engine/turn_scope.hpp"

#include <array>

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
                                       const std::string& pointer) {
  expression made;
  if (is_rule(written)) {
    condition_options options;
    options.strict_roots = true;
    auto rule = condition::compile(written, options, pointer);
    if (!rule)
      return rule.failure();
    made.what_ = std::move(*rule);
    return made;
  }
  auto texts = template_json::compile(written, {}, pointer);
  if (!texts)
    return texts.failure();
  made.what_ = std::move(*texts);
  return made;
}

json::value expression::evaluate(const turn_scope& scope) const {
  if (const auto* rule = std::get_if<condition>(&what_))
    return rule->evaluate(scope);
  const auto* texts = std::get_if<template_json>(&what_);
  if (texts == nullptr)
    return nullptr;
  const std::array<template_root, 3> roots{
    template_root{"event", scope.root("event")},
    template_root{"contact", scope.root("contact")},
    template_root{"run", scope.root("run")}};
  const auto member = [](const json::value* of, std::string_view name) {
    return of == nullptr || !of->is_object()
             ? nullptr
             : of->get_object().if_contains(name);
  };
  // api.md: run vars, event properties, contact attributes, in this order.
  std::vector<const json::value*> bare;
  for (const auto* found :
       {member(roots[2].value, "vars"), member(roots[0].value, "properties"),
        member(roots[1].value, "attributes")})
    if (found != nullptr)
      bare.push_back(found);
  auto rendered = texts->render({roots, bare});
  return rendered ? std::move(rendered->value) : json::value{};
}

} // namespace troupe::engine
