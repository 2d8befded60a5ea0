#include "http/cors.hpp"

namespace troupe::http {

response preflight_answer() {
  response answer;
  answer.status = 204;
  answer.content_type = {};
  answer.headers
    = {{"Access-Control-Allow-Origin", "*"},
       {"Access-Control-Allow-Methods", "POST"},
       {"Access-Control-Allow-Headers",
        "Authorization, Content-Type, Idempotency-Key"},
       {"Access-Control-Max-Age", "7200"}}; // no browser keeps it for longer
  return answer;
}

void append_cors(header_fields& to) {
  to.emplace_back("Access-Control-Allow-Origin", "*");
  to.emplace_back("Access-Control-Expose-Headers",
                  "Idempotent-Replay, X-Request-Id, X-RateLimit-Limit, "
                  "X-RateLimit-Remaining, X-RateLimit-Reset, "
                  "X-RateLimit-Scope, Retry-After");
}

} // namespace troupe::http
