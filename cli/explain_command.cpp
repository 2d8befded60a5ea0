// `troupe explain`: why a sequence did, or did not do, something.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"
#include "cli/contact_reference.hpp"

namespace troupe::cli {

namespace {

engine::result<std::string> path_of(const arguments& given, client& server) {
  const auto sequence
    = path_with("/sequences/", "SEQUENCE", "/explain")(given, server);
  if (!sequence)
    return sequence.failure();
  const auto contact = contact_path(server, given.text("CONTACT"));
  if (!contact)
    return contact.failure();
  return *contact + *sequence;
}

} // namespace

command explain_command() {
  command about{"explain",
                "Say why a sequence did, or did not do, something about a "
                "contact's event"};
  about.operands = {{"CONTACT", "con_…, external_id:usr_1, "
                                "email:ada@example.com, …"},
                    {"SEQUENCE", "its key"}};
  about.options = {{"--event", "ID", "evt_…, instead of the newest"}};
  about.examples = {"troupe explain external_id:usr_123 welcome"};
  return call_command(std::move(about), "GET", with_filter(path_of, "--event"));
}

} // namespace troupe::cli
