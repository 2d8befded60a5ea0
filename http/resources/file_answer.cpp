#include "http/resources/file_answer.hpp"

namespace troupe::http {

namespace {

bool takes_gzip(const request& what) {
  const auto accepted = what.header("Accept-Encoding");
  return accepted && accepted->find("gzip") != accepted->npos
         && accepted->find("gzip;q=0") == accepted->npos;
}

} // namespace

void send_file(visit& now, const embedded_file& file, header_fields headers) {
  response answer;
  answer.content_type = file.content_type;
  answer.headers = std::move(headers);
  answer.headers.emplace_back("ETag", file.tag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (const auto has = now.what.header("If-None-Match");
      has && *has == file.tag) {
    answer.status = 304;
    answer.content_type = {};
    return now.respond(std::move(answer));
  }
  const auto zipped = takes_gzip(now.what);
  if (zipped)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.fixed_body = zipped ? file.gzip : file.bytes;
  now.respond(std::move(answer));
}

} // namespace troupe::http
