// `/v1/cloudevents`: CloudEvents 1.0 over HTTP, in all three modes, and the
// handshake that makes Troupe a target of event brokers.
#pragma once

#include "http/visit.hpp"

#include <vector>

namespace troupe::http {

std::vector<api_route> cloudevents_routes();

} // namespace troupe::http
