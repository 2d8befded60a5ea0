// `troupe test-clock`: the time of a test workspace, and what it would have
// sent.
#include "cli/client_command.hpp"
#include "cli/commands.hpp"

namespace troupe::cli {

namespace json = boost::json;

namespace {

body_maker member_of(std::string name, std::string operand) {
  return [name = std::move(name),
          operand = std::move(operand)](const arguments& given) {
    json::object body;
    body[name] = given.text(operand);
    return engine::result<json::value>{json::value(std::move(body))};
  };
}

command showing() {
  command out{"show", "Show what the clock of the workspace shows"};
  out.examples = {"troupe test-clock show"};
  return call_command(std::move(out), "GET", path_to("/v1/test-clock"));
}

command setting() {
  command out{"set", "Move the clock forward to a time"};
  out.operands = {{"TIME", "such as 2030-01-31T09:00:00Z"}};
  out.examples = {"troupe test-clock set 2030-01-31T09:00:00Z"};
  return call_command(std::move(out), "POST", path_to("/v1/test-clock"),
                      member_of("now", "TIME"));
}

command advancing() {
  command out{"advance", "Move the clock forward by a period"};
  out.operands = {{"PERIOD", "such as 90s, 2h or 7d"}};
  out.examples = {"troupe test-clock advance 7d"};
  return call_command(std::move(out), "POST", path_to("/v1/test-clock/advance"),
                      member_of("by", "PERIOD"));
}

command listing() {
  command out{"outbox", "List what the workspace would have sent"};
  out.examples = {"troupe test-clock outbox --limit 5"};
  return list_command(std::move(out), path_to("/v1/test-outbox"),
                      {{"AT", "/at"},
                       {"KIND", "/kind"},
                       {"ENDPOINT", "/endpoint"},
                       {"CHANNEL", "/channel"},
                       {"NODE", "/node"},
                       {"ID", "/id"}});
}

} // namespace

command test_clock_command() {
  command out{"test-clock", "Move the time of a test workspace"};
  out.subcommands = {showing(), setting(), advancing(), listing()};
  return out;
}

} // namespace troupe::cli
