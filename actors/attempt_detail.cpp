#include "actors/attempt_detail.hpp"

#include "engine/json_text.hpp"
#include "engine/lints.hpp"
#include "engine/unicode.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>

namespace troupe::actors {

namespace json = boost::json;

namespace {

constexpr std::size_t body_bytes_max = 4096;
constexpr std::size_t headers_max = 32;
constexpr std::size_t header_bytes_max = 512;
constexpr std::string_view mask = "••••";

// Headers that are secrets by trade; others are known by their names' words.
constexpr std::array secret_headers
  = {std::string_view{"authorization"}, std::string_view{"cookie"},
     std::string_view{"set_cookie"}, std::string_view{"x_signature"}};

// "X-Api-Key" as "x_api_key": how names of properties are written.
std::string as_property(std::string_view name) {
  std::string out{name};
  for (auto& c : out)
    c = c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

bool is_secret(const std::string& property) {
  if (std::any_of(secret_headers.begin(), secret_headers.end(),
                  [&](std::string_view each) {
                    return property.ends_with(each);
                  }))
    return true;
  return engine::masked({{property, "?"}}).at(property) != "?";
}

} // namespace

json::object
shown_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  json::object out;
  for (const auto& [name, value] : headers) {
    if (out.size() == headers_max)
      break;
    out[engine::readable(name, header_bytes_max)]
      = is_secret(as_property(name))
          ? std::string{mask}
          : engine::readable(value, header_bytes_max);
  }
  return out;
}

std::string
attempt_detail(const messages::call_outcome& outcome,
               const std::vector<std::pair<std::string, std::string>>& sent) {
  json::object detail;
  if (outcome.status != 0)
    detail["status_code"] = outcome.status;
  if (!outcome.error.empty())
    detail["error"] = outcome.error;
  detail["request"] = {{"headers", shown_headers(sent)}};
  if (outcome.status != 0)
    detail["response"]
      = {{"headers", shown_headers(outcome.headers)},
         {"body", engine::readable(outcome.body, body_bytes_max)}};
  const auto& t = outcome.timings;
  detail["timings_ms"] = {{"dns", t.dns.count()},
                          {"connect", t.connect.count()},
                          {"tls", t.tls.count()},
                          {"first_byte", t.first_byte.count()},
                          {"total", t.total.count()}};
  return engine::to_json(detail);
}

} // namespace troupe::actors
