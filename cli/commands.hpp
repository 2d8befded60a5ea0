// Every group of subcommands, each in the file of its name.
#pragma once

#include "cli/command.hpp"

#include <functional>
#include <vector>

namespace troupe::cli {

command automations_command();
command backup_command();
command channels_command();
command config_command();
command contacts_command();
command deliveries_command();
command doctor_command();
command event_types_command();
command events_command();
command explain_command();
command export_command();
command import_command();
command keys_command();
command runs_command();
command sequences_command();
command healthcheck_command();
command serve_command();
command test_clock_command();
command version_command();
command webhooks_command();
command workspaces_command();

/// All subcommands, for those that describe them.
using command_list = std::function<std::vector<command>()>;

command completion_command(command_list all);
command man_command(command_list all);

} // namespace troupe::cli
