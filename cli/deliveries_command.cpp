// `troupe deliveries`: what was sent to an endpoint, and sending it again.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace {

command about(std::string name, std::string summary) {
  command out{std::move(name), std::move(summary)};
  out.operands = {{"ID", "dlv_…"}};
  out.examples
    = {"troupe deliveries " + out.name + " dlv_01M80SEEXX0000000100003826"};
  return out;
}

} // namespace

command deliveries_command() {
  command listing{"list", "List what was sent to an endpoint, newest first"};
  listing.operands = {{"ENDPOINT", "whe_…"}};
  listing.options = {{"--status",
                      "STATUS",
                      "pending, delivered, failed, held or dead",
                      {"pending", "delivered", "failed", "held", "dead"}}};
  listing.examples
    = {"troupe deliveries list whe_01M80SEEX956JDM11BRH5DQDGF --status failed"};
  command out{"deliveries", "Look at what was sent, and send it again"};
  out.subcommands
    = {list_command(
         std::move(listing),
         with_filter(path_with("/v1/webhooks/", "ENDPOINT", "/deliveries"),
                     "--status"),
         {{"ID", "/id"},
          {"EVENT", "/event"},
          {"CONTACT", "/contact"},
          {"STATUS", "/status"},
          {"NEXT ATTEMPT", "/next_attempt_at"}}),
       call_command(about("show", "Show a delivery with its attempts"), "GET",
                    path_with("/v1/deliveries/", "ID")),
       call_command(about("replay", "Make a delivery again"), "POST",
                    path_with("/v1/deliveries/", "ID", "/replay"))};
  return out;
}

} // namespace troupe::cli
