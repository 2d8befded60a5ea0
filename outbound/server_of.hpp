// Whose turn a call takes: calls to one server share its places.
#pragma once

#include <string>
#include <string_view>

namespace troupe::outbound {

/// Scheme, host and port, however they are written: in lower case, without user
/// information and the scheme's own port.
std::string server_of(std::string_view url);

} // namespace troupe::outbound
