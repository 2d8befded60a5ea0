// The one place that knows all subcommands.
#include "cli/command_line.hpp"
#include "cli/commands.hpp"

int main(int count, char** words) {
  using namespace troupe::cli;
  return run_command_line(
    {serve_command(), config_command(), version_command()}, count, words);
}
