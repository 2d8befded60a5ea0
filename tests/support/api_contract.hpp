// What the API's description says of an answer: every client of the tests
// holds the server to it.
#pragma once

#include <string>
#include <string_view>

namespace troupe::test {

struct seen_answer {
  std::string_view method;
  std::string_view target; // of the request
  int status = 0;
  std::string_view content_type;
  std::string_view body;
};

/// @returns what in the answer is not as /openapi.json and docs/errors.md
/// describe it; empty when all is. Any thread.
std::string contradiction(const seen_answer& seen);

} // namespace troupe::test
