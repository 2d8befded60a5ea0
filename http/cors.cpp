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

response door_preflight_answer(std::string_view origin,
                               std::string_view asked) {
  response answer;
  answer.status = 204;
  answer.content_type = {};
  append_door_cors(answer.headers, origin);
  answer.headers.emplace_back("Access-Control-Allow-Methods",
                              "GET, POST, PUT, DELETE");
  std::string allowed = "authorization, content-type, content-encoding, "
                        "anonymousid, sentat, idempotency-key";
  if (!asked.empty())
    allowed.append(", ").append(asked);
  answer.headers.emplace_back("Access-Control-Allow-Headers", allowed);
  answer.headers.emplace_back("Access-Control-Max-Age", "86400");
  return answer;
}

void append_door_cors(header_fields& to, std::string_view origin) {
  to.emplace_back("Access-Control-Allow-Origin", origin);
  to.emplace_back("Vary", "Origin");
  to.emplace_back("Access-Control-Expose-Headers",
                  "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, "
                  "X-RateLimit-Reset, X-RateLimit-Scope, Retry-After");
}

void append_door_credentials(header_fields& to) {
  to.emplace_back("Access-Control-Allow-Credentials", "true");
}

void append_cors(header_fields& to) {
  to.emplace_back("Access-Control-Allow-Origin", "*");
  to.emplace_back("Access-Control-Expose-Headers",
                  "Idempotent-Replay, X-Request-Id, X-RateLimit-Limit, "
                  "X-RateLimit-Remaining, X-RateLimit-Reset, "
                  "X-RateLimit-Scope, Retry-After");
}

} // namespace troupe::http
