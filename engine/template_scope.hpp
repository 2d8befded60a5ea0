// What the templates of a turn see (docs/templates.md): `event`, `contact` and
// `run`, and by their bare names variables, run vars, event properties and
// contact attributes.
#pragma once

#include "engine/template_text.hpp"

#include <array>
#include <string_view>

namespace troupe::engine {

/// What `{{unsubscribe_url}}` is in a send until it is dispatched: whoever
/// sends it puts the contact's own link there.
inline constexpr std::string_view unsubscribe_placeholder
  = "https://unsubscribe.troupe.invalid/";

class template_scope {
public:
  /// What is not there is null; all must outlive the scope.
  template_scope(const boost::json::value* event,
                 const boost::json::value* contact,
                 const boost::json::value* run,
                 const boost::json::value* variables = nullptr);

  [[nodiscard]] template_data data() const {
    return {roots_, bare_};
  }

private:
  std::array<template_root, 3> roots_;
  std::array<const boost::json::value*, 5> bare_;
};

} // namespace troupe::engine
