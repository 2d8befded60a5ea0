#include "engine/template_text.hpp"

#include "engine/template_render.hpp"
#include "engine/template_tree.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

/// Where the next thing of `items` will be.
template <class Items>
std::uint32_t place_in(const Items& items) {
  return static_cast<std::uint32_t>(items.size());
}

class flattener {
public:
  template_program take() && {
    return std::move(made_);
  }

  void add(template_body& body) {
    for (auto& node : body)
      switch (node.kind) {
        case template_node::what::content:
          add_text(node.text);
          break;
        case template_node::what::comment:
          break;
        case template_node::what::value:
          add_instruction(template_instruction::what::value, node);
          made_.instructions.back().escaped = node.escaped;
          break;
        case template_node::what::block:
          add_block(node);
          break;
      }
  }

private:
  void add_text(std::string_view text) {
    if (text.empty())
      return;
    template_instruction next;
    next.begin = place_in(made_.texts);
    next.size = place_in(text);
    made_.texts += text;
    made_.instructions.push_back(next);
  }

  void add_instruction(template_instruction::what kind, template_node& node) {
    template_instruction next;
    next.kind = kind;
    next.expression = place_in(made_.expressions);
    made_.expressions.push_back(std::move(node.expression));
    made_.instructions.push_back(next);
  }

  void add_block(template_node& node) {
    const auto at = made_.instructions.size();
    add_instruction(template_instruction::what::block, node);
    made_.instructions[at].helper = node.helper;
    made_.instructions[at].has_inverse = node.has_inverse;
    add(node.program);
    made_.instructions[at].inverse = place_in(made_.instructions);
    add(node.inverse);
    made_.instructions[at].end = place_in(made_.instructions);
  }

  template_program made_;
};

error fault_error(std::string_view source, template_fault fault,
                  std::string pointer) {
  const auto before = source.substr(0, fault.at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  const auto column = line_start == std::string_view::npos
                        ? fault.at + 1
                        : fault.at - line_start;
  return invalid(std::move(fault.name),
                 "Line " + std::to_string(line) + ", column "
                   + std::to_string(column) + ": " + fault.message + ".",
                 std::move(pointer));
}

} // namespace

result<template_text> template_text::compile(std::string_view source,
                                             const template_options& options,
                                             std::string pointer) {
  template_body body;
  template_fault fault;
  if (!parse_template(source, body, fault))
    return fault_error(source, std::move(fault), std::move(pointer));
  strip_whitespace(body);
  flattener flat;
  flat.add(body);
  template_text made;
  made.options_ = options;
  made.program_
    = std::make_shared<const template_program>(std::move(flat).take());
  return made;
}

status template_text::render(const template_data& data, std::string& out,
                             unresolved_paths& unresolved,
                             template_budget& budget) const {
  if (program_ == nullptr)
    return success();
  return template_renderer{*program_, data,       options_.escape_html,
                           out,       unresolved, budget}
    .run();
}

result<rendered_text> template_text::render(const template_data& data) const {
  rendered_text made;
  template_budget budget{template_steps_max, options_.output_bytes_max};
  if (const auto done = render(data, made.text, made.unresolved, budget); !done)
    return done.failure();
  return made;
}

} // namespace troupe::engine
