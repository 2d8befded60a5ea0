// Reads what stands between a template's braces: names, paths, literals and
// `lookup`.
#pragma once

#include "engine/template_scan.hpp"

#include <string>

namespace troupe::engine {

/// One name that is no `this`, `../` or `@`: it may be a helper's.
bool is_simple(const template_path& path);

/// Holds the one token that is looked at. All functions that return bool are
/// false once the source is refused, and `fault` says why.
class template_expression_reader {
public:
  template_expression_reader(template_scanner& scanner, template_fault& fault)
    : scanner_(scanner), fault_(fault) {}

  [[nodiscard]] const template_token& token() const {
    return token_;
  }

  bool advance();

  /// @returns false
  bool refuse(std::string message);
  bool refuse_at(std::size_t at, std::string message);

  /// That `path` is called with arguments but is no helper.
  bool refuse_unknown(std::size_t at, const template_path& path);

  /// What a tag begins with, a literal there being a name, and how the tag
  /// that closes it must be written.
  bool read_head(template_expression& made, std::string& name);

  /// What {{…}} shows.
  bool read_value(template_expression& made);

  /// Whether the token can begin an argument.
  [[nodiscard]] bool at_argument() const;

  bool read_argument(template_expression& made);

private:
  using what = template_token::what;

  bool read_path(template_path& path);
  bool read_segment(template_path& path, bool first);
  bool read_data(template_path& path);
  bool read_tail(template_path& path);
  bool read_lookup(template_expression& made);
  bool read_literal(template_expression& made);

  template_scanner& scanner_;
  template_fault& fault_;
  template_token token_;
  std::string original_; // a head without brackets
  std::size_t depth_ = 0;
};

} // namespace troupe::engine
