#include "http/resources/documentation.hpp"

#include "http/resources/file_answer.hpp"

namespace troupe::http {

namespace {

// Nothing inline, nothing from elsewhere (reliability.md D1).
constexpr auto page_policy
  = "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

void send_page(visit& now, const embedded_file& file) {
  send_file(now, file,
            {{"Cache-Control", "no-cache"},
             {"Content-Security-Policy", page_policy},
             {"Referrer-Policy", "no-referrer"},
             {"Cross-Origin-Opener-Policy", "same-origin"}});
}

void send_named(visit& now, std::string_view name) {
  if (const auto* file = embedded_file_named(name); file != nullptr)
    send_page(now, *file);
  else
    now.refuse(no_such("page"));
}

void show_description(const api_context&, visit now) {
  const auto name = now.path.substr(1);
  send_named(now, name);
}

void show_page(const api_context&, visit now) {
  if (const auto* file = embedded_file_named("docs/index.html");
      file != nullptr)
    return send_page(now, *file);
  response page;
  page.content_type = "text/plain; charset=utf-8";
  page.body = "This binary was built without the page of the API; its "
              "description is at /openapi.json and /openapi.yaml.\n";
  now.respond(std::move(page));
}

void show_part(const api_context&, visit now) {
  const auto name = "docs/" + std::string{now.route.parameter("file")};
  send_named(now, name);
}

} // namespace

std::vector<api_route> documentation_routes() {
  return {{"GET", "/openapi.json", {}, show_description},
          {"GET", "/openapi.yaml", {}, show_description},
          {"GET", "/docs", {}, show_page},
          {"GET", "/docs/{file}", {}, show_part}};
}

} // namespace troupe::http
