#include "engine/template_expression.hpp"

#include "engine/json_logic_value.hpp"
#include "engine/nearest.hpp"
#include "engine/number_text.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::engine {

namespace {

constexpr std::string_view helper_names[]
  = {"if", "unless", "each", "with", "lookup", "log"};

bool is_helper(std::string_view name) {
  return std::find(std::begin(helper_names), std::end(helper_names), name)
         != std::end(helper_names);
}

} // namespace

template_segment::template_segment(std::string_view text) : name(text) {
  std::size_t number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  // As in JavaScript, "01" is a key and no index.
  if (read.ec == std::errc{} && read.ptr == end
      && (text.size() == 1 || text.front() != '0'))
    index = number;
}

bool is_simple(const template_path& path) {
  return path.from == template_path::start::context && path.up == 0
         && path.segments.size() == 1
         && (path.written.starts_with('[')
             || path.written == path.segments.front().name);
}

bool template_expression_reader::advance() {
  token_ = scanner_.next();
  if (token_.kind == what::fault)
    fault_ = scanner_.fault();
  return token_.kind != what::fault;
}

bool template_expression_reader::refuse(std::string message) {
  return refuse_at(token_.at, std::move(message));
}

bool template_expression_reader::refuse_at(std::size_t at,
                                           std::string message) {
  fault_ = {at, "template_syntax", std::move(message)};
  return false;
}

bool template_expression_reader::refuse_unknown(std::size_t at,
                                                const template_path& path) {
  auto message = "there is no helper `" + path.written
                 + "`; there are if, unless, each, with and lookup";
  const auto near
    = nearest(path.written, {"if", "unless", "each", "with", "lookup"});
  if (!near.empty())
    message += ": did you mean `" + std::string{near} + "`?";
  return refuse_at(at, std::move(message));
}

bool template_expression_reader::read_segment(template_path& path, bool first) {
  switch (token_.kind) {
    case what::id:
      break;
    case what::number:
    case what::boolean:
    case what::null:
    case what::undefined:
      if (first)
        return refuse("a name is expected here");
      // "a.1.5": the number is two names
      for (auto left = token_.text;;) {
        const auto dot = left.find('.');
        path.segments.emplace_back(left.substr(0, dot));
        if (dot == std::string_view::npos)
          break;
        left.remove_prefix(dot + 1);
      }
      path.written += token_.text;
      original_ += token_.text;
      return advance();
    default:
      return refuse("a name is expected here; write names with other "
                    "characters as `[…]`");
  }
  const auto& name = token_.value;
  const bool special
    = !token_.is_literal && (name == "." || name == ".." || name == "this");
  path.written += token_.text;
  original_ += name;
  if (!special) {
    path.segments.emplace_back(name);
  } else if (!path.segments.empty()) {
    return refuse("`" + name + "` may only stand at the front of a path");
  } else if (name == "..") {
    ++path.up;
  }
  return advance();
}

bool template_expression_reader::read_tail(template_path& path) {
  while (token_.kind == what::separator) {
    path.written += token_.text;
    original_ += token_.text;
    if (!advance() || !read_segment(path, false))
      return false;
  }
  return true;
}

bool template_expression_reader::read_path(template_path& path) {
  if (!read_segment(path, true) || !read_tail(path))
    return false;
  // As handlebars.js: what begins with no name is the context.
  if (!path.segments.empty() && path.segments.front().name.empty())
    path.segments.clear();
  return true;
}

bool template_expression_reader::read_data(template_path& path) {
  path.written = "@";
  const auto at = token_.at;
  if (!advance() || !read_path(path))
    return false;
  using start = template_path::start;
  const auto name
    = path.segments.empty() ? std::string{} : path.segments.front().name;
  if (name == "root")
    path.from = start::root;
  else if (name == "index")
    path.from = start::index;
  else if (name == "key")
    path.from = start::key;
  else if (name == "first")
    path.from = start::first;
  else if (name == "last")
    path.from = start::last;
  else
    return refuse_at(at, "`" + path.written
                           + "` is not known; there are @index, @key, @first, "
                             "@last and @root");
  path.segments.erase(path.segments.begin());
  return true;
}

bool template_expression_reader::read_literal(template_expression& made) {
  made.kind = template_expression::what::literal;
  switch (token_.kind) {
    case what::text:
      made.literal = token_.value;
      break;
    case what::number:
      made.literal = number_value(text_to_number(token_.text));
      break;
    case what::boolean:
      made.literal = token_.text == "true";
      break;
    case what::undefined:
      made.is_undefined = true;
      break;
    default:
      break;
  }
  return advance();
}

bool template_expression_reader::read_head(template_expression& made,
                                           std::string& name) {
  original_.clear();
  switch (token_.kind) {
    case what::id:
      if (!read_path(made.path))
        return false;
      break;
    case what::data:
      original_ = "@";
      if (!read_data(made.path))
        return false;
      break;
    case what::text:
    case what::number:
    case what::boolean:
    case what::null:
    case what::undefined: {
      auto key
        = token_.kind == what::text ? token_.value : std::string{token_.text};
      if (token_.kind == what::number) {
        key.clear();
        append_number(key, text_to_number(token_.text));
      }
      if (!key.empty())
        made.path.segments.emplace_back(key);
      made.path.written = key;
      name = std::move(key);
      return advance();
    }
    case what::left_parenthesis:
      return refuse("`(…)` may only stand behind a helper's name");
    case what::close:
    case what::close_unescaped:
      return refuse("a name is expected between the braces");
    default:
      return refuse("`" + std::string{token_.text}
                    + "` cannot begin a name; write names with other "
                      "characters as `[…]`");
  }
  name = original_;
  return true;
}

bool template_expression_reader::read_value(template_expression& made) {
  const auto at = token_.at;
  std::string name;
  if (!read_head(made, name))
    return false;
  const bool alone = is_simple(made.path);
  const auto called = alone ? made.path.segments.front().name : std::string{};
  if (called == "lookup" && at_argument())
    return read_lookup(made);
  if (is_helper(called))
    return refuse_at(
      at, "`" + called + "` is a helper: write `{{this." + called
            + "}}` for a value of this name"
            + (called == "lookup" ? ", or `{{lookup object name}}`"
               : called == "log"  ? ""
                                  : ", or `{{#" + called + " name}}`"));
  if (at_argument())
    return refuse_unknown(at, made.path);
  return true;
}

bool template_expression_reader::at_argument() const {
  switch (token_.kind) {
    case what::id:
      return !token_.is_named && (token_.is_literal || token_.text != "as");
    case what::data:
    case what::text:
    case what::number:
    case what::boolean:
    case what::null:
    case what::undefined:
    case what::left_parenthesis:
      return true;
    default:
      return false;
  }
}

/// Behind the word `lookup`.
bool template_expression_reader::read_lookup(template_expression& made) {
  made.kind = template_expression::what::lookup;
  made.path = {};
  made.arguments.resize(2);
  for (auto& argument : made.arguments) {
    if (!at_argument())
      return refuse("`lookup` needs two values: `lookup object name`");
    if (!read_argument(argument))
      return false;
  }
  return !at_argument() || refuse("`lookup` takes exactly two values");
}

bool template_expression_reader::read_argument(template_expression& made) {
  made = {};
  switch (token_.kind) {
    case what::id:
      return read_path(made.path);
    case what::data:
      return read_data(made.path);
    case what::left_parenthesis: {
      const auto at = token_.at;
      if (++depth_ > template_depth_max) {
        refuse("expressions may be nested " + std::to_string(template_depth_max)
               + " deep at most");
        fault_.name = "template_limit";
        return false;
      }
      if (!advance())
        return false;
      if (token_.text != "lookup")
        return refuse_at(at, "only `(lookup object name)` may stand in "
                             "parentheses");
      if (!advance() || !read_lookup(made))
        return false;
      if (token_.kind != what::right_parenthesis)
        return refuse_at(at, "this is never closed by `)`");
      --depth_;
      return advance();
    }
    default:
      return read_literal(made);
  }
}

} // namespace troupe::engine
