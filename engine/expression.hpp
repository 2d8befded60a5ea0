// A value a node computes: a literal, a template text, or a JSONLogic rule.
#pragma once

#include "engine/condition.hpp"
#include "engine/error.hpp"
#include "engine/template_text.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <variant>

namespace troupe::engine {

class turn_scope;

class expression {
public:
  expression() = default;

  /// An object whose one member is named as an operator is a rule; a text with
  /// "{{" is a template; texts inside other objects and arrays are templates
  /// too, of HTML when `escape_html`.
  static result<expression> compile(const boost::json::value& written,
                                    const std::string& pointer,
                                    bool escape_html = false);

  /// Null when it is no rule.
  [[nodiscard]] const condition* rule() const {
    return std::get_if<condition>(&what_);
  }

  /// @param missing gets the paths of templates that led nowhere
  /// @param variables of templates, before all else; null: none
  [[nodiscard]] boost::json::value
  evaluate(const turn_scope& scope, unresolved_paths* missing = nullptr,
           const boost::json::value* variables = nullptr) const;

private:
  std::variant<std::monostate, template_json, condition> what_;
};

} // namespace troupe::engine
