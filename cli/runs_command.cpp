// `troupe runs`: one contact's way through a sequence.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/contact_reference.hpp"

#include <algorithm>

namespace troupe::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t runs_max = 20'000; // what the server reads of a contact

// The API shows runs with their contact.
int show(const arguments& given) {
  auto server = client::of(given);
  if (!server)
    return report(server.failure());
  const auto contact = contact_path(*server, given.text("--contact"));
  if (!contact)
    return report(contact.failure());
  const auto runs = server->list(*contact + "/runs", runs_max);
  if (!runs)
    return report(runs.failure());
  const auto id = given.text("ID");
  const auto found
    = std::find_if(runs->begin(), runs->end(), [&id](const json::value& each) {
        return each.at("id") == json::string_view{id};
      });
  if (found == runs->end())
    return report(
      engine::invalid("run_not_found", "this contact has no run " + id));
  print_object(given, *found);
  return exit_success;
}

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"ID", "run_…"}};
  out.examples
    = {"troupe runs " + out.name + " run_01M80SEEXX0000000100003826"};
  return out;
}

command showing() {
  auto out = about("show", "Show a run with its history");
  option contact{"--contact", "REF", "whose run it is"};
  contact.is_required = true;
  out.options = {std::move(contact)};
  add_client_options(out);
  out.examples.front() += " --contact external_id:usr_123";
  out.run = show;
  return out;
}

engine::result<json::value> reason_of(const arguments& given) {
  json::object body;
  if (given.has("--reason"))
    body["reason"] = given.text("--reason");
  return json::value(std::move(body));
}

command changing(std::string name, std::string summary) {
  const auto suffix = "/" + name;
  auto out = about(std::move(name), std::move(summary));
  out.options = {{"--reason", "TEXT", "for the contact's timeline"}};
  out.examples.front() += " --reason 'asked for it'";
  return call_command(std::move(out), "POST",
                      path_with("/v1/runs/", "ID", suffix), reason_of);
}

} // namespace

command runs_command() {
  command out{"runs", "Look at runs, hold them, end them"};
  out.subcommands = {showing(), changing("pause", "Hold a run"),
                     changing("resume", "Let a held run go on"),
                     changing("exit", "End a run")};
  return out;
}

} // namespace troupe::cli
