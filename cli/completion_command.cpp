// `troupe completion`, `troupe man`: what is generated from the subcommands.
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/man_page.hpp"

#include <cstdio>

namespace troupe::cli {

command completion_command(command_list all) {
  command out{"completion", "Print completions for a shell"};
  out.operands = {{"SHELL", "bash, zsh or fish"}};
  out.examples = {"troupe completion bash > "
                  "/usr/share/bash-completion/completions/troupe"};
  out.run = [all](const arguments& given) {
    const auto text = completion_for(given.text("SHELL"), all());
    if (text.empty()) {
      std::fputs("troupe: completions are for bash, zsh and fish\n", stderr);
      return exit_usage;
    }
    std::fputs(text.c_str(), stdout);
    return exit_success;
  };
  return out;
}

command man_command(command_list all) {
  command out{"man", "Print the manual page"};
  out.examples = {"troupe man | man -l -"};
  out.run = [all](const arguments&) {
    std::fputs(man_page(all()).c_str(), stdout);
    return exit_success;
  };
  return out;
}

} // namespace troupe::cli
