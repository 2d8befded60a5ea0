#include "outbound/url_check.hpp"

#include "outbound/headers.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <idn2.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <new>
#include <string>

namespace troupe::outbound {

namespace {

constexpr std::size_t url_bytes_max = 2048;

struct curl_url_deleter {
  void operator()(CURLU* url) const noexcept {
    curl_url_cleanup(url);
  }
};

struct curl_text_deleter {
  void operator()(char* text) const noexcept {
    curl_free(text);
  }
};

struct idn2_text_deleter {
  void operator()(char* text) const noexcept {
    idn2_free(text);
  }
};

engine::error refused(std::string message) {
  return engine::invalid("url_not_allowed", std::move(message));
}

// A URL is not refused because there was no memory to look at it.
bool is_good(CURLUcode code) {
  if (code == CURLUE_OUT_OF_MEMORY)
    throw std::bad_alloc{};
  return code == CURLUE_OK;
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (!is_good(curl_url_get(url, part, &text, flags)))
    return {};
  const std::unique_ptr<char, curl_text_deleter> owned{text};
  return text;
}

bool starts_with_scheme(std::string_view url, std::string_view scheme) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  };
  return url.size() > scheme.size()
         && std::equal(scheme.begin(), scheme.end(), url.begin(),
                       [&](char b, char a) {
                         return same(a, b);
                       });
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A last label of digits or hexadecimal makes a resolver read the whole host
/// as an IPv4 address, so no such name can be a DNS name.
bool ends_in_a_number(std::string_view host) {
  const auto label = host.substr(host.rfind('.') + 1);
  if (label.empty())
    return false;
  if (std::all_of(label.begin(), label.end(), is_digit))
    return true;
  return label.size() >= 2 && label[0] == '0'
         && (label[1] == 'x' || label[1] == 'X');
}

/// The host as it is looked up: mapped to ASCII, lower case, no final dot;
/// empty if it is no valid name.
std::string lookup_name(const std::string& host) {
  char* mapped = nullptr;
  const auto failed
    = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(host.c_str()),
                     reinterpret_cast<std::uint8_t**>(&mapped),
                     IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (failed == IDN2_MALLOC)
    throw std::bad_alloc{};
  if (failed != IDN2_OK)
    return {};
  const std::unique_ptr<char, idn2_text_deleter> owned{mapped};
  std::string name = mapped;
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (!name.empty() && name.back() == '.')
    name.pop_back();
  return name;
}

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > 253)
    return false;
  while (true) {
    const auto label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63 || label.front() == '-'
        || label.back() == '-')
      return false;
    // Underscores are no host name letters, yet receivers have them.
    if (!std::all_of(label.begin(), label.end(), [](char c) {
          return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
        }))
      return false;
    if (label.size() == name.size())
      return true;
    name.remove_prefix(label.size() + 1);
  }
}

bool is_localhost(std::string_view name) {
  return name == "localhost" || name.ends_with(".localhost");
}

/// Asks the guard about a literal address in brackets, or in any of the
/// spellings of IPv4 that inet_aton reads.
bool literal_is_allowed(const std::string& host, std::uint16_t port,
                        const address_guard& guard) {
  if (host.front() == '[') {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port);
    const auto inner = host.substr(1, host.size() - 2);
    return inet_pton(AF_INET6, inner.c_str(), &in6.sin6_addr) == 1
           && guard.allows(reinterpret_cast<const sockaddr*>(&in6), sizeof in6);
  }
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  return inet_aton(host.c_str(), &in.sin_addr) == 1
         && guard.allows(reinterpret_cast<const sockaddr*>(&in), sizeof in);
}

engine::status check_host(const std::string& host, std::uint16_t port,
                          const address_guard& guard) {
  const bool allow_private = guard.options().allow_private;
  const auto literal = [&](const std::string& address) -> engine::status {
    if (!allow_private)
      return refused("the host must be a name, not an address");
    if (!literal_is_allowed(address, port, guard))
      return refused("this address must not be called");
    return engine::success();
  };
  if (host.empty())
    return refused("the URL has no host");
  if (host.front() == '[')
    return literal(host);
  const auto name = lookup_name(host);
  if (ends_in_a_number(name))
    return literal(name);
  if (!is_dns_name(name))
    return refused("the host is not a valid name");
  if (!allow_private && is_localhost(name))
    return refused("this machine itself must not be called");
  return engine::success();
}

/// What curl's parser would let pass or silently repair.
engine::status check_text(std::string_view url, bool allow_http) {
  if (url.size() > url_bytes_max)
    return refused("the URL is longer than 2048 bytes");
  const bool has_odd_byte = std::any_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\';
  });
  if (has_odd_byte)
    return refused("the URL contains a space, backslash or control character");
  const bool is_https = starts_with_scheme(url, "https://");
  if (!is_https && !starts_with_scheme(url, "http://"))
    return refused("the URL must start with https://");
  if (!is_https && !allow_http)
    return refused("the URL must use https");
  if (url.find('#') != std::string_view::npos)
    return refused("the URL must not have a fragment");
  const auto rest = url.substr(url.find("//") + 2);
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty())
    return refused("the URL has no host");
  if (authority.find('@') != std::string_view::npos)
    return refused("the URL must not contain a user name or password");
  return engine::success();
}

} // namespace

engine::status check_url(std::string_view url, const address_guard& guard) {
  const auto& options = guard.options();
  if (auto text = check_text(url, options.allow_private); !text)
    return text;
  const std::unique_ptr<CURLU, curl_url_deleter> parsed{curl_url()};
  if (!parsed)
    throw std::bad_alloc{};
  if (!is_good(
        curl_url_set(parsed.get(), CURLUPART_URL, std::string{url}.c_str(), 0)))
    return refused("the URL cannot be read");
  const auto port_text
    = part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::uint16_t port = 0;
  const auto* end = port_text.data() + port_text.size();
  if (std::from_chars(port_text.data(), end, port).ec != std::errc{}
      || port == 0)
    return refused("the port cannot be used");
  if (!options.allow_private && !options.ports.empty()
      && std::find(options.ports.begin(), options.ports.end(), port)
           == options.ports.end())
    return refused("this port is not among those that may be called");
  return check_host(part_of(parsed.get(), CURLUPART_HOST), port, guard);
}

} // namespace troupe::outbound
