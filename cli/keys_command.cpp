// `troupe keys`, `troupe workspaces`: who may do what.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

engine::result<json::value> key_of(const arguments& given) {
  json::object body{{"name", given.text("--name", "unnamed")},
                    {"kind", given.text("--kind", "secret")}};
  auto& scopes = body["scopes"].emplace_array();
  for (const auto& each : given.all("--scope"))
    scopes.emplace_back(each);
  return json::value(std::move(body));
}

engine::result<json::value> workspace_of(const arguments& given) {
  json::object body{{"name", given.text("NAME")},
                    {"kind", given.text("--kind", "live")}};
  return json::value(std::move(body));
}

} // namespace

command keys_command() {
  command creating{"create", "Make a key; it is shown this once"};
  creating.options
    = {{"--name", "NAME", "what it is for"},
       {"--scope",
        "SCOPE",
        "what it may do; may be given several times",
        {"events:write", "events:read", "manage", "system:emit", "admin"},
        true,
        true},
       {"--kind",
        "KIND",
        "secret, write (for browsers) or test (free of rate limits) [secret]",
        {"secret", "write", "test"}}};
  creating.examples
    = {"troupe keys create --name \"shop backend\" --scope events:write"};
  command listing{"list", "List the keys of the workspace"};
  listing.examples = {"troupe keys list --output json"};
  command revoking{"revoke", "Refuse a key from now on"};
  revoking.operands = {{"ID", "key_…"}};
  revoking.examples = {"troupe keys revoke key_01M80SEEZBTWY0TB4X0XJ0J32V"};
  command out{"keys", "Make, list and revoke API keys"};
  out.subcommands = {
    call_command(std::move(creating), "POST", path_to("/v1/keys"), key_of),
    list_command(std::move(listing), path_to("/v1/keys"),
                 {{"ID", "/id"},
                  {"NAME", "/name"},
                  {"KIND", "/kind"},
                  {"SCOPES", "/scopes"},
                  {"LAST USED", "/last_used_at"},
                  {"REVOKED", "/revoked"}}),
    call_command(std::move(revoking), "DELETE", path_with("/v1/keys/", "ID"))};
  return out;
}

command workspaces_command() {
  command creating{"create", "Make a workspace and a key of it"};
  creating.operands = {{"NAME", "what people call it"}};
  creating.options
    = {{"--kind", "KIND", "live or test [live]", {"live", "test"}}};
  creating.examples = {"troupe workspaces create staging"};
  command listing{"list", "List the workspaces of the installation"};
  listing.examples = {"troupe workspaces list"};
  command out{"workspaces", "Make and list workspaces"};
  out.subcommands = {call_command(std::move(creating), "POST",
                                  path_to("/v1/workspaces"), workspace_of),
                     list_command(std::move(listing), path_to("/v1/workspaces"),
                                  {{"ID", "/id"},
                                   {"NAME", "/name"},
                                   {"KIND", "/kind"},
                                   {"CREATED", "/created_at"}})};
  return out;
}

} // namespace troupe::cli
