// The door of the Segment family (clients.md, "The compatibility contract"):
// Segment, RudderStack, Customer.io CDP and Dittofeed libraries.
#pragma once

#include "http/doors/call.hpp"
#include "http/doors/rejections.hpp"

namespace troupe::http::segment {

inline constexpr std::size_t body_bytes_max = std::size_t{5} * 1024 * 1024;

const dialect& spoken();

inline constexpr call_rules rules{camel_call_names, true, engine::door::segment,
                                  key_scope::segment};

/// `{"success":true}`: all that these libraries look at.
response accepted(const taken_events&);

/// The documents that libraries in browsers fetch before they send.
std::vector<api_route> document_routes();

} // namespace troupe::http::segment
