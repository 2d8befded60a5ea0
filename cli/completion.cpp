#include "cli/completion.hpp"

#include <map>

namespace troupe::cli {

namespace {

/// What can follow the words of a subcommand: "keys create" to its options.
using next_words = std::map<std::string, std::vector<std::string>>;

void add(const std::string& path, const std::vector<command>& all,
         next_words& into) {
  for (const auto& each : all) {
    into[path].push_back(each.name);
    const auto below = path.empty() ? each.name : path + " " + each.name;
    into[below].emplace_back("--help");
    for (const auto& option : each.options)
      into[below].push_back(option.name);
    add(below, each.subcommands, into);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& each : words)
    out += (out.empty() ? "" : " ") + each;
  return out;
}

// The words so far without options name the subcommand.
std::string for_bash(const next_words& all) {
  std::string out = "_troupe() {\n"
                    "  local path= word\n"
                    "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                    "    [[ $word == -* ]] || path+=${path:+ }$word\n"
                    "  done\n"
                    "  local next=\n"
                    "  case $path in\n";
  for (const auto& [path, words] : all)
    out += "    '" + path + "'" + (path.empty() ? "" : "*") + ") next='"
           + joined(words) + "' ;;\n";
  return out
         + "  esac\n"
           "  COMPREPLY=($(compgen -W \"$next\" -- "
           "\"${COMP_WORDS[COMP_CWORD]}\"))\n"
           "}\n"
           "complete -o default -F _troupe troupe\n";
}

std::string for_fish(const std::vector<command>& all) {
  std::string out = "complete -c troupe -f\n";
  for (const auto& each : all) {
    out += "complete -c troupe -n __fish_use_subcommand -a " + each.name
           + " -d '" + each.summary + "'\n";
    for (const auto& below : each.subcommands)
      out += "complete -c troupe -n '__fish_seen_subcommand_from " + each.name
             + "' -a " + below.name + " -d '" + below.summary + "'\n";
    const auto add_options = [&](const command& of, const std::string& seen) {
      for (const auto& option : of.options)
        out += "complete -c troupe -n '" + seen + "' -l "
               + option.name.substr(2) + (option.value.empty() ? "" : " -r")
               + "\n";
    };
    add_options(each, "__fish_seen_subcommand_from " + each.name);
    for (const auto& below : each.subcommands)
      add_options(below, "__fish_seen_subcommand_from " + each.name
                           + "; and __fish_seen_subcommand_from " + below.name);
  }
  return out;
}

} // namespace

std::string completion_for(std::string_view shell,
                           const std::vector<command>& all) {
  next_words words;
  add({}, all, words);
  if (shell == "bash")
    return for_bash(words);
  if (shell == "zsh") // which reads those of bash
    return "autoload -U +X bashcompinit && bashcompinit\n" + for_bash(words);
  if (shell == "fish")
    return for_fish(all);
  return {};
}

} // namespace troupe::cli
