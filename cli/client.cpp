#include "cli/client.hpp"

#include "cli/json_members.hpp"
#include "cli/output.hpp"
#include "cli/small_file.hpp"
#include "cli/version.hpp"
#include "engine/json_text.hpp"

#include <boost/json/parse.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace troupe::cli {

namespace json = boost::json;

namespace {

using engine::error;
using engine::result;

constexpr auto default_url = "http://127.0.0.1:8080";
constexpr std::size_t key_bytes_max = 1024;
constexpr long connect_seconds = 5;
constexpr long answer_seconds = 70; // the longest deadline a server can have
constexpr std::chrono::seconds quiet_max{40}; // of a stream with signs of life
constexpr std::size_t refusal_bytes_max = 64 * 1024;
constexpr std::size_t answer_bytes_max = std::size_t{64} * 1024 * 1024;
constexpr std::size_t page_max = 100;
constexpr long conflict = 409;
constexpr long too_many_requests = 429;
constexpr long server_failure = 500;

constexpr std::array<std::string_view, 3> variables{
  "TROUPE_API_URL", "TROUPE_API_KEY", "TROUPE_API_KEY_FILE"};

std::string variable(std::string_view name) {
  const auto* value = std::getenv(std::string{name}.c_str());
  return value == nullptr ? std::string{} : value;
}

result<std::string> key_of(const std::string& file) {
  auto content = read_small_file(file, key_bytes_max);
  if (!content)
    return content.failure();
  while (!content->empty() && (content->back() == '\n'))
    content->pop_back();
  return std::move(*content);
}

// RFC 9457 with a `code`; anything else is not a Troupe.
error refusal_of(long status, const json::value& body) {
  error out{engine::errc::invalid_request, text_in(body, "/code"),
            text_in(body, "/detail"), text_in(body, "/errors/0/pointer")};
  if (status >= server_failure || status == too_many_requests
      || (status == conflict && out.name == "idempotency_key_in_progress"))
    out.code = engine::errc::overloaded;
  if (out.message.empty())
    out.message = "the server answered " + std::to_string(status);
  return out;
}

bool is_good(long status) {
  return status >= 200 && status <= 299;
}

/// An answer that is under way: what is good is handed on, a refusal is kept.
struct answer_under_way {
  using clock = std::chrono::steady_clock;

  CURL* handle;
  const std::function<void(std::string_view)>& more;
  std::string refusal = {};
  clock::time_point heard = clock::now();

  [[nodiscard]] long status() const {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  static std::size_t take(char* data, std::size_t, std::size_t size,
                          void* into) {
    auto& self = *static_cast<answer_under_way*>(into);
    self.heard = clock::now();
    if (is_good(self.status()))
      self.more({data, size});
    else if (self.refusal.size() + size <= refusal_bytes_max)
      self.refusal.append(data, size);
    return size;
  }

  // Not CURLOPT_LOW_SPEED_LIMIT: that is an average of whole bytes a second,
  // and signs of life are 3 bytes in 15 s.
  static int is_too_quiet(void* from, curl_off_t, curl_off_t, curl_off_t,
                          curl_off_t) {
    const auto& self = *static_cast<const answer_under_way*>(from);
    return clock::now() - self.heard > quiet_max ? 1 : 0;
  }
};

std::size_t append_answer(char* data, std::size_t, std::size_t size,
                          void* into) {
  auto& answer = *static_cast<std::string*>(into);
  if (answer.size() + size > answer_bytes_max)
    return 0; // which ends it
  answer.append(data, size);
  return size;
}

error unreachable(const std::string& url, const std::string& why) {
  return {engine::errc::overloaded, "server_unreachable", url + ": " + why, {}};
}

struct request_fields {
  curl_slist* list = nullptr;

  request_fields(const std::string& key, const request_headers& headers) {
    if (!key.empty())
      add("Authorization", "Bearer " + key);
    for (const auto& [name, value] : headers)
      add(name, value);
  }
  request_fields(const request_fields&) = delete;
  request_fields& operator=(const request_fields&) = delete;

  ~request_fields() {
    curl_slist_free_all(list);
  }

  void add(const std::string& name, const std::string& value) {
    list = curl_slist_append(list, (name + ": " + value).c_str());
  }
};

} // namespace

std::vector<option> connection_options() {
  return {{"--server",
           "URL",
           std::string{"the server [TROUPE_API_URL, else "} + default_url + "]",
           {},
           false,
           false,
           "--url"},
          {"--key-file", "FILE",
           "holds the API key [TROUPE_API_KEY_FILE, or the key itself in "
           "TROUPE_API_KEY]"}};
}

bool is_client_variable(std::string_view name) {
  return std::find(variables.begin(), variables.end(), name) != variables.end();
}

client::client(std::string url, std::string key)
  : url_(std::move(url)),
    key_(std::move(key)),
    handle_(curl_easy_init(), [](void* handle) {
      curl_easy_cleanup(handle);
    }) {}

result<client> client::of(const arguments& given) {
  auto url = given.text("--server", variable("TROUPE_API_URL"));
  if (url.empty())
    url = default_url;
  while (url.ends_with('/'))
    url.pop_back();
  const auto file = given.text("--key-file", variable("TROUPE_API_KEY_FILE"));
  if (file.empty())
    return client{std::move(url), variable("TROUPE_API_KEY")};
  auto key = key_of(file);
  if (!key)
    return key.failure();
  return client{std::move(url), std::move(*key)};
}

error plain_answer::refusal() const {
  json::error_code failure;
  return refusal_of(status, json::parse(body, failure));
}

result<plain_answer> client::send(std::string_view method,
                                  const std::string& path,
                                  std::string_view body,
                                  const std::string& type,
                                  const request_headers& headers) {
  auto* handle = static_cast<CURL*>(handle_.get());
  curl_easy_reset(handle); // not its connections
  request_fields fields{key_, headers};
  if (!type.empty()) {
    fields.add("Content-Type", type);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
  }
  plain_answer out;
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, std::string{method}.c_str());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, answer_seconds);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_answer);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &out.body);
  const auto code = go_to(path, fields.list);
  if (code == CURLE_WRITE_ERROR)
    return not_a_troupe();
  if (code != CURLE_OK)
    return unreachable(url_, curl_easy_strerror(static_cast<CURLcode>(code)));
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &out.status);
  return out;
}

int client::go_to(const std::string& path, void* fields) {
  auto* handle = static_cast<CURL*>(handle_.get());
  curl_easy_setopt(handle, CURLOPT_URL, (url_ + path).c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, connect_seconds);
  curl_easy_setopt(handle, CURLOPT_USERAGENT,
                   ("troupe/" + std::string{version.number}).c_str());
  const auto code = curl_easy_perform(handle);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
  curl_off_t after = 0;
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &after);
  retry_after_.reset();
  if (after > 0)
    retry_after_ = std::chrono::seconds{after};
  return code;
}

error client::not_a_troupe() const {
  return {engine::errc::internal,
          "server_unknown",
          url_ + " does not answer as Troupe does",
          {}};
}

engine::status
client::stream(const std::string& path, const request_headers& headers,
               const std::function<void(std::string_view)>& more) {
  auto* handle = static_cast<CURL*>(handle_.get());
  curl_easy_reset(handle); // not its connections
  const request_fields fields{key_, headers};
  answer_under_way answer{handle, more};
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION,
                   answer_under_way::is_too_quiet);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &answer);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, answer_under_way::take);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer);
  const auto code = go_to(path, fields.list);
  if (code != CURLE_OK)
    return unreachable(
      url_, code == CURLE_ABORTED_BY_CALLBACK
              ? "nothing came for " + std::to_string(quiet_max.count()) + " s"
              : curl_easy_strerror(static_cast<CURLcode>(code)));
  if (is_good(answer.status()))
    return engine::success();
  json::error_code failure;
  return refusal_of(answer.status(), json::parse(answer.refusal, failure));
}

result<json::value> client::ask(std::string_view method,
                                const std::string& path,
                                const std::optional<json::value>& body,
                                const request_headers& headers) {
  const auto sent = body ? engine::to_json(*body) : std::string{};
  const auto given
    = send(method, path, sent, body ? "application/json" : "", headers);
  if (!given)
    return given.failure();
  if (!is_good(given->status))
    return given->refusal();
  json::error_code failure;
  json::parse_options deep; // the trace of an event is a tree
  deep.max_depth = 64;
  auto answer = json::parse(given->body, failure, {}, deep);
  if (failure)
    return not_a_troupe();
  return answer;
}

result<json::array> client::list(const std::string& path, std::size_t limit) {
  json::array out;
  std::string cursor;
  const auto joint = path.find('?') == path.npos ? "?" : "&";
  while (out.size() < limit) {
    auto page
      = ask("GET", path + joint + "limit="
                     + std::to_string(std::min(page_max, limit - out.size()))
                     + (cursor.empty() ? "" : "&cursor=" + cursor));
    if (!page)
      return page.failure();
    const auto& shown = page->as_object();
    for (const auto& each : shown.at("data").as_array())
      out.push_back(each);
    const auto& next = shown.at("next_cursor");
    if (!next.is_string())
      break;
    cursor = escaped(std::string{next.get_string()});
  }
  return out;
}

std::string escaped(std::string_view text) {
  const std::unique_ptr<char, decltype(&curl_free)> out{
    curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())),
    curl_free};
  return out ? std::string{out.get()} : std::string{};
}

int report(const error& why) {
  std::fprintf(stderr, "troupe: %s%s%s%s\n", plain(why.message).c_str(),
               why.name.empty() ? "" : (" (" + plain(why.name) + ")").c_str(),
               why.pointer.empty() ? "" : " at ", plain(why.pointer).c_str());
  return why.name == "option_invalid" ? exit_usage : exit_failure;
}

} // namespace troupe::cli
