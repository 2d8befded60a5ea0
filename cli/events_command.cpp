// `troupe events`: send them, list them, see them come.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/event_tail.hpp"
#include "engine/strict_json.hpp"

#include <algorithm>

namespace troupe::cli {

namespace json = boost::json;

namespace {

const option type_filter{"--type", "TYPE", "a name, or order.*"};
const option contact_filter{"--external-id", "ID", "of one contact"};

const std::vector<std::string> identities{"--external-id", "--email", "--phone",
                                          "--anonymous-id"};

std::string with_filters(std::string path, const arguments& given) {
  if (given.has("--type"))
    path += "?type=" + escaped(given.text("--type"));
  if (given.has("--external-id"))
    path += std::string{given.has("--type") ? "&" : "?"}
            + "contact.external_id=" + escaped(given.text("--external-id"));
  return path;
}

engine::result<json::value> event_of(const arguments& given) {
  json::object contact;
  for (const auto& flag : identities)
    if (given.has(flag)) {
      auto member = flag.substr(2);
      std::replace(member.begin(), member.end(), '-', '_');
      contact[member] = given.text(flag);
    }
  json::object body{{"type", given.text("TYPE")}};
  body["contact"] = std::move(contact);
  auto metadata = engine::parse_json(given.text("--metadata", "{}"));
  if (!metadata)
    return engine::invalid("metadata_invalid",
                           "--metadata: " + metadata.failure().message);
  body["metadata"] = std::move(*metadata);
  return json::value(std::move(body));
}

int emit(const arguments& given) {
  const auto body = event_of(given);
  if (!body)
    return report(body.failure());
  const auto key = given.text("--idempotency-key");
  if (given.has("--idempotency-key") && key.empty())
    return report(engine::invalid("idempotency_key_empty",
                                  "--idempotency-key takes a text that is not "
                                  "empty; leave it out to send none"));
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  request_headers headers;
  if (!key.empty())
    headers.emplace_back("Idempotency-Key", key);
  const auto answer = server->ask("POST", "/v1/events", *body, headers);
  if (!answer)
    return report(answer.failure());
  print_object(given, *answer);
  return exit_success;
}

command emitting() {
  command out{"emit", "Send an event"};
  out.operands = {{"TYPE", "its name, such as order.completed"}};
  out.options
    = {{"--external-id", "ID", "whose event it is"},
       {"--email", "ADDRESS", "whose event it is"},
       {"--phone", "NUMBER", "whose event it is"},
       {"--anonymous-id", "ID", "whose event it is"},
       {"--metadata", "JSON", "an object [{}]"},
       {"--idempotency-key", "KEY", "sent again, nothing happens twice"}};
  out.one_of = identities;
  add_client_options(out);
  out.examples = {"troupe events emit order.completed --external-id usr_123 "
                  "--metadata '{\"total_pence\": 4299}'"};
  out.run = emit;
  return out;
}

command tailing() {
  command out{"tail", "Show events as they are stored, until Ctrl-C"};
  out.options = {type_filter, contact_filter};
  add_client_options(out);
  out.examples = {"troupe events tail --type 'order.*'"};
  out.run = [](const arguments& given) {
    return tail_events(given, with_filters("/v1/events/stream", given));
  };
  return out;
}

// Of one event.
command about_event(std::string name, std::string summary, std::string suffix) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"ID", "evt_…"}};
  out.examples = {"troupe events " + out.name
                  + " evt_01M80SEEXX0000000100003826 --output json"};
  return call_command(std::move(out), "GET",
                      path_with("/v1/events/", "ID", std::move(suffix)));
}

} // namespace

command events_command() {
  command listing{"list", "List events, newest first"};
  listing.options = {type_filter, contact_filter};
  listing.examples = {"troupe events list --external-id usr_123"};
  command out{"events", "Send events, list them, see them come"};
  out.subcommands
    = {emitting(),
       list_command(std::move(listing),
                    [](const arguments& given, client&) {
                      return engine::result<std::string>{
                        with_filters("/v1/events", given)};
                    },
                    {{"RECEIVED", "/received_at"},
                     {"TYPE", "/type"},
                     {"CONTACT", "/contact/external_id"},
                     {"ID", "/id"},
                     {"METADATA", "/metadata"}}),
       about_event("show", "Show an event", {}),
       about_event("explain",
                   "Say what each sequence and webhook did about an event",
                   "/explain?limit=100"),
       about_event("trace", "Show what an event caused", "/trace"),
       tailing()};
  return out;
}

} // namespace troupe::cli
