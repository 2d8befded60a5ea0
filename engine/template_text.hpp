// Text with `{{path}}` in it: compiled when it is saved, rendered when it is
// sent. Only plain variables; any other Handlebars syntax is refused when
// compiled, so that nothing is ever sent with braces in it. Data is never
// compiled.
#pragma once

#include "engine/error.hpp"
#include "engine/value_path.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

struct template_options {
  bool escape_html = false; // as Handlebars: & < > " ' ` =
  std::size_t output_bytes_max = std::size_t{256} * 1024;
};

struct template_root {
  std::string_view name; // "event", "contact", "run"
  const boost::json::value* value = nullptr;
};

/// What a template can see. Everything must outlive the rendering.
struct template_data {
  /// Named in front of a path.
  std::span<const template_root> roots;
  /// Objects in which any other name is looked up; the first that has it
  /// decides: variables, run vars, event properties, contact attributes.
  std::span<const boost::json::value* const> bare;
};

/// Paths that led nowhere, each once, in the order met.
using unresolved_paths = std::vector<std::string>;

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
  /// `\{{` stands for two braces.
  /// @returns invalid_request `template_syntax` with line and column in the
  /// message and `pointer` as it was given.
  static result<template_text> compile(std::string_view source,
                                       const template_options& options = {},
                                       std::string pointer = {});

  /// Numbers as JavaScript prints them, null as nothing, arrays joined by
  /// commas, objects as "[object Object]", what is not there as nothing.
  /// @returns invalid_request `template_output_too_large` beyond the limit.
  result<rendered_text> render(const template_data& data) const;

  /// Appends; for callers that render many pieces into one text.
  status render(const template_data& data, std::string& out,
                unresolved_paths& unresolved) const;

private:
  /// Literal text, then a variable unless the path is empty.
  struct piece {
    std::string literal;
    value_path path;
  };

  template_options options_;
  std::vector<piece> pieces_;
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

  /// `output_bytes_max` holds for all texts together.
  result<rendered_json> render(const template_data& data) const;

private:
  boost::json::value skeleton_;
  template_options options_;
  std::vector<template_text> texts_; // in the order of a walk
};

} // namespace troupe::engine
