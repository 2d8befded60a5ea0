// The one place that knows all subcommands.
#include "cli/command_line.hpp"
#include "cli/commands.hpp"

namespace {

std::vector<troupe::cli::command> all_commands() {
  using namespace troupe::cli;
  return {serve_command(),
          events_command(),
          event_types_command(),
          contacts_command(),
          sequences_command(),
          runs_command(),
          explain_command(),
          channels_command(),
          automations_command(),
          webhooks_command(),
          deliveries_command(),
          keys_command(),
          workspaces_command(),
          test_clock_command(),
          import_command(),
          export_command(),
          backup_command(),
          config_command(),
          doctor_command(),
          healthcheck_command(),
          completion_command(all_commands),
          man_command(all_commands),
          version_command()};
}

} // namespace

int main(int count, char** words) {
  return troupe::cli::run_command_line(all_commands(), count, words);
}
