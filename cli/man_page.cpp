#include "cli/man_page.hpp"

#include "cli/version.hpp"

namespace troupe::cli {

namespace {

// A dot or quote at the start of a line, and a backslash, mean something.
std::string roff(std::string_view text) {
  std::string out;
  if (!text.empty() && (text.front() == '.' || text.front() == '\''))
    out += "\\&";
  for (const char c : text)
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  return out;
}

void append(std::string& out, const std::string& path, const command& what) {
  const auto name = path + " " + what.name;
  if (what.run) {
    out += ".SS " + roff(name);
    for (const auto& each : what.operands)
      out += each.is_required ? " " + each.name : " [" + each.name + "]";
    out += "\n" + roff(what.summary) + ".\n";
    for (const auto& each : what.operands)
      out += ".TP\n.I " + roff(each.name) + "\n" + roff(each.help) + "\n";
    for (const auto& each : what.options)
      out += ".TP\n.B " + roff(each.name)
             + (each.alias.empty() ? "" : ", " + roff(each.alias))
             + (each.value.empty() ? "" : " " + roff(each.value)) + "\n"
             + roff(each.help) + "\n";
    for (const auto& each : what.examples)
      out += ".PP\n.EX\n" + roff(each) + "\n.EE\n";
  }
  for (const auto& each : what.subcommands)
    append(out, name, each);
}

} // namespace

std::string man_page(const std::vector<command>& all) {
  std::string out = ".TH TROUPE 1 " + std::string{version.date} + " \"Troupe "
                    + std::string{version.number}
                    + "\"\n"
                      ".SH NAME\n"
                      "troupe \\- an open customer-event engine\n"
                      ".SH SYNOPSIS\n"
                      ".B troupe\n"
                      ".I COMMAND\n"
                      "[\\fIOPTION\\fR ...]\n"
                      ".SH DESCRIPTION\n"
                      "Products send Troupe events about their contacts; it "
                      "knows who each contact is, moves the contact through "
                      "sequences, and tells other systems.\n"
                      ".B troupe serve\n"
                      "runs the server; most other commands speak to one by "
                      "its API.\n"
                      ".SH COMMANDS\n";
  for (const auto& each : all)
    append(out, "troupe", each);
  return out
         + ".SH EXIT STATUS\n"
           "0 when it was done, 1 when it failed, 2 when the command line made "
           "no sense.\n"
           ".SH ENVIRONMENT\n"
           "TROUPE_API_URL, TROUPE_API_KEY, TROUPE_API_KEY_FILE: the server "
           "and the key for commands that speak to one. Settings of the "
           "server: \\fBtroupe config reference\\fR.\n";
}

} // namespace troupe::cli
