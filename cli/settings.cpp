#include "cli/settings.hpp"

#include "cli/front_options.hpp"
#include "http/trusted_proxies.hpp"
#include "persistence/postgres/postgres_store.hpp"

#include <boost/json/value_from.hpp>

#include <algorithm>
#include <cctype>

namespace troupe::cli {

namespace {

using engine::status;
using std::chrono::seconds;

constexpr std::size_t text_max = 4'096;
constexpr std::size_t items_max = 256;
constexpr std::size_t public_url_max = 255;

status check_address(const std::string& text) {
  if (text.empty())
    return engine::success();
  const auto parsed = parse_listen(text);
  return parsed ? engine::success() : status{parsed.failure()};
}

status check_network(const std::string& text) {
  http::trusted_proxies trial;
  return trial.add(text);
}

// Links are made by writing a path behind it.
status check_public_url(const std::string& text) {
  const auto host = text.find("://") + 3;
  const auto is_host = [](char c) {
    return c > ' ' && c <= '~'
           && std::string_view{"/?#@\"'<>&\\"}.find(c)
                == std::string_view::npos;
  };
  if (text.empty()
      || ((text.starts_with("https://") || text.starts_with("http://"))
          && text.size() > host && text.size() <= public_url_max
          && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(host),
                         text.end(), is_host)))
    return engine::success();
  return engine::invalid("setting_invalid",
                         "must be https:// or http:// and a host, without a "
                         "path");
}

status check_not_empty(const std::string& text) {
  if (!text.empty())
    return engine::success();
  return engine::invalid("setting_invalid", "must not be empty");
}

status check_store(const std::string& text) {
  return text.empty() ? engine::success()
                      : persistence::postgres::check_url(text);
}

const std::vector<setting>& table() {
  using s = settings;
  static const std::vector<setting> rows{
    {.name = "store.data_dir",
     .flag = "--data-dir",
     .value_name = "DIRECTORY",
     .member = &s::data_directory,
     .description = "Where the embedded store lives",
     .check = check_not_empty,
     .is_path = true},
    {.name = "store.url",
     .flag = "--store",
     .value_name = "URL",
     .member = &s::store,
     .description = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, to store "
                    "everything in that database; without it the embedded "
                    "store is used. Never shown; a flag is seen by who lists "
                    "processes",
     .check = check_store,
     .is_secret = true},
    {.name = "store.first_key_file",
     .flag = "--first-key-file",
     .value_name = "FILE",
     .member = &s::first_key_file,
     .description = "Write the key made for an empty store to this file (mode "
                    "0600); else it is shown on stderr when that is a "
                    "terminal, and written to first-key in the data directory "
                    "when it is none",
     .is_path = true},
    {.name = "server.listen",
     .flag = "--listen",
     .value_name = "HOST:PORT",
     .member = &s::listen,
     .description = "Where to serve HTTP; port 0 picks a free one; empty for "
                    "not at all, as when only server.tls_listen is set",
     .check = check_address},
    {.name = "server.tls_listen",
     .flag = "--tls-listen",
     .value_name = "HOST:PORT",
     .member = &s::tls_listen,
     .description = "Where to serve HTTPS; empty for not at all",
     .check = check_address},
    {.name = "server.tls_certificate",
     .flag = "--tls-certificate",
     .value_name = "FILE",
     .member = &s::tls_certificate,
     .description = "PEM file with the certificate and its chain; SIGHUP reads "
                    "it again",
     .is_path = true},
    {.name = "server.tls_key",
     .flag = "--tls-key",
     .value_name = "FILE",
     .member = &s::tls_key,
     .description = "PEM file with the certificate's key; SIGHUP reads it "
                    "again",
     .is_path = true},
    {.name = "server.trusted_proxies",
     .flag = "--trusted-proxy",
     .value_name = "NETWORK",
     .member = &s::trusted_proxies,
     .description = "Addresses and networks of proxies whose X-Forwarded-For "
                    "is believed; the flag may be given several times",
     .check = check_network},
    {.name = "server.public_url",
     .flag = "--public-url",
     .value_name = "URL",
     .member = &s::public_url,
     .description = "Where people reach this server, for the links of "
                    "messages; without it they have none to unsubscribe and "
                    "are not tracked",
     .check = check_public_url},
    {.name = "server.request_deadline",
     .flag = "--request-deadline",
     .value_name = "SECONDS",
     .member = &s::request_deadline,
     .description = "How long a client waits for an answer",
     .least = 1,
     .most = 60},
    {.name = "server.shutdown_timeout",
     .flag = "--shutdown-timeout",
     .value_name = "SECONDS",
     .member = &s::shutdown_timeout,
     .description = "How long requests that are under way may take after "
                    "SIGTERM",
     .least = 1,
     .most = 3'600,
     .can_reload = true},
    {.name = "webhooks.allow_private",
     .flag = "--allow-private-webhooks",
     .member = &s::allow_private_webhooks,
     .description = "Let webhooks and http nodes call private addresses and "
                    "plain http"},
    {.name = "log.format",
     .flag = "--log-format",
     .value_name = "FORMAT",
     .member = &s::log_format,
     .description = "How lines are written to stderr; auto: text on a "
                    "terminal, else json",
     .choices = {"auto", "json", "text"},
     .can_reload = true},
    {.name = "log.level",
     .flag = "--log-level",
     .value_name = "LEVEL",
     .member = &s::log_level,
     .description = "The least urgent lines that are written; debug has a "
                    "line per request",
     .choices = {"debug", "info", "warn", "error"},
     .can_reload = true},
  };
  return rows;
}

status wrong() {
  return engine::invalid("setting_invalid", {});
}

status check_text(const setting& which, const std::string& text) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  };
  if (text.size() > text_max)
    return engine::invalid("setting_invalid", "is longer than "
                                                + std::to_string(text_max)
                                                + " bytes");
  if (std::any_of(text.begin(), text.end(), is_control))
    return engine::invalid("setting_invalid", "has control characters in it");
  if (!which.choices.empty()
      && std::find(which.choices.begin(), which.choices.end(), text)
           == which.choices.end())
    return wrong();
  return which.check == nullptr ? engine::success() : which.check(text);
}

} // namespace

std::span<const setting> all_settings() {
  return table();
}

std::string variable_of(const setting& which) {
  std::string name{"TROUPE_"};
  for (const auto c : which.name)
    name += c == '.'
              ? '_'
              : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

setting_value value_of(const settings& all, const setting& which) {
  return std::visit(
    [&](auto member) -> setting_value {
      if constexpr (std::is_same_v<decltype(member), seconds settings::*>)
        return std::int64_t{(all.*member).count()};
      else
        return all.*member;
    },
    which.member);
}

void set_value(settings& all, const setting& which, setting_value value) {
  std::visit(
    [&](auto member) {
      using kept = std::decay_t<decltype(all.*member)>;
      if constexpr (std::is_same_v<kept, seconds>)
        all.*member = seconds{std::get<std::int64_t>(value)};
      else
        all.*member = std::get<kept>(std::move(value));
    },
    which.member);
}

std::string to_text(const setting_value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return *text;
  if (const auto* flag = std::get_if<bool>(&value))
    return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return std::to_string(*number);
  std::string all;
  for (const auto& each : std::get<std::vector<std::string>>(value))
    all += (all.empty() ? "" : ",") + each;
  return all;
}

boost::json::value as_json(const setting_value& value) {
  return std::visit(
    [](const auto& held) {
      return boost::json::value_from(held);
    },
    value);
}

std::string expected_of(const setting& which) {
  if (!which.choices.empty()) {
    std::string all = "one of";
    for (const auto each : which.choices) {
      all += each == which.choices.front() ? " " : ", ";
      all += each;
    }
    return all;
  }
  switch (which.member.index()) {
    case 0:
      return which.check == check_address ? "a text such as 127.0.0.1:8080"
             : which.check == check_public_url
               ? "a text such as https://events.example.com"
               : "a text";
    case 1:
      return "a list of texts";
    case 2:
      return "true or false";
    default:
      return "a whole number of seconds from " + std::to_string(which.least)
             + " to " + std::to_string(which.most);
  }
}

status check_value(const setting& which, const setting_value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return check_text(which, *text);
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return *number < which.least || *number > which.most ? wrong()
                                                         : engine::success();
  if (const auto* items = std::get_if<std::vector<std::string>>(&value)) {
    if (items->size() > items_max)
      return engine::invalid("setting_invalid", "has more than "
                                                  + std::to_string(items_max)
                                                  + " items");
    for (const auto& each : *items)
      if (auto good = check_text(which, each); !good)
        return good.failure();
  }
  return engine::success();
}

} // namespace troupe::cli
