// A compiled template: instructions in the order in which they are written,
// with the texts and expressions they need. Private to template_*.cpp.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// The bounds of one source: blocks inside blocks; {{else if}} in a row.
inline constexpr std::size_t template_depth_max = 32;
inline constexpr std::size_t template_chain_max = 128;

struct template_segment {
  static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

  explicit template_segment(std::string_view text);

  std::string name;
  std::size_t index = no_index; // when the name is an array's index
};

struct template_path {
  enum class start : std::uint8_t { context, root, index, key, first, last };

  start from = start::context;
  std::uint32_t up = 0; // how often `../`
  std::vector<template_segment> segments;
  std::string written;
};

struct template_expression {
  enum class what : std::uint8_t { path, literal, lookup };

  what kind = what::path;
  template_path path;
  boost::json::value literal;
  bool is_undefined = false;                  // of a literal
  std::vector<template_expression> arguments; // of a lookup: two
};

/// What a block does with its expression; `section` is {{#x}}.
enum class template_block : std::uint8_t { section, if_, unless, each, with };

struct template_instruction {
  enum class what : std::uint8_t { text, value, block };

  what kind = what::text;
  bool escaped = false;     // value
  bool has_inverse = false; // block: written with an else
  template_block helper = template_block::section;
  std::uint32_t expression = 0; // value, block
  std::uint32_t begin = 0;      // text: its place in `texts`
  std::uint32_t size = 0;
  // A block's own instructions follow it up to `inverse`, those of its else
  // from there to `end`.
  std::uint32_t inverse = 0;
  std::uint32_t end = 0;
};

struct template_program {
  std::vector<template_instruction> instructions;
  std::vector<template_expression> expressions;
  std::string texts;
};

} // namespace troupe::engine
