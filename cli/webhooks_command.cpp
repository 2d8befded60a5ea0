// `troupe webhooks`: endpoints, their deliveries, and help for who receives.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/small_file.hpp"
#include "cli/webhook_listener.hpp"
#include "cli/webhook_verifier.hpp"
#include "engine/strict_json.hpp"
#include "engine/webhook_profile.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t template_bytes_max = std::size_t{64} * 1024;

std::vector<std::string> profiles() {
  std::vector<std::string> out;
  for (const auto& [profile, name] : engine::webhook_profile_names)
    out.emplace_back(name);
  return out;
}

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"ID", "whe_…"}};
  out.examples
    = {"troupe webhooks " + out.name + " whe_01M80SEEX956JDM11BRH5DQDGF"};
  return out;
}

path_maker of_webhook(std::string suffix = {}) {
  return path_with("/v1/webhooks/", "ID", std::move(suffix));
}

engine::result<json::value> webhook_of(const arguments& given) {
  if (given.has("URL") && given.has("--url"))
    return engine::invalid("url_ambiguous",
                           "give the endpoint's URL once; the server is "
                           "--server");
  json::object body{{"url", given.text("URL", given.text("--url"))}};
  auto& events = body["events"].emplace_array();
  for (const auto& each : given.all("--event"))
    events.emplace_back(each);
  if (events.empty())
    events.emplace_back("*");
  for (const std::string_view name : {"profile", "format", "ordering"})
    if (const auto option = "--" + std::string{name}; given.has(option))
      body[name] = given.text(option);
  if (given.has("--template")) {
    auto text = read_small_file(given.text("--template"), template_bytes_max);
    if (!text)
      return text.failure();
    auto read = engine::parse_json(*text);
    if (!read)
      return read.failure();
    body["template"] = std::move(*read);
    body.emplace("format", "template");
  }
  return json::value(std::move(body));
}

command creating() {
  command out{"create", "Send events to a URL; its secret is shown this once"};
  out.operands = {{"URL", "where to", false}};
  out.one_of = {"URL", "--url"};
  out.options
    = {{"--url", "URL", "where to, as an option"},
       {"--event",
        "TYPE",
        "a name or order.*; may be given several times [*]",
        {},
        true},
       {"--profile", "NAME", "whose headers, signature and body [standard]",
        profiles()},
       {"--format",
        "NAME",
        "another body than the profile's",
        {"native", "cloudevents", "template"}},
       {"--template", "FILE", "a JSON value with {{…}} in its texts: the body"},
       {"--ordering",
        "HOW",
        "contact: one after the other for each contact",
        {"contact", "none"}}};
  out.examples
    = {"troupe webhooks create https://example.com/hooks --event 'order.*'"};
  return call_command(std::move(out), "POST", path_to("/v1/webhooks"),
                      webhook_of);
}

command listening() {
  command out{"listen",
              "Show what is sent to webhooks, on this machine, until Ctrl-C"};
  out.options = {{"--event",
                  "TYPE",
                  "a name or order.*; may be given several times [*]",
                  {},
                  true},
                 {"--status", "CODE", "what to answer [200]"}};
  add_client_options(out);
  out.examples = {"troupe webhooks listen --event 'order.*'"};
  out.run = listen_to_webhooks;
  return out;
}

command verifying() {
  command out{"verify", "Say whether a delivery's signature is good"};
  const auto required
    = [](std::string name, std::string value, std::string help) {
        option which{std::move(name), std::move(value), std::move(help)};
        which.is_required = true;
        return which;
      };
  out.options
    = {required("--secret-file", "FILE", "holds the endpoint's signing secret"),
       required("--signature", "TEXT", "of the profile's signature header"),
       {"--profile", "NAME", "of the endpoint [standard]", profiles()},
       {"--id", "ID", "of the header webhook-id; standard only"},
       {"--timestamp", "SECONDS", "of its header; standard and growthos only"},
       {"--body", "FILE", "the body as it came; - is standard input [-]"},
       output_option()};
  out.examples = {"troupe webhooks verify --secret-file secret --id msg_1 "
                  "--timestamp 1795321800 --signature 'v1,…' --body body.json"};
  out.run = verify_webhook;
  return out;
}

} // namespace

command webhooks_command() {
  command listing{"list", "List the endpoints"};
  listing.examples = {"troupe webhooks list"};
  command out{"webhooks", "Endpoints, their deliveries, and help to receive"};
  out.subcommands
    = {creating(),
       list_command(std::move(listing), path_to("/v1/webhooks"),
                    {{"ID", "/id"},
                     {"URL", "/url"},
                     {"EVENTS", "/events"},
                     {"STATUS", "/status"},
                     {"FAILURES", "/consecutive_failures"},
                     {"LAST", "/last_status"}}),
       call_command(about("show", "Show an endpoint"), "GET", of_webhook()),
       call_command(about("delete", "Send no more to an endpoint"), "DELETE",
                    of_webhook()),
       list_command(about("deliveries", "List what was sent, newest first"),
                    of_webhook("/deliveries"),
                    {{"ID", "/id"},
                     {"EVENT", "/event"},
                     {"STATUS", "/status"},
                     {"NEXT ATTEMPT", "/next_attempt_at"}}),
       listening(),
       verifying()};
  return out;
}

} // namespace troupe::cli
