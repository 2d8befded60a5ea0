// What browsers may do: send events with a write key from any origin, and read
// the answer. Never with cookies; no other key and no other address.
#pragma once

#include "http/response.hpp"

namespace troupe::http {

/// The answer to the question a browser asks before it sends an event.
response preflight_answer();

/// Lets scripts of any origin read the answer.
void append_cors(header_fields& to);

} // namespace troupe::http
