// One thing that Customer.io's Track API is told about a person, as v1's paths
// or v2's items say it.
#pragma once

#include "http/doors/loose_event.hpp"

#include <boost/json/object.hpp>

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
engine::result<messages::ingest> read_item(const api_context& with, action what,
                                           const boost::json::object& who,
                                           boost::json::object body,
                                           std::string_view text,
                                           const event_setting& as);

/// An item of v2's `batch`: `{type: "person", action, identifiers, …}`.
engine::result<messages::ingest> read_entity(const api_context& with,
                                             std::string_view text,
                                             const event_setting& as);

} // namespace troupe::http::customerio
