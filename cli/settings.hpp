// What an operator can set, as ONE table: names, kinds, bounds and defaults.
// The file, the environment, the flags, the help, the reference and the checks
// are all made of it.
#pragma once

#include "engine/error.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::cli {

/// The values; those here are the defaults.
struct settings {
  std::string data_directory = "troupe-data";
  std::string store; // "postgresql://…", with a password; empty: embedded
  std::string listen = "127.0.0.1:8080"; // empty: TLS only
  std::string tls_listen;                // empty: none
  std::string tls_certificate;
  std::string tls_key;
  std::vector<std::string> trusted_proxies;
  std::chrono::seconds request_deadline{10};
  std::chrono::seconds shutdown_timeout{30};
  std::string first_key_file; // empty: none
  bool allow_private_webhooks = false;
  std::string public_url; // "https://events.example.com"; empty: not known
  std::string log_format = "auto";
  std::string log_level = "info";
};

using setting_member
  = std::variant<std::string settings::*, std::vector<std::string> settings::*,
                 bool settings::*, std::chrono::seconds settings::*>;

/// The same kinds, as values.
using setting_value
  = std::variant<std::string, std::vector<std::string>, bool, std::int64_t>;

struct setting {
  std::string_view name; // "server.listen": a table and a key of the file
  std::string_view flag; // "--listen"
  std::string_view value_name = {}; // what the help calls the value
  setting_member member;
  std::string_view description;
  std::int64_t least = 0; // seconds
  std::int64_t most = 0;
  std::vector<std::string_view> choices = {};
  /// Of a text, or of each item of a list.
  engine::status (*check)(const std::string&) = nullptr;
  bool is_path = false;    // has no variable that names a file with the value
  bool is_secret = false;  // never shown
  bool can_reload = false; // on SIGHUP
};

std::span<const setting> all_settings();

/// "TROUPE_SERVER_LISTEN"
std::string variable_of(const setting& which);

setting_value value_of(const settings& all, const setting& which);
/// @pre the value is of the setting's kind
void set_value(settings& all, const setting& which, setting_value value);

/// As people read it; a list with commas between its items.
std::string to_text(const setting_value& value);

boost::json::value as_json(const setting_value& value);

/// What may be given: "a whole number of seconds from 1 to 60".
std::string expected_of(const setting& which);

/// Bounds, choices and form. @pre the value is of the setting's kind
engine::status check_value(const setting& which, const setting_value& value);

} // namespace troupe::cli
