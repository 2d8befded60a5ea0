// `troupe automations`: ready sequences, switched on and off.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"KEY", "the automation's key"}};
  out.examples = {"troupe automations " + out.name + " waitlist_welcome"};
  return out;
}

path_maker of_automation(std::string suffix = {}) {
  return path_with("/v1/automations/", "KEY", std::move(suffix));
}

engine::result<json::value> settings_of(const arguments& given) {
  json::object body;
  if (!given.has("--settings"))
    return json::value(std::move(body));
  auto settings = read_json_file(given.text("--settings"));
  if (!settings)
    return settings.failure();
  body["settings"] = std::move(*settings);
  return json::value(std::move(body));
}

command enabling() {
  auto out = about("enable", "Switch an automation on, or change its settings");
  out.options = {{"--settings", "FILE",
                  "those that change, an object as JSON; - is standard input"}};
  out.examples.emplace_back(
    "troupe automations enable referral_reward --settings reward.json");
  return call_command(std::move(out), "POST", of_automation("/enable"),
                      settings_of);
}

} // namespace

command automations_command() {
  command listing{"list", "List the automations that come with Troupe"};
  listing.examples = {"troupe automations list"};
  command out{"automations", "Switch ready sequences on and off"};
  out.subcommands
    = {list_command(std::move(listing), path_to("/v1/automations"),
                    {{"KEY", "/key"},
                     {"ENABLED", "/enabled"},
                     {"EVENT", "/event"},
                     {"NAME", "/name"}}),
       call_command(about("show", "Show an automation with its settings"),
                    "GET", of_automation()),
       enabling(),
       call_command(about("disable", "Let an automation begin nothing more"),
                    "POST", of_automation("/disable"))};
  return out;
}

} // namespace troupe::cli
