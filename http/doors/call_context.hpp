// The `context` of a call: where it happened.
#pragma once

#include <boost/json/object.hpp>

namespace troupe::http {

struct call_setting;

/// Adds what the request's context says and the call's own does not.
void add_context(boost::json::object& call, const boost::json::object& common);

/// Fills `ip` and `user_agent` that say "auto" (B10).
/// @returns whether it changed anything
bool fill_automatic(boost::json::object& context, const call_setting& setting);

/// `context.traits` of a call, where RudderStack puts them; or null.
const boost::json::object* traits_of_context(const boost::json::object& call);

/// Adds what the call's context says of its page and its properties do not.
void add_page_of_context(boost::json::object& properties,
                         const boost::json::object& call);

} // namespace troupe::http
