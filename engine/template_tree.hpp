// What a template's source says, as a tree: made by template_parse.cpp,
// trimmed by template_whitespace.cpp, flattened by template_text.cpp. Only
// these three know it. Views are into the source.
#pragma once

#include "engine/error.hpp"
#include "engine/template_program.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// `~` at the two ends of a tag.
struct template_strip {
  bool open = false;
  bool close = false;
};

struct template_node;
using template_body = std::vector<template_node>;

struct template_node {
  enum class what : std::uint8_t { content, value, comment, block };

  explicit template_node(what is) : kind(is) {}

  what kind;
  template_strip strip; // of a value or comment; of a block's opening tag

  // content
  std::string_view original;
  std::string_view text; // what is left of it
  bool right_stripped = false;
  bool left_stripped = false;

  // value, block
  template_expression expression;
  bool escaped = true;

  // block
  template_block helper = template_block::section;
  template_body program;
  template_body inverse;
  bool has_program = false; // {{^x}} without an else has none
  bool has_inverse = false;
  bool chained = false; // `inverse` is one block, of an {{else if}}
  template_strip inverse_strip;
  template_strip close_strip;
};

/// What is wrong with a source, and where.
struct template_fault {
  std::size_t at = 0;
  std::string name; // "template_syntax" or "template_limit"
  std::string message;
};

/// @returns false and the fault when the source is refused
bool parse_template(std::string_view source, template_body& body,
                    template_fault& fault);

/// Takes out the white space that `~` asks for, and the lines on which a
/// block's tag or a comment stands alone, as handlebars.js does.
void strip_whitespace(template_body& body);

} // namespace troupe::engine
