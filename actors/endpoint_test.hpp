// A delivery that tries an endpoint out: no event, kept nowhere.
#pragma once

#include "actors/destination_table.hpp"
#include "messages/outgoing_call.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>

namespace troupe::actors {

/// What came of test `number`.
struct test_outcome {
  std::uint64_t number = 0;
  messages::call_outcome outcome;
};

/// In the endpoint's own form, as a delivery of the type `webhook.test`.
/// @param id 26 characters that no other test has
/// @pre the destination is a webhook endpoint
/// @returns what is wrong with its template
engine::result<messages::outgoing_call>
test_call(const destination_table::entry& to, const std::string& id,
          engine::timestamp now);

/// {delivered, status_code?, error?, timings_ms}
boost::json::object shown_test(const messages::call_outcome& outcome);

} // namespace troupe::actors
