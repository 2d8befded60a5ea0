// The tokens of a template as a tree, by the grammar of handlebars.js less
// what Troupe does not have. Every refusal says what to write instead.
#include "engine/template_expression.hpp"
#include "engine/template_scan.hpp"

#include <optional>

namespace troupe::engine {

namespace {

using what = template_token::what;

std::optional<template_block> block_named(std::string_view name) {
  if (name == "if")
    return template_block::if_;
  if (name == "unless")
    return template_block::unless;
  if (name == "each")
    return template_block::each;
  if (name == "with")
    return template_block::with;
  return std::nullopt;
}

class parser {
public:
  parser(std::string_view source, template_fault& fault)
    : scanner_(source), fault_(fault), reader_(scanner_, fault) {}

  bool parse(template_body& body) {
    if (!reader_.advance() || !parse_body(body))
      return false;
    if (token().kind == what::end)
      return true;
    if (token().kind == what::inverse || token().kind == what::open_chain)
      return refuse("`{{else}}` stands outside of a block");
    return refuse("this closes no block that was opened");
  }

private:
  const template_token& token() const {
    return reader_.token();
  }

  bool refuse(std::string message) {
    return reader_.refuse(std::move(message));
  }

  /// Up to an else, the end of a block, or the end.
  bool parse_body(template_body& body) {
    while (true) {
      switch (token().kind) {
        case what::content:
          body.emplace_back(template_node::what::content);
          body.back().original = token().text;
          body.back().text = token().text;
          break;
        case what::comment:
          body.emplace_back(template_node::what::comment);
          body.back().strip = token().strip;
          break;
        case what::open:
        case what::open_unescaped:
          if (!parse_value(body.emplace_back(template_node::what::value)))
            return false;
          continue;
        case what::open_block:
        case what::open_inverse:
          if (!parse_block(body.emplace_back(template_node::what::block)))
            return false;
          continue;
        default:
          return true;
      }
      if (!reader_.advance())
        return false;
    }
  }

  /// The tag's end, in place of what it holds besides.
  bool parse_close(template_strip& strip, what kind) {
    if (token().kind != kind)
      return refuse_tail(kind);
    strip.close = token().strip.close;
    return reader_.advance();
  }

  bool refuse_tail(what kind) {
    if (token().is_named)
      return refuse("named arguments are not supported");
    if (token().kind == what::close || token().kind == what::close_unescaped)
      return refuse(kind == what::close
                      ? "two braces open this tag: close it with `}}`"
                      : "three braces open this tag: close it with `}}}`");
    return refuse("`" + std::string{token().text}
                  + "` is not expected here: close the tag with `}}`");
  }

  bool parse_value(template_node& node) {
    const auto close
      = token().kind == what::open ? what::close : what::close_unescaped;
    node.escaped = token().kind == what::open && !token().unescaped;
    node.strip.open = token().strip.open;
    return reader_.advance() && reader_.read_value(node.expression)
           && parse_close(node.strip, close);
  }

  /// Behind the opening braces: a helper's name and its argument, or a path.
  bool parse_opening(template_node& node, std::string& name) {
    const auto at = token().at;
    if (!reader_.read_head(node.expression, name))
      return false;
    const auto& path = node.expression.path;
    const bool alone = is_simple(path);
    const auto helper
      = alone ? block_named(path.segments.front().name) : std::nullopt;
    if (!helper) {
      if (alone && path.segments.front().name == "lookup")
        return reader_.refuse_at(at, "`lookup` is no block: write "
                                     "`{{#with (lookup a b)}}`");
      if (reader_.at_argument())
        return reader_.refuse_unknown(at, path);
      return refuse_parameters();
    }
    node.helper = *helper;
    const auto called = path.segments.front().name;
    if (!reader_.at_argument())
      return reader_.refuse_at(at, "`" + called + "` needs a value: `{{#"
                                     + called + " name}}`");
    if (!reader_.read_argument(node.expression))
      return false;
    if (reader_.at_argument())
      return refuse("`" + called + "` takes exactly one value");
    return refuse_parameters();
  }

  bool refuse_parameters() {
    if (token().kind == what::id && token().text == "as")
      return refuse("block parameters (`as |x|`) are not supported; the value "
                    "is `this` inside the block");
    return true;
  }

  bool parse_block(template_node& node) {
    if (++depth_ > template_depth_max) {
      refuse("blocks may be nested " + std::to_string(template_depth_max)
             + " deep at most");
      fault_.name = "template_limit";
      return false;
    }
    const auto opened = token().at;
    const bool inverted = token().kind == what::open_inverse;
    node.strip.open = token().strip.open;
    std::string name;
    if (!reader_.advance() || !parse_opening(node, name)
        || !parse_close(node.strip, what::close) || !parse_body(node.program))
      return false;
    node.has_program = true;
    if (token().kind == what::open_chain && inverted)
      return refuse("`{{else if}}` may not follow `{{^…}}`; write "
                    "`{{#unless …}}`");
    if (!parse_inverse(node, 1))
      return false;
    if (token().kind == what::inverse || token().kind == what::open_chain)
      return refuse("this block has its `{{else}}` already");
    if (token().kind != what::open_end)
      return reader_.refuse_at(opened, "this block is never closed by `{{/"
                                         + name + "}}`");
    const auto strip = token().strip;
    if (!parse_end(node, name))
      return false;
    node.close_strip.open = strip.open;
    if (node.chained)
      node.inverse.front().close_strip = node.close_strip;
    if (inverted) {
      node.program.swap(node.inverse);
      node.has_program = node.has_inverse;
      node.has_inverse = true;
    }
    --depth_;
    return true;
  }

  /// What `{{else}}` or `{{else if}}` begins, if anything.
  bool parse_inverse(template_node& node, std::size_t links) {
    if (token().kind == what::inverse) {
      node.has_inverse = true;
      node.inverse_strip = token().strip;
      node.close_strip = token().strip;
      return reader_.advance() && parse_body(node.inverse);
    }
    if (token().kind != what::open_chain)
      return true;
    if (links > template_chain_max) {
      refuse("at most " + std::to_string(template_chain_max)
             + " `{{else if}}` may follow each other");
      fault_.name = "template_limit";
      return false;
    }
    node.has_inverse = true;
    node.chained = true;
    auto& link = node.inverse.emplace_back(template_node::what::block);
    link.has_program = true;
    link.strip.open = token().strip.open;
    std::string name;
    if (!reader_.advance() || !parse_opening(link, name)
        || !parse_close(link.strip, what::close) || !parse_body(link.program)
        || !parse_inverse(link, links + 1))
      return false;
    node.inverse_strip = link.strip;
    // As handlebars.js: the end of a link is where the next one begins.
    if (link.chained)
      link.inverse.front().close_strip = link.inverse.front().strip;
    return true;
  }

  bool parse_end(template_node& node, const std::string& opened) {
    template_expression closes;
    std::string name;
    if (!reader_.advance())
      return false;
    const auto at = token().at;
    if (!reader_.read_head(closes, name))
      return false;
    if (name != opened)
      return reader_.refuse_at(at, "`{{/" + name + "}}` closes `{{#" + opened
                                     + "}}`, which was opened last");
    return parse_close(node.close_strip, what::close);
  }

  template_scanner scanner_;
  template_fault& fault_;
  template_expression_reader reader_;
  std::size_t depth_ = 0;
};

} // namespace

bool parse_template(std::string_view source, template_body& body,
                    template_fault& fault) {
  return parser{source, fault}.parse(body);
}

} // namespace troupe::engine
