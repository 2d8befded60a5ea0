// What the templates of a turn see (docs/templates.md): `event`, `contact` and
// `run`, and by their bare names variables, run vars, event properties and
// contact attributes.
#pragma once

#include "engine/template_text.hpp"

#include <array>

namespace troupe::engine {

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
  std::array<const boost::json::value*, 4> bare_;
};

} // namespace troupe::engine
