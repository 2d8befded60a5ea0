// What browsers may do: send events with a write key from any origin, and read
// the answer; no other key and no other address.
#pragma once

#include "http/response.hpp"

#include <string_view>

namespace troupe::http {

/// The answer to the question a browser asks before it sends an event.
response preflight_answer();

/// Lets scripts of any origin read the answer.
void append_cors(header_fields& to);

/// The same for doors that other products' libraries speak to (clients.md):
/// the caller's origin by name, because beacons send credentials along.
/// Their libraries mark retries with fields of their own, so every field is
/// allowed that is asked for.
response door_preflight_answer(std::string_view origin, std::string_view asked);
void append_door_cors(header_fields& to, std::string_view origin);

/// For libraries that ask for cookies to be sent along. No door looks at any;
/// only those that read nothing say so.
void append_door_credentials(header_fields& to);

} // namespace troupe::http
