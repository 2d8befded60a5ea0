// Handlebars: text with {{…}} in it, compiled when it is saved, rendered when
// it is sent, exactly as handlebars.js does it. Partials, decorators, own
// helpers, block parameters and named arguments are refused when compiled.
// Data is never compiled, and only its own properties can be seen.
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// What one rendering may take: instructions and repetitions, and output.
inline constexpr std::size_t template_steps_max = 100'000;
inline constexpr std::size_t template_bytes_max = std::size_t{256} * 1024;

struct template_options {
  bool escape_html = false; // as Handlebars: & < > " ' ` =
  std::size_t output_bytes_max = template_bytes_max;
};

struct template_root {
  std::string_view name; // "event", "contact", "run"
  const boost::json::value* value = nullptr;
};

struct template_program;

/// What a template can see. Everything must outlive the rendering.
struct template_data {
  /// Named in front of a path; of `event`, the names `properties`, `metadata`
  /// and `event_data` are one thing.
  std::span<const template_root> roots;
  /// Objects in which any other name is looked up; the first that has it
  /// decides: variables, run vars, event properties, contact attributes.
  std::span<const boost::json::value* const> bare;
};

/// Paths that led nowhere, each once, in the order met; the first 100. What
/// {{#if}}, {{#unless}} and {{#name}} only ask for is none of them, nor what
/// an {{else}} answers.
using unresolved_paths = std::vector<std::string>;

/// What a rendering may still take.
struct template_budget {
  std::size_t steps = template_steps_max;
  std::size_t bytes = template_bytes_max;
};

struct rendered_text {
  std::string text;
  unresolved_paths unresolved;
};

struct rendered_json {
  boost::json::value value;
  unresolved_paths unresolved;
};

/// Immutable; may be rendered by many threads at once.
class template_text {
public:
  /// @returns invalid_request `template_syntax`, or `template_limit` for
  /// blocks nested more than 32 deep, with line and column in the message and
  /// `pointer` as it was given.
  static result<template_text> compile(std::string_view source,
                                       const template_options& options = {},
                                       std::string pointer = {});

  /// Values as JavaScript shows them: null as nothing, arrays joined by
  /// commas, objects as "[object Object]"; what is not there as nothing.
  /// @returns invalid_request `template_limit` beyond 100,000 steps or the
  /// options' bytes.
  result<rendered_text> render(const template_data& data) const;

  /// Appends; for callers that render many pieces into one text.
  status render(const template_data& data, std::string& out,
                unresolved_paths& unresolved, template_budget& budget) const;

private:
  template_options options_;
  std::shared_ptr<const template_program> program_;
};

/// A JSON value in which every text is a template. Keys are not, and a text
/// that is one `{{path}}` still renders as text.
class template_json {
public:
  /// Errors as template_text::compile, with the place behind
  /// `pointer_prefix`; `template_too_deep` beyond 32 levels.
  static result<template_json> compile(const boost::json::value& source,
                                       const template_options& options = {},
                                       std::string pointer_prefix = {});

  /// The limits hold for all texts together.
  result<rendered_json> render(const template_data& data) const;

  /// For callers that render several values within one budget.
  result<boost::json::value> render(const template_data& data,
                                    unresolved_paths& unresolved,
                                    template_budget& budget) const;

private:
  boost::json::value skeleton_;
  template_options options_;
  std::vector<template_text> texts_; // in the order of a walk
};

} // namespace troupe::engine
