// The way from a subcommand to a running server: its API, with a key.
#pragma once

#include "cli/command.hpp"
#include "engine/error.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

/// `--server` (also `--url`), `--key-file`; without them TROUPE_API_URL,
/// TROUPE_API_KEY and TROUPE_API_KEY_FILE. A key is no option: others could
/// read it in the list of processes.
std::vector<option> connection_options();

/// The variables above: no settings of the server.
bool is_client_variable(std::string_view name);

using request_headers = std::vector<std::pair<std::string, std::string>>;

/// An answer as it came.
struct plain_answer {
  long status = 0;
  std::string body;
  /// @pre the status is no good one
  /// @returns what the server says; overloaded when another try may help
  [[nodiscard]] engine::error refusal() const;
};

class client {
public:
  /// @returns `key_file_unreadable`
  static engine::result<client> of(const arguments& given);

  /// One request and its answer.
  /// @param path with its query, percent-encoded
  /// @returns what the server refused with, or `server_unreachable`
  engine::result<boost::json::value>
  ask(std::string_view method, const std::string& path,
      const std::optional<boost::json::value>& body = {},
      const request_headers& headers = {});

  /// One request with these bytes, and its answer whatever it says.
  /// @param type of the body; empty: there is none
  /// @returns `server_unreachable`, `server_unknown`
  engine::result<plain_answer>
  send(std::string_view method, const std::string& path, std::string_view body,
       const std::string& type, const request_headers& headers = {});

  /// Entries of a list, page by page, at most `limit`.
  engine::result<boost::json::array> list(const std::string& path,
                                          std::size_t limit);

  /// Hands on a good answer as it comes, until the server ends it.
  /// @returns what the server refused with, `server_unreachable` when there was
  /// no way to it or the way broke off; overloaded when another try may help
  engine::status stream(const std::string& path, const request_headers& headers,
                        const std::function<void(std::string_view)>& more);

  /// How long the last answer asked to wait.
  [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const {
    return retry_after_;
  }

  [[nodiscard]] const std::string& url() const {
    return url_;
  }

  /// `server_unknown`: what was answered is not Troupe's.
  [[nodiscard]] engine::error not_a_troupe() const;

private:
  client(std::string url, std::string key);

  /// @returns a CURLcode
  int go_to(const std::string& path, void* fields);

  std::string url_;
  std::string key_;
  std::optional<std::chrono::seconds> retry_after_;
  std::shared_ptr<void> handle_; // a curl easy handle, kept for its connection
};

/// Percent-encodes all but unreserved characters.
std::string escaped(std::string_view text);

/// Says on stderr what was refused.
/// @returns exit_failure, or exit_usage of `option_invalid`
int report(const engine::error& why);

} // namespace troupe::cli
