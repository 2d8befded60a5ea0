// `troupe sequences`: definitions as files, and what runs of them.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/sequence_files.hpp"

namespace troupe::cli {

namespace {

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"KEY", "the sequence's key"}};
  out.examples = {"troupe sequences " + out.name + " welcome"};
  return out;
}

path_maker of_sequence(std::string suffix = {}) {
  return path_with("/v1/sequences/", "KEY", std::move(suffix));
}

command changing(std::string name, std::string summary) {
  auto suffix = "/" + name;
  return call_command(about(std::move(name), std::move(summary)), "POST",
                      of_sequence(std::move(suffix)));
}

command of_files(std::string name, std::string summary,
                 int (*run)(const arguments&), bool asks_server) {
  command out{std::move(name), std::move(summary)};
  out.operands
    = {{"FILE", "a definition as JSON; - is standard input", true, true}};
  if (asks_server)
    add_client_options(out);
  else
    out.options.push_back(output_option());
  out.examples = {"troupe sequences " + out.name + " welcome.json",
                  "troupe sequences " + out.name + " *.json --output ndjson"};
  out.run = run;
  return out;
}

} // namespace

command sequences_command() {
  command listing{"list", "List the sequences"};
  listing.examples = {"troupe sequences list"};
  command out{"sequences", "Keep sequences as files; look at what runs"};
  out.subcommands
    = {of_files("validate", "Say what is wrong with definitions, offline",
                validate_sequences, false),
       of_files("diff", "Show how definitions differ from what is in force",
                diff_sequences, true),
       of_files("apply", "Publish definitions that are not in force",
                apply_sequences, true),
       list_command(std::move(listing), path_to("/v1/sequences"),
                    {{"KEY", "/key"},
                     {"NAME", "/name"},
                     {"STATUS", "/status"},
                     {"VERSION", "/version"},
                     {"ID", "/id"}}),
       call_command(about("show", "Show a sequence and how many runs are at "
                                  "each node"),
                    "GET", of_sequence()),
       list_command(about("runs", "List the runs of a sequence"),
                    of_sequence("/runs"),
                    {{"ID", "/id"},
                     {"CONTACT", "/contact"},
                     {"STATUS", "/status"},
                     {"NODE", "/node"}}),
       changing("publish", "Let the newest draft start runs"),
       changing("pause", "Hold a sequence"),
       changing("resume", "Let a held sequence go on"),
       changing("archive", "End a sequence for good")};
  return out;
}

} // namespace troupe::cli
