#include "engine/template_scan.hpp"

#include "engine/template_space.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";
constexpr auto nowhere = std::string_view::npos;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word_char(char c) {
  return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z')
         || (c >= 'A' && c <= 'Z');
}

/// The characters that may not stand in a name outside brackets.
bool is_punctuation(char c) {
  return std::string_view{"!\"#%&'()*+,./;<=>@[\\]^`{|}~"}.find(c) != nowhere;
}

/// @returns the bytes of the name at the front, or 0; what follows one must be
/// white space or one of `=~}/.)|`
std::size_t name_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && !is_punctuation(text[size])
         && space_at_front(text.substr(size)) == 0)
    ++size;
  const auto after = text.substr(size);
  const bool ends
    = !after.empty()
      && (std::string_view{"=~}/.)|"}.find(after.front()) != nowhere
          || space_at_front(after) > 0);
  return ends ? size : 0;
}

/// @returns the bytes of the number at the front, or 0
std::size_t number_size(std::string_view text) {
  const auto digits_from = [text](std::size_t from) {
    auto to = from;
    while (to < text.size() && is_digit(text[to]))
      ++to;
    return to;
  };
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  auto size = digits_from(first);
  if (size == first)
    return 0;
  if (size < text.size() && text[size] == '.') {
    const auto end = digits_from(size + 1);
    if (end > size + 1)
      size = end;
  }
  const auto after = text.substr(size);
  const bool ends = !after.empty()
                    && (std::string_view{"~})"}.find(after.front()) != nowhere
                        || space_at_front(after) > 0);
  return ends ? size : 0;
}

/// The mark that closes what `text` begins with: the first without a backslash
/// before it, else the last.
std::size_t end_of_enclosed(std::string_view text, char mark) {
  auto end = nowhere;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == mark)
      return i;
    if (text[i] == '\\' && text.substr(i + 1).starts_with(mark))
      end = ++i;
  }
  return end;
}

std::string without_backslashes(std::string_view text,
                                std::string_view before) {
  std::string made;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()
        && before.find(text[i + 1]) != nowhere)
      ++i;
    made.push_back(text[i]);
  }
  return made;
}

} // namespace

template_token template_scanner::take(what kind, std::size_t size) {
  template_token token;
  token.kind = kind;
  token.at = at_;
  token.text = source_.substr(at_, size);
  at_ += size;
  return token;
}

template_token template_scanner::closed(what kind, std::size_t size,
                                        bool strip) {
  in_tag_ = false;
  auto token = take(kind, size);
  token.strip.close = strip;
  return token;
}

template_token template_scanner::refuse_at(std::size_t at,
                                           std::string message) {
  fault_ = {at, "template_syntax", std::move(message)};
  template_token token;
  token.kind = what::fault;
  token.at = at;
  return token;
}

template_token template_scanner::refuse(std::string message) {
  return refuse_at(at_, std::move(message));
}

template_token template_scanner::next() {
  if (in_tag_)
    return inside();
  if (after_backslash_)
    return escaped_content();
  return content();
}

template_token template_scanner::content() {
  if (at_ == source_.size())
    return take(what::end, 0);
  const auto open = source_.find(opening, at_);
  if (open == nowhere)
    return take(what::content, rest().size());
  const auto text = source_.substr(at_, open - at_);
  auto shown = text.size();
  if (text.ends_with("\\\\")) {
    --shown;
  } else if (text.ends_with('\\')) {
    --shown;
    after_backslash_ = true;
  }
  auto token = take(what::content, shown);
  at_ = open;
  if (shown > 0)
    return token;
  return after_backslash_ ? escaped_content() : tag();
}

/// From braces that mean themselves to the next tag or backslash before one.
template_token template_scanner::escaped_content() {
  after_backslash_ = false;
  auto end = source_.find(opening, at_ + opening.size());
  if (end == nowhere)
    return take(what::content, rest().size());
  // Up to two backslashes belong to the next tag.
  for (int i = 0; i < 2 && end > at_ + opening.size(); ++i)
    if (source_[end - 1] == '\\')
      --end;
  return take(what::content, end - at_);
}

template_token template_scanner::comment(std::size_t opened) {
  const auto from = at_ + opened;
  const bool dashed = rest().substr(opened).starts_with("--");
  auto end = nowhere;
  bool strip = false;
  if (dashed) {
    for (auto dashes = source_.find("--", from);
         dashes != nowhere && end == nowhere;
         dashes = source_.find("--", dashes + 1)) {
      const auto after = source_.substr(dashes + 2);
      strip = after.starts_with("~}}");
      if (strip || after.starts_with(closing))
        end = dashes + 2 + (strip ? 1U : 0U) + closing.size();
    }
  } else if (const auto close = source_.find(closing, from); close != nowhere) {
    end = close + closing.size();
    strip = source_[close - 1] == '~';
  }
  if (end == nowhere)
    return refuse(dashed ? "this comment is never closed by `--}}`"
                         : "this comment is never closed by `}}`");
  return closed(what::comment, end - at_, strip);
}

template_token template_scanner::tag() {
  in_tag_ = true;
  tag_at_ = at_;
  if (rest().starts_with("{{{{"))
    return refuse("raw blocks are not supported; write `\\{{` for braces that "
                  "mean themselves");
  const bool strip = rest().starts_with("{{~");
  const std::size_t opened = strip ? 3 : 2;
  const auto after = rest().substr(opened);
  const auto begin = [&](what kind, std::size_t more) {
    auto token = take(kind, opened + more);
    token.strip.open = strip;
    return token;
  };
  if (after.starts_with('>') || after.starts_with("#>"))
    return refuse("partials are not supported; write their text here");
  if (after.starts_with('*') || after.starts_with("#*"))
    return refuse("decorators are not supported");
  if (after.starts_with('#'))
    return begin(what::open_block, 1);
  if (after.starts_with('/'))
    return begin(what::open_end, 1);
  if (after.starts_with('!')) {
    auto token = comment(opened + 1);
    token.strip.open = strip;
    return token;
  }
  const bool caret = after.starts_with('^');
  const auto word = after.substr(caret ? 0 : spaces_at_front(after));
  if (caret || word.starts_with("else")) {
    const auto name = word.substr(caret ? 1 : 4);
    const auto tail = name.substr(spaces_at_front(name));
    const bool close_strip = tail.starts_with('~');
    if (tail.substr(close_strip ? 1 : 0).starts_with(closing)) {
      auto token = closed(what::inverse,
                          rest().size() - tail.size() + closing.size()
                            + (close_strip ? 1U : 0U),
                          close_strip);
      token.strip.open = strip;
      return token;
    }
    if (caret)
      return begin(what::open_inverse, 1);
    if (name.empty() || !is_word_char(name.front()))
      return begin(what::open_chain, after.size() - name.size());
  }
  if (after.starts_with('{'))
    return begin(what::open_unescaped, 1);
  auto token = begin(what::open, after.starts_with('&') ? 1 : 0);
  token.unescaped = after.starts_with('&');
  return token;
}

template_token template_scanner::quoted(char quote) {
  const auto end = end_of_enclosed(rest(), quote);
  if (end == nowhere)
    return refuse("this text is never closed by its quote");
  auto token = take(what::text, end + 1);
  token.value = without_backslashes(token.text.substr(1, token.text.size() - 2),
                                    std::string_view{&quote, 1});
  return token;
}

template_token template_scanner::bracketed() {
  const auto end = end_of_enclosed(rest(), ']');
  if (end == nowhere)
    return refuse("this name is never closed by `]`");
  auto token = take(what::id, end + 1);
  token.value = without_backslashes(token.text, "\\]");
  token.value = token.value.substr(1, token.value.size() - 2);
  token.is_literal = true;
  return token;
}

template_token template_scanner::number_or_word(std::size_t size) {
  const auto number = number_size(rest());
  if (number > 0)
    return take(what::number, number);
  auto token = take(what::id, size);
  token.value = token.text;
  token.is_named = rest().substr(spaces_at_front(rest())).starts_with('=');
  const auto after = rest().front();
  if (after == '=' || after == '/' || after == '.' || after == '|')
    return token;
  if (token.text == "true" || token.text == "false")
    token.kind = what::boolean;
  else if (token.text == "null")
    token.kind = what::null;
  else if (token.text == "undefined")
    token.kind = what::undefined;
  return token;
}

template_token template_scanner::inside() {
  at_ += spaces_at_front(rest());
  const auto left = rest();
  if (left.empty())
    return refuse_at(tag_at_, "this tag is never closed by `}}`");
  if (left.starts_with("}}}}"))
    return refuse("there are too many closing braces");
  if (left.starts_with("}}}"))
    return closed(what::close_unescaped, 3, false);
  if (left.starts_with("}~}}"))
    return closed(what::close_unescaped, 4, true);
  if (left.starts_with("}}"))
    return closed(what::close, 2, false);
  if (left.starts_with("~}}"))
    return closed(what::close, 3, true);
  if (const auto size = name_size(left); size > 0 || number_size(left) > 0)
    return number_or_word(size);
  switch (left.front()) {
    case '.': {
      const std::size_t dots = left.starts_with("..") ? 2 : 1;
      const auto after = left.substr(dots);
      const bool is_name
        = dots == 2 || after.empty()
          || std::string_view{"=~}/.)|"}.find(after.front()) != nowhere
          || space_at_front(after) > 0;
      auto token = take(is_name ? what::id : what::separator, dots);
      token.value = token.text;
      return token;
    }
    case '/':
      return take(what::separator, 1);
    case '@':
      return take(what::data, 1);
    case '(':
      return take(what::left_parenthesis, 1);
    case ')':
      return take(what::right_parenthesis, 1);
    case '"':
    case '\'':
      return quoted(left.front());
    case '[':
      return bracketed();
    default:
      return take(what::other, 1);
  }
}

} // namespace troupe::engine
