#include "http/doors/write_key.hpp"

#include "http/query.hpp"

namespace troupe::http {

std::optional<std::string> write_key_in_query(const request& head) {
  const auto query = parse_query(head.query());
  if (!query)
    return std::nullopt;
  const auto key = query->find("writeKey");
  return key ? std::optional{std::string{*key}} : std::nullopt;
}

} // namespace troupe::http
