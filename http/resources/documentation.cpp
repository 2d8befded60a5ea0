#include "http/resources/documentation.hpp"

#include "http/embedded_files.hpp"

namespace troupe::http {

namespace {

// Nothing inline, nothing from elsewhere (reliability.md D1).
constexpr auto page_policy
  = "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

bool takes_gzip(const request& what) {
  const auto accepted = what.header("Accept-Encoding");
  return accepted && accepted->find("gzip") != accepted->npos
         && accepted->find("gzip;q=0") == accepted->npos;
}

void send_file(visit& now, const embedded_file& file) {
  response answer;
  answer.content_type = file.content_type;
  answer.headers = {{"ETag", std::string{file.tag}},
                    {"Cache-Control", "no-cache"},
                    {"Vary", "Accept-Encoding"},
                    {"Content-Security-Policy", page_policy},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"},
                    {"Cross-Origin-Opener-Policy", "same-origin"}};
  if (const auto has = now.what.header("If-None-Match");
      has && *has == file.tag) {
    answer.status = 304;
    answer.content_type = {};
    return now.respond(std::move(answer));
  }
  const auto zipped = takes_gzip(now.what);
  if (zipped)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.body = zipped ? file.gzip : file.bytes;
  now.respond(std::move(answer));
}

void send_named(visit& now, std::string_view name) {
  if (const auto* file = embedded_file_named(name); file != nullptr)
    send_file(now, *file);
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
    return send_file(now, *file);
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
