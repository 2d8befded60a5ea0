// `troupe healthcheck`: what a container engine asks, for images without curl.
#include "cli/commands.hpp"
#include "cli/front_options.hpp"
#include "cli/settings_load.hpp"

#include <curl/curl.h>

#include <cstdio>
#include <memory>

namespace troupe::cli {

namespace {

constexpr long patience_ms = 3'000;

/// Where a server with these settings is to be found from here.
std::string url_of(const settings& from) {
  const auto is_secure = from.listen.empty();
  auto at = parse_listen(is_secure ? from.tls_listen : from.listen);
  if (!at || at->port == 0)
    return {};
  if (at->host == "0.0.0.0")
    at->host = "127.0.0.1";
  if (at->host == "::")
    at->host = "::1";
  const auto host
    = at->host.find(':') == at->host.npos ? at->host : "[" + at->host + "]";
  return (is_secure ? "https://" : "http://") + host + ":"
         + std::to_string(at->port);
}

std::size_t ignore(char*, std::size_t, std::size_t count, void*) {
  return count;
}

/// Empty when it is ready.
std::string ask(const std::string& url) {
  const std::unique_ptr<CURL, void (*)(CURL*)> call{curl_easy_init(),
                                                    curl_easy_cleanup};
  if (!call)
    return "no memory was left";
  curl_easy_setopt(call.get(), CURLOPT_URL, (url + "/readyz").c_str());
  curl_easy_setopt(call.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(call.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(call.get(), CURLOPT_TIMEOUT_MS, patience_ms);
  curl_easy_setopt(call.get(), CURLOPT_WRITEFUNCTION, ignore);
  // The certificate is of the public name; nothing is told to who answers.
  curl_easy_setopt(call.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(call.get(), CURLOPT_SSL_VERIFYHOST, 0L);
  if (const auto failed = curl_easy_perform(call.get()); failed != CURLE_OK)
    return curl_easy_strerror(failed);
  long status = 0;
  curl_easy_getinfo(call.get(), CURLINFO_RESPONSE_CODE, &status);
  return status == 200 ? std::string{}
                       : "it answered with status " + std::to_string(status);
}

int check(const arguments& given) {
  auto url = given.text("--server");
  if (url.empty()) {
    const auto all = load_settings(given, process_environment());
    for (const auto& each : all.problems)
      std::fprintf(stderr, "%s\n", each.c_str());
    if (!all.problems.empty())
      return exit_failure;
    url = url_of(all.values);
  }
  if (url.empty()) {
    std::fputs("the port is not known before the server runs: use --server\n",
               stderr);
    return exit_failure;
  }
  const auto fault = ask(url);
  if (fault.empty())
    return exit_success;
  std::fprintf(stderr, "%s is not ready: %s\n", url.c_str(), fault.c_str());
  return exit_failure;
}

} // namespace

command healthcheck_command() {
  command out{"healthcheck",
              "Ask the server on this machine whether it is "
              "ready; exit code 0 when it is",
              setting_options()};
  out.options.push_back({"--server",
                         "URL",
                         "Where it is; else where the settings say",
                         {},
                         false,
                         false,
                         "--url"});
  out.examples = {"troupe healthcheck",
                  "troupe healthcheck --server http://127.0.0.1:8080"};
  out.run = check;
  return out;
}

} // namespace troupe::cli
