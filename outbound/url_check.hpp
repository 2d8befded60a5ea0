// The check of a URL when it is saved (W4): what can be refused early and with
// a clear message. It is no substitute for the address guard, which judges the
// address a name turns out to have.
#pragma once

#include "engine/error.hpp"
#include "outbound/address_guard.hpp"

#include <string_view>

namespace troupe::outbound {

/// Accepts an absolute https URL with a host name, without user information
/// and fragment, on one of the guard's ports. While the guard allows private
/// addresses, http, any port, `localhost` and literal addresses the guard lets
/// pass are accepted too.
/// @returns success, or `url_not_allowed` with the reason in its message
engine::status check_url(std::string_view url, const address_guard& guard);

} // namespace troupe::outbound
