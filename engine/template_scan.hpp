// Cuts a template's source into the tokens of handlebars.js' lexer.
#pragma once

#include "engine/template_tree.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::engine {

struct template_token {
  enum class what : std::uint8_t {
    content,
    comment,
    open,            // {{ or {{&
    open_unescaped,  // {{{
    open_block,      // {{#
    open_inverse,    // {{^
    open_chain,      // {{else, with more to come
    inverse,         // {{else}} or {{^}}
    open_end,        // {{/
    close,           // }}
    close_unescaped, // }}}
    id,
    separator, // . or /
    data,      // @
    text,
    number,
    boolean,
    null,
    undefined,
    left_parenthesis,
    right_parenthesis,
    other, // one character that means something else, or nothing
    end,
    fault, // the scanner's fault() says what
  };

  what kind = what::end;
  std::size_t at = 0;
  std::string_view text;   // as it was written; of content what is shown
  std::string value;       // of an id or a text: without brackets and quotes
  bool is_literal = false; // an id in brackets
  bool unescaped = false;  // {{&
  bool is_named = false;   // an id before `=`
  template_strip strip;
};

class template_scanner {
public:
  explicit template_scanner(std::string_view source) : source_(source) {}

  /// Content never comes out empty. After `fault`, no further call.
  template_token next();

  [[nodiscard]] const template_fault& fault() const {
    return fault_;
  }

private:
  using what = template_token::what;

  std::string_view rest() const {
    return source_.substr(at_);
  }

  template_token content();
  template_token escaped_content();
  template_token tag();
  template_token comment(std::size_t opened);
  template_token inside();
  template_token number_or_word(std::size_t size);
  template_token quoted(char quote);
  template_token bracketed();
  template_token take(what kind, std::size_t size);
  template_token closed(what kind, std::size_t size, bool strip);
  template_token refuse(std::string message);
  template_token refuse_at(std::size_t at, std::string message);

  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t tag_at_ = 0;
  bool in_tag_ = false;
  bool after_backslash_ = false;
  template_fault fault_;
};

} // namespace troupe::engine
