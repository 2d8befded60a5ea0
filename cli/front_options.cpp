#include "cli/front_options.hpp"

#include "cli/log.hpp"

#include <sys/stat.h>

#include <utility>

namespace troupe::cli {

namespace {

using engine::errc;
using engine::error;
using engine::result;

/// Everyone on this machine could read the key.
bool is_exposed(const std::string& key_file) {
  struct stat found {};
  return stat(key_file.c_str(), &found) == 0 && (found.st_mode & S_IRWXO) != 0;
}

} // namespace

result<http::listen_address> parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const error wrong{errc::invalid_request,
                    "listen_address_invalid",
                    "HOST:PORT is wanted, such as 127.0.0.1:8080",
                    {}};
  if (colon == std::string::npos || colon + 1 == text.size())
    return wrong;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  for (const char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9' || port > 65'535)
      return wrong;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port > 65'535)
    return wrong;
  return http::listen_address{std::move(host),
                              static_cast<std::uint16_t>(port)};
}

engine::result<http::server_options> front_options(const settings& from) {
  http::server_options front;
  front.plain.reset();
  if (!from.listen.empty()) {
    auto plain = parse_listen(from.listen);
    if (!plain)
      return plain.failure();
    front.plain = std::move(*plain);
  }
  if (!from.tls_listen.empty()) {
    auto secure = parse_listen(from.tls_listen);
    if (!secure)
      return secure.failure();
    front.tls = {std::move(*secure), {from.tls_certificate, from.tls_key}};
    if (is_exposed(from.tls_key))
      log_line(log_level::warn,
               "every user of this machine may use the TLS key " + from.tls_key
                 + "; make its mode 0600");
  }
  // The actors answer at the deadline; this ends what they forgot.
  front.request_deadline = from.request_deadline + std::chrono::seconds{1};
  for (const auto& each : from.trusted_proxies)
    if (auto added = front.proxies.add(each); !added)
      return added.failure();
  return front;
}

} // namespace troupe::cli
