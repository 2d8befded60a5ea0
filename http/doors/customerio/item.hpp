// One thing that Customer.io's Track API is told about a person, as v1's paths
// or v2's items say it.
#pragma once

#include "http/doors/door_event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace troupe::http::customerio {

enum class action {
  identify,
  event,
  page,
  screen,
  add_device,
  remove_device,
  suppress,
  unsuppress,
  merge,
};

/// @param who `{id | email | cio_id}`; for `merge` the primary
/// @param body what the request says, an object
/// @param text its bytes
/// @returns errors that point into the body
engine::result<messages::ingest>
read_item(const api_context& with, engine::workspace_id workspace, action what,
          const boost::json::object& who, boost::json::object body,
          std::string_view text, engine::timestamp received_at,
          bool is_history = false);

/// An item of v2's `batch`: `{type: "person", action, identifiers, …}`.
engine::result<messages::ingest> read_entity(const api_context& with,
                                             engine::workspace_id workspace,
                                             std::string_view text,
                                             engine::timestamp received_at,
                                             bool is_history = false);

} // namespace troupe::http::customerio
