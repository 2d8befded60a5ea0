#include "outbound/server_of.hpp"

#include <algorithm>

namespace troupe::outbound {

std::string server_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == url.npos)
    return {};
  const auto host = scheme + 3;
  auto server = url.substr(host);
  server = server.substr(0, server.find_first_of("/?#"));
  if (const auto user = server.rfind('@'); user != server.npos)
    server.remove_prefix(user + 1);
  auto out = std::string{url.substr(0, host)}.append(server);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string_view own_port = out.starts_with("https:")  ? ":443"
                                    : out.starts_with("http:") ? ":80"
                                                               : "";
  if (!own_port.empty() && out.ends_with(own_port))
    out.resize(out.size() - own_port.size());
  return out;
}

} // namespace troupe::outbound
