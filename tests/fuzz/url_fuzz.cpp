// A URL that is taken for a webhook is what curl, which calls it, takes it for:
// https, no user, a port that is allowed, and no address in place of a name
// (W1, W4).
#include "outbound/url_check.hpp"
#include "tests/fuzz/invariant.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>
#include <string>

using namespace troupe::outbound;
using troupe::fuzz::demand;

namespace {

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
    return {};
  std::string out{text};
  curl_free(text);
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static const address_guard guard;
  static const address_guard lenient{{.allow_private = true}};
  const std::string text{troupe::fuzz::as_text(data, size)};
  static_cast<void>(parse_endpoint(text));
  static_cast<void>(check_url(text, lenient));
  const auto verdict = check_url(text, guard);
  if (!verdict) {
    demand(!verdict.failure().message.empty());
    return 0;
  }
  demand(text.find_first_of(std::string_view{"\0\r\n\t \\", 6}) == text.npos);
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url{
    curl_url(), &curl_url_cleanup};
  demand(curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK);
  demand(part_of(url.get(), CURLUPART_SCHEME) == "https");
  demand(part_of(url.get(), CURLUPART_USER).empty());
  demand(part_of(url.get(), CURLUPART_PASSWORD).empty());
  const auto port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  demand(port == "443" || port == "8443");
  const auto host = part_of(url.get(), CURLUPART_HOST);
  in_addr four{};
  demand(!host.empty() && host.front() != '[');
  demand(inet_aton(host.c_str(), &four) == 0);
  demand(host != "localhost");
  return 0;
}
