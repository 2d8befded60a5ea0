// `troupe event-types`: the names of events, and what is known of them.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

engine::result<json::value> type_of(const arguments& given) {
  json::object body{{"name", given.text("NAME")}};
  if (given.has("--description"))
    body["description"] = given.text("--description");
  if (given.has("--schema")) {
    auto schema = read_json_file(given.text("--schema"));
    if (!schema)
      return schema.failure();
    body["schema"] = std::move(*schema);
  }
  return json::value(std::move(body));
}

engine::result<json::value> new_name_of(const arguments& given) {
  return json::value(
    json::object{{"to", given.text("TO")}, {"alias", given.has("--alias")}});
}

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"NAME", "such as order.completed"}};
  out.examples = {"troupe event-types " + out.name + " order.completed"};
  return out;
}

} // namespace

command event_types_command() {
  command listing{"list", "List the event types, the first seen first"};
  listing.options = {{"--status",
                      "STATUS",
                      "discovered, active or archived",
                      {"discovered", "active", "archived"}}};
  listing.examples = {"troupe event-types list --status discovered"};
  auto creating = about("create", "Make an event type active");
  creating.options = {
    {"--description", "TEXT", "what it means"},
    {"--schema", "FILE", "a JSON Schema of its metadata; - is standard input"}};
  auto renaming = about("rename", "Give an event type another name");
  renaming.operands.push_back({"TO", "the name it has from now on"});
  renaming.options
    = {{"--alias", "", "the former name goes on to mean the type"}};
  renaming.examples
    = {"troupe event-types rename order.completed order.done --alias"};
  command out{"event-types", "Look after the names of events"};
  out.subcommands = {
    list_command(std::move(listing),
                 with_filter(path_to("/v1/event-types"), "--status"),
                 {{"NAME", "/name"},
                  {"STATUS", "/status"},
                  {"DESCRIPTION", "/description"},
                  {"CREATED", "/created_at"}}),
    call_command(std::move(creating), "POST", path_to("/v1/event-types"),
                 type_of),
    call_command(about("show", "Show an event type"), "GET",
                 path_with("/v1/event-types/", "NAME")),
    call_command(std::move(renaming), "POST",
                 path_with("/v1/event-types/", "NAME", "/rename"), new_name_of),
    call_command(about("archive", "Archive one that nothing listens to"),
                 "POST", path_with("/v1/event-types/", "NAME", "/archive"))};
  return out;
}

} // namespace troupe::cli
