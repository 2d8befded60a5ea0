// `troupe runs`: one contact's way through a sequence.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"ID", "run_…"}};
  out.examples
    = {"troupe runs " + out.name + " run_01M80SEEXX0000000100003826"};
  return out;
}

command showing() {
  return call_command(about("show", "Show a run with its history"), "GET",
                      path_with("/v1/runs/", "ID"));
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
