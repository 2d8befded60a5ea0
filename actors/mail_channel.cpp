#include "actors/mail_channel.hpp"

#include "actors/access_rows.hpp"
#include "actors/definition_rows.hpp"
#include "engine/mailbox.hpp"
#include "engine/unicode.hpp"

#include <algorithm>
#include <array>

namespace troupe::actors {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;
using engine::status;

constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t login_bytes_max = 256;
constexpr std::size_t certificate_bytes_max = 32 * 1024;

struct security_name {
  std::string_view name;
  std::int64_t port; // where servers usually take it
};

constexpr std::array securities{security_name{"none", 25},
                                security_name{"starttls", 587},
                                security_name{"tls", 465}};

std::string text_at(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found != nullptr && found->is_string()
           ? std::string{found->get_string()}
           : std::string{};
}

// The members that are texts: taken over, or taken away by null.
status take_text(std::string& into, const json::object& given,
                 std::string_view name, std::size_t max) {
  const auto* found = given.if_contains(name);
  if (found == nullptr)
    return engine::success();
  if (found->is_null()) {
    into.clear();
    return engine::success();
  }
  auto text = text_member(given, name, max);
  if (!text)
    return text.failure();
  into = std::move(*text);
  return engine::success();
}

status take(json::object& settings, const json::object& given,
            std::string_view name, std::size_t max) {
  auto text = text_at(settings, name);
  if (auto good = take_text(text, given, name, max); !good)
    return good;
  if (text.empty())
    settings.erase(name);
  else
    settings[name] = std::move(text);
  return engine::success();
}

status check_host(const std::string& host, const definitions_options& options) {
  const auto is_of_host = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  if (!std::all_of(host.begin(), host.end(), is_of_host))
    return invalid("field_invalid", "`host` is the name of a mail server",
                   "/host");
  // Names of servers and addresses are allowed or not whatever is spoken there.
  if (const auto good = options.check_url("https://" + host + "/"); !good) {
    auto why = good.failure();
    why.message = "`host` may not be called: " + why.message;
    why.pointer = "/host";
    return why;
  }
  return engine::success();
}

status check_mailbox(const json::object& settings, std::string_view name) {
  const auto text = text_at(settings, name);
  if (text.empty() || engine::parse_mailbox(text))
    return engine::success();
  return invalid("field_invalid",
                 "`" + std::string{name}
                   + "` is an address such as \"News <news@example.org>\"",
                 "/" + std::string{name});
}

status take_security(json::object& settings, const json::object& given) {
  if (auto good = take(settings, given, "security", 16); !good)
    return good;
  auto name = text_at(settings, "security");
  if (name.empty())
    settings["security"] = name = "starttls";
  const auto known
    = std::find_if(securities.begin(), securities.end(), [&](const auto& each) {
        return each.name == name;
      });
  if (known == securities.end())
    return invalid("field_type_mismatch",
                   "`security` is \"starttls\", \"tls\" or \"none\"",
                   "/security");
  const auto* port = given.if_contains("port");
  if (port != nullptr && !port->is_null()) {
    if (!port->is_int64() || port->get_int64() < 1
        || port->get_int64() > 65'535)
      return invalid("field_type_mismatch", "`port` is a number up to 65535",
                     "/port");
    settings["port"] = port->get_int64();
  } else if (port != nullptr || !settings.contains("port")) {
    settings["port"] = known->port;
  }
  return engine::success();
}

status check_login(const mail_channel& made) {
  const auto username = text_at(made.settings, "username");
  if (username.empty() != made.password.empty())
    return invalid("field_required", "give `username` and `password`, or none",
                   username.empty() ? "/username" : "/password");
  if (engine::has_control(username) || engine::has_control(made.password))
    return invalid("field_invalid",
                   "`username` and `password` have no control characters",
                   "/username");
  if (!username.empty() && text_at(made.settings, "security") == "none")
    return invalid("field_invalid",
                   "a password goes over TLS only: `security` is \"starttls\" "
                   "or \"tls\"",
                   "/security");
  return engine::success();
}

messages::mail_security security_of(const json::object& settings) {
  const auto name = text_at(settings, "security");
  return name == "none"  ? messages::mail_security::none
         : name == "tls" ? messages::mail_security::tls
                         : messages::mail_security::starttls;
}

engine::error undeliverable(std::string name, std::string message) {
  return {engine::errc::internal, std::move(name), std::move(message), {}};
}

json::object server_of(const json::object& settings) {
  json::object out;
  for (const auto* name :
       {"host", "port", "security", "username", "certificate"})
    if (const auto* value = settings.if_contains(name))
      out[name] = *value;
  return out;
}

} // namespace

result<mail_channel> changed(mail_channel now, const json::object& given,
                             const definitions_options& options) {
  auto& settings = now.settings;
  // A password goes to the server it was given for, and to no other one.
  const auto had_password = !now.password.empty();
  const auto before = server_of(settings);
  if (auto good = check_members(
        given, {"key", "type", "host", "port", "security", "username",
                "password", "certificate", "from", "reply_to", "tracking"});
      !good)
    return good.failure();
  for (const auto& [name, max] :
       {std::pair{"host", host_bytes_max},
        std::pair{"username", login_bytes_max},
        std::pair{"certificate", certificate_bytes_max},
        std::pair{"from", login_bytes_max},
        std::pair{"reply_to", login_bytes_max}})
    if (auto good = take(settings, given, name, max); !good)
      return good.failure();
  if (auto good = take_text(now.password, given, "password", login_bytes_max);
      !good)
    return good.failure();
  for (const std::string name : {"host", "from"})
    if (!settings.contains(name))
      return invalid("field_required", "an smtp channel has `" + name + "`",
                     "/" + name);
  if (auto good = check_host(text_at(settings, "host"), options); !good)
    return good.failure();
  if (auto good = take_security(settings, given); !good)
    return good.failure();
  for (const auto name : {"from", "reply_to"})
    if (auto good = check_mailbox(settings, name); !good)
      return good.failure();
  if (const auto* tracking = given.if_contains("tracking")) {
    if (!tracking->is_bool())
      return invalid("field_type_mismatch", "`tracking` is true or false",
                     "/tracking");
    settings["tracking"] = *tracking;
  }
  if (had_password && !given.contains("password")
      && server_of(settings) != before)
    return invalid("field_required",
                   "give `password` again with another server or login",
                   "/password");
  if (auto good = check_login(now); !good)
    return good.failure();
  settings["password_set"] = !now.password.empty();
  return now;
}

result<messages::outgoing_call>
render_mail(const pulled_delivery& what, const persistence::destination_row& to,
            const json::object& settings, const engine::id_text& ids) {
  const auto& parts = what.turn.sends[what.key.ordinal - 1].request;
  messages::outgoing_call call;
  auto& mail = call.mail.emplace();
  mail.host = text_at(settings, "host");
  mail.port = static_cast<std::uint16_t>(settings.at("port").as_int64());
  mail.security = security_of(settings);
  mail.username = text_at(settings, "username");
  mail.password = to.secret;
  mail.certificate = text_at(settings, "certificate");
  mail.from = text_at(settings, "from");
  mail.reply_to = text_at(settings, "reply_to");
  const auto* tracking = settings.if_contains("tracking");
  mail.tracked = tracking != nullptr && *tracking == true;
  const auto* contact = parts.if_contains("to");
  const auto address
    = engine::mail_address(contact != nullptr && contact->is_object()
                             ? text_at(contact->get_object(), "email")
                             : std::string{});
  if (!address)
    return undeliverable("recipient_missing",
                         "the contact has no address that mail can be sent to");
  mail.to = *address;
  mail.subject = text_at(parts, "subject");
  mail.text = text_at(parts, "text");
  mail.html = text_at(parts, "html");
  if (mail.text.empty() && mail.html.empty())
    mail.text = text_at(parts, "body");
  if (mail.text.empty() && mail.html.empty())
    return undeliverable("message_empty", "a message has `text` or `html`");
  mail.date = std::chrono::floor<std::chrono::seconds>(what.turn.stamp.at);
  const auto domain = mail.from.substr(mail.from.rfind('@') + 1);
  mail.message_id = engine::delivery_id(what.turn, what.key.destination,
                                        what.key.ordinal, ids)
                    + "@" + domain.substr(0, domain.find('>'));
  call.headers = {{"message-id", mail.message_id}};
  return call;
}

} // namespace troupe::actors
