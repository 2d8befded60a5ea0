#include "engine/template_text.hpp"

#include "engine/json_logic_value.hpp"

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <optional>

namespace troupe::engine {

namespace {

/// Words that mean something else in Handlebars than a variable's name.
constexpr std::string_view reserved_words[] = {"else", "this"};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Handlebars' identifiers: no blanks, no punctuation that it uses itself.
bool is_segment_char(char c) {
  constexpr std::string_view punctuation = "!\"#%&'()*+,./;<=>@[\\]^`{|}~";
  return !is_blank(c) && punctuation.find(c) == std::string_view::npos;
}

bool is_path(std::string_view text) {
  bool segment_open = false;
  for (const char c : text) {
    if (c == '.' ? !segment_open : !is_segment_char(c))
      return false;
    segment_open = c != '.';
  }
  return segment_open;
}

/// @returns what is wrong with the inside of {{…}}, or "".
std::string_view fault_of(std::string_view inside) {
  if (inside.empty())
    return "{{}} names no variable";
  switch (inside.front()) {
    case '#':
    case '/':
    case '^':
      return "blocks are not supported";
    case '>':
      return "partials are not supported";
    case '{':
    case '&':
      return "unescaped variables are not supported";
    case '!':
      return "comments are not supported";
    case '~':
      return "whitespace control is not supported";
    default:
      break;
  }
  if (inside.back() == '~')
    return "whitespace control is not supported";
  for (const auto word : reserved_words)
    if (inside.substr(0, inside.find('.')) == word)
      return "{{else}} and {{this}} are not supported";
  if (!is_path(inside))
    return "only a dotted path such as {{contact.email}} may stand between "
           "the braces";
  return {};
}

error syntax_error(std::string_view source, std::size_t at,
                   std::string_view fault, std::string pointer) {
  const auto before = source.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  const auto column
    = line_start == std::string_view::npos ? at + 1 : at - line_start;
  return invalid("template_syntax",
                 "Line " + std::to_string(line) + ", column "
                   + std::to_string(column) + ": " + std::string{fault} + ".",
                 std::move(pointer));
}

const boost::json::value* find(const value_path& path,
                               const template_data& data) {
  for (const auto& root : data.roots)
    if (root.name == path.root()) {
      if (root.value == nullptr)
        return nullptr;
      return root.name == "event" ? path.follow_event(*root.value)
                                  : path.follow(*root.value, 1);
    }
  for (const auto* bare : data.bare) {
    const auto* object = bare != nullptr ? bare->if_object() : nullptr;
    if (object == nullptr)
      continue;
    if (const auto* found = object->if_contains(path.root()))
      return path.follow(*found, 1);
  }
  return nullptr;
}

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#x27;";
    case '`':
      return "&#x60;";
    case '=':
      return "&#x3D;";
    default:
      return {};
  }
}

void append_escaped(std::string& out, std::string_view text) {
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto escape = escape_of(text[i]);
    if (escape.empty())
      continue;
    out.append(text, plain_from, i - plain_from);
    out += escape;
    plain_from = i + 1;
  }
  out.append(text, plain_from);
}

/// Texts are the common case and need no copy before they are escaped.
void append_value(std::string& out, const boost::json::value& value,
                  bool escape_html) {
  if (!escape_html) {
    append_joined(out, value);
  } else if (const auto* text = value.if_string()) {
    append_escaped(out, text_of(*text));
  } else {
    std::string printed;
    append_joined(printed, value);
    append_escaped(out, printed);
  }
}

error too_large(const template_options& options) {
  return invalid("template_output_too_large",
                 "The rendered text has more than "
                   + std::to_string(options.output_bytes_max) + " bytes.");
}

} // namespace

result<template_text> template_text::compile(std::string_view source,
                                             const template_options& options,
                                             std::string pointer) {
  constexpr std::string_view opening = "{{";
  constexpr std::string_view closing = "}}";
  template_text made;
  made.options_ = options;
  std::string literal;
  std::size_t from = 0;
  while (true) {
    const auto open = source.find(opening, from);
    if (open == std::string_view::npos)
      break;
    literal.append(source, from, open - from);
    if (open > from && source[open - 1] == '\\') {
      literal.back() = '{';
      literal.push_back('{');
      from = open + opening.size();
      continue;
    }
    const auto close = source.find(closing, open + opening.size());
    if (close == std::string_view::npos)
      return syntax_error(source, open, "{{ is never closed",
                          std::move(pointer));
    const auto start = open + opening.size();
    const auto inside = without_blanks(source.substr(start, close - start));
    if (const auto fault = fault_of(inside); !fault.empty())
      return syntax_error(source, open, fault, std::move(pointer));
    made.pieces_.push_back({std::move(literal), value_path{inside}});
    literal.clear();
    from = close + closing.size();
  }
  literal.append(source, from);
  if (!literal.empty())
    made.pieces_.push_back({std::move(literal), value_path{}});
  return made;
}

status template_text::render(const template_data& data, std::string& out,
                             unresolved_paths& unresolved) const {
  for (const auto& next : pieces_) {
    out += next.literal;
    if (!next.path.empty()) {
      if (const auto* found = find(next.path, data)) {
        append_value(out, *found, options_.escape_html);
      } else {
        auto path = next.path.text();
        if (std::find(unresolved.begin(), unresolved.end(), path)
            == unresolved.end())
          unresolved.push_back(std::move(path));
      }
    }
    if (out.size() > options_.output_bytes_max)
      return too_large(options_);
  }
  return success();
}

result<rendered_text> template_text::render(const template_data& data) const {
  rendered_text made;
  if (const auto done = render(data, made.text, made.unresolved); !done)
    return done.failure();
  return made;
}

} // namespace troupe::engine
