// A CloudEvent 1.0 (cloudevents.io) as the event of Troupe it is: `type` is its
// name, `subject` its contact, source and id are heard once.
#pragma once

#include "http/doors/door_event.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace troupe::http::cloudevents {

/// @param attributes all but `data` and `data_base64`, also extensions
/// @param data an object becomes the properties, anything else the property
/// `data`
/// @param body the accepted bytes
/// @returns errors that point at the attribute
engine::result<messages::ingest>
read_cloudevent(const api_context& with, engine::workspace_id workspace,
                const boost::json::object& attributes, boost::json::value data,
                std::string_view body, engine::timestamp received_at);

} // namespace troupe::http::cloudevents
