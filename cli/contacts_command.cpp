// `troupe contacts`: who is known, and what became of them.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/contact_reference.hpp"

namespace troupe::cli {

namespace {

const operand reference{
  "REF", "con_…, external_id:usr_1, email:ada@example.com, phone:+44…, "
         "anonymous_id:…"};

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {reference};
  out.examples = {"troupe contacts " + out.name + " external_id:usr_123"};
  return out;
}

path_maker of_contact(std::string suffix = {}) {
  return
    [suffix = std::move(suffix)](
      const arguments& given, client& server) -> engine::result<std::string> {
      auto path = contact_path(server, given.text("REF"));
      if (path)
        *path += suffix;
      return path;
    };
}

} // namespace

command contacts_command() {
  command out{"contacts", "Look at contacts"};
  out.subcommands
    = {call_command(about("show", "Show a contact"), "GET", of_contact()),
       list_command(
         about("timeline", "Show what happened to a contact, newest first"),
         of_contact("/timeline"),
         {{"AT", "/at"},
          {"KIND", "/kind"},
          {"EVENT", "/event/type"},
          {"CHANGES", "/changes"}}),
       list_command(about("runs", "List a contact's runs, newest first"),
                    of_contact("/runs"),
                    {{"ID", "/id"},
                     {"SEQUENCE", "/sequence"},
                     {"STATUS", "/status"},
                     {"NODE", "/node"},
                     {"STARTED", "/started_at"},
                     {"WAKES", "/wake_at"}}),
       call_command(about("stats", "Count a contact's events"), "GET",
                    of_contact("/stats"))};
  return out;
}

} // namespace troupe::cli
