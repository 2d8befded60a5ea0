// Bodies of workflows: Sendmator's members over the definition of a sequence.
#pragma once

#include "http/visit.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace troupe::http::sendmator {

/// What a body says of a workflow.
struct workflow_body {
  boost::json::object members; // but is_active
  std::optional<bool> is_active;
  bool changes_definition = false;
};

/// {name, description, event_type, is_active} and `steps` or a `definition`.
engine::result<workflow_body> read_workflow(const visit& now);

/// Puts the members of a body over the definition that there is.
engine::status put_members(boost::json::object& definition,
                           const boost::json::object& from);

/// In lower case, as far as it is ASCII.
std::string lower(std::string_view text);

/// The key of a sequence: readable, and no other one's.
std::string new_key(std::string_view name);

} // namespace troupe::http::sendmator
