// A port of handlebars.js' WhitespaceControl, rule for rule: which pieces of
// text count as white space is asked of the text as it was written, what is
// taken away of what is left of it.
#include "engine/template_space.hpp"
#include "engine/template_tree.hpp"

#include <optional>

namespace troupe::engine {

namespace {

using what = template_node::what;

/// What a node wants stripped around it.
struct wishes {
  template_strip strip;
  bool open_standalone = false;
  bool close_standalone = false;
  bool inline_standalone = false;
};

template_node* at(template_body& body, std::size_t i) {
  return i < body.size() ? &body[i] : nullptr;
}

/// Whether what is before `i` ends a line; `i` may be the end.
bool ends_line_before(template_body& body, std::size_t i, bool is_root) {
  const auto* before = i > 0 ? at(body, i - 1) : nullptr;
  if (before == nullptr)
    return is_root;
  if (before->kind != what::content)
    return false;
  const auto text = before->original;
  const auto spaces = spaces_at_back(text);
  if (is_root && i == 1 && spaces == text.size())
    return true;
  return text.substr(text.size() - spaces).find('\n') != std::string_view::npos;
}

/// Whether what begins at `i` begins with the rest of a line.
bool ends_line_at(template_body& body, std::size_t i, bool is_root) {
  const auto* next = at(body, i);
  if (next == nullptr)
    return is_root;
  if (next->kind != what::content)
    return false;
  const auto text = next->original;
  const auto spaces = spaces_at_front(text);
  if (is_root && at(body, i + 1) == nullptr && spaces == text.size())
    return true;
  return text.substr(0, spaces).find('\n') != std::string_view::npos;
}

void omit_at(template_body& body, std::size_t i, bool all) {
  auto* node = at(body, i);
  if (node == nullptr || node->kind != what::content
      || (!all && node->right_stripped))
    return;
  std::size_t size = 0;
  if (all) {
    size = spaces_at_front(node->text);
  } else {
    const auto text = node->text;
    while (size < text.size() && (text[size] == ' ' || text[size] == '\t'))
      ++size;
    if (size < text.size() && text[size] == '\r')
      ++size;
    if (size < text.size() && text[size] == '\n')
      ++size;
  }
  node->text.remove_prefix(size);
  node->right_stripped = size > 0;
}

/// Of what is before `i`.
void omit_before(template_body& body, std::size_t i, bool all) {
  auto* node = i > 0 ? at(body, i - 1) : nullptr;
  if (node == nullptr || node->kind != what::content
      || (!all && node->left_stripped))
    return;
  std::size_t size = 0;
  if (all) {
    size = spaces_at_back(node->text);
  } else {
    const auto text = node->text;
    while (size < text.size()
           && (text[text.size() - size - 1] == ' '
               || text[text.size() - size - 1] == '\t'))
      ++size;
  }
  node->text.remove_suffix(size);
  node->left_stripped = size > 0;
}

void strip_body(template_body& body, bool is_root);

template_body& main_of(template_node& block) {
  return block.has_program ? block.program : block.inverse;
}

/// What stands around an else.
void strip_inverse(template_node& block, template_body& program) {
  // Of a chain of {{else if}} only the first is looked at from here.
  auto* first
    = block.chained ? &main_of(block.inverse.front()) : &block.inverse;
  if (block.inverse_strip.open)
    omit_before(program, program.size(), true);
  if (block.inverse_strip.close)
    omit_at(*first, 0, true);
  if (block.close_strip.open)
    omit_before(*first, first->size(), true);
  if (ends_line_before(program, program.size(), false)
      && ends_line_at(*first, 0, false)) {
    omit_before(program, program.size(), false);
    omit_at(*first, 0, false);
  }
}

wishes strip_block(template_node& block) {
  strip_body(block.program, false);
  strip_body(block.inverse, false);
  auto& program = main_of(block);
  const bool two = block.has_program && block.has_inverse;
  auto& first_inverse = !two            ? program
                        : block.chained ? main_of(block.inverse.front())
                                        : block.inverse;
  wishes wanted;
  wanted.strip = {block.strip.open, block.close_strip.close};
  wanted.open_standalone = ends_line_at(program, 0, false);
  wanted.close_standalone
    = ends_line_before(first_inverse, first_inverse.size(), false);
  if (block.strip.close)
    omit_at(program, 0, true);
  if (two)
    strip_inverse(block, program);
  else if (block.close_strip.open)
    omit_before(program, program.size(), true);
  return wanted;
}

std::optional<wishes> strip_node(template_node& node) {
  switch (node.kind) {
    case what::content:
      break;
    case what::value:
      return wishes{node.strip};
    case what::comment:
      return wishes{node.strip, false, false, true};
    case what::block:
      return strip_block(node);
  }
  return std::nullopt;
}

void strip_body(template_body& body, bool is_root) {
  for (std::size_t i = 0; i < body.size(); ++i) {
    auto& node = body[i];
    const auto wanted = strip_node(node);
    if (!wanted)
      continue;
    const bool before = ends_line_before(body, i, is_root);
    const bool after = ends_line_at(body, i + 1, is_root);
    if (wanted->strip.close)
      omit_at(body, i + 1, true);
    if (wanted->strip.open)
      omit_before(body, i, true);
    if (wanted->inline_standalone && before && after) {
      omit_at(body, i + 1, false);
      omit_before(body, i, false);
    }
    if (wanted->open_standalone && before) {
      omit_at(main_of(node), 0, false);
      omit_before(body, i, false);
    }
    if (wanted->close_standalone && after) {
      omit_at(body, i + 1, false);
      auto& last = node.has_inverse ? node.inverse : node.program;
      omit_before(last, last.size(), false);
    }
  }
}

} // namespace

void strip_whitespace(template_body& body) {
  strip_body(body, true);
}

} // namespace troupe::engine
