#include "http/resources/snippet.hpp"

#include "http/resources/file_answer.hpp"

namespace troupe::http {

namespace {

// Pages of any origin load it, also those that are isolated or want to check
// its hash.
void show_snippet(const api_context&, visit now) {
  send_file(now, *embedded_file_named("troupe.js"),
            {{"Cache-Control", "public, max-age=3600"},
             {"Access-Control-Allow-Origin", "*"},
             {"Cross-Origin-Resource-Policy", "cross-origin"}});
}

} // namespace

std::vector<api_route> snippet_routes() {
  return {{"GET", "/troupe.js", {}, show_snippet}};
}

} // namespace troupe::http
