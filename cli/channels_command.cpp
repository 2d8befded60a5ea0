// `troupe channels`: what sequences send by.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

engine::result<json::value> mail_channel_of(const arguments& given) {
  auto body = read_json_file(given.text("--smtp"));
  if (!body)
    return body.failure();
  if (!body->is_object())
    return engine::invalid("field_type_mismatch",
                           "--smtp names a file with a JSON object");
  body->get_object()["key"] = given.text("KEY");
  body->get_object()["type"] = "smtp";
  return body;
}

engine::result<json::value> channel_of(const arguments& given) {
  if (given.has("--smtp"))
    return mail_channel_of(given);
  json::object body{{"key", given.text("KEY")},
                    {"type", given.text("--type", "http")}};
  for (const std::string name : {"url", "method"})
    if (given.has("--" + name))
      body[name] = given.text("--" + name);
  for (const std::string name : {"headers", "body"}) {
    if (!given.has("--" + name))
      continue;
    auto value = read_json_file(given.text("--" + name));
    if (!value)
      return value.failure();
    body[name] = std::move(*value);
  }
  return json::value(std::move(body));
}

command creating() {
  command out{"create", "Make a channel"};
  out.operands = {{"KEY", "what sequences call it"}};
  out.options
    = {{"--url", "URL", "where an http channel sends to"},
       {"--type",
        "TYPE",
        "http, nudge, which puts into the contact's inbox, or capture, which "
        "sends nothing [http]",
        {"http", "nudge", "capture"}},
       {"--method", "METHOD", "of the call [POST]"},
       {"--headers", "FILE",
        "an object of headers as JSON, which may hold secrets; - is standard "
        "input"},
       {"--body", "FILE", "the body's template as JSON; - is standard input"},
       {"--smtp", "FILE",
        "how an smtp channel sends, an object as JSON, which may hold its "
        "password; - is standard input"}};
  out.one_of = {"--url", "--type", "--smtp"};
  out.examples
    = {"troupe channels create sms --url https://example.com/sms --body "
       "body.json",
       "troupe channels create trial --type capture",
       "troupe channels create email --smtp email.json"};
  return call_command(std::move(out), "POST", path_to("/v1/channels"),
                      channel_of);
}

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"KEY", "its key, or cha_…"}};
  out.examples = {"troupe channels " + out.name + " sms"};
  return out;
}

} // namespace

command channels_command() {
  command listing{"list", "List the channels, the oldest first"};
  listing.examples = {"troupe channels list"};
  const auto of_channel = path_with("/v1/channels/", "KEY");
  command out{"channels", "Look after what sequences send by"};
  out.subcommands = {
    list_command(std::move(listing), path_to("/v1/channels"),
                 {{"KEY", "/key"},
                  {"TYPE", "/type"},
                  {"URL", "/url"},
                  {"CREATED", "/created_at"},
                  {"ID", "/id"}}),
    creating(),
    call_command(about("show", "Show a channel"), "GET", of_channel),
    call_command(about("delete", "Remove a channel that no sequence sends by"),
                 "DELETE", of_channel)};
  return out;
}

} // namespace troupe::cli
