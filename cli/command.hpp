// What a subcommand is: its words, options and examples as data, and the
// function that runs it. The command line, the help and what is generated from
// them read these values; command_line.cpp alone knows the library.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

struct option {
  std::string name;  // "--output"
  std::string value; // what the help calls its value; empty: a flag
  std::string help;
  std::vector<std::string> choices = {};
  bool may_repeat = false;
  bool is_required = false; // and not empty
  std::string alias = {};   // another name for it
};

struct operand {
  std::string name; // "FILE"
  std::string help;
  bool is_required = true; // and not empty
  bool may_repeat = false;
};

/// What was given. A flag's value is "true", or "false" after `--flag=false`.
class arguments {
public:
  void add(std::string_view name, std::vector<std::string> values);

  [[nodiscard]] bool has(std::string_view name) const;
  /// The last value, or the fallback when there is none.
  [[nodiscard]] std::string text(std::string_view name,
                                 std::string_view fallback = {}) const;
  [[nodiscard]] const std::vector<std::string>&
  all(std::string_view name) const;
  [[nodiscard]] bool is_set(std::string_view flag) const;

private:
  std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

struct command {
  std::string name;
  std::string summary;
  std::vector<option> options = {};
  std::vector<operand> operands = {};
  /// Absent when there are subcommands: the first ones of these are shown.
  std::vector<std::string> examples = {};
  /// Options and operands of which at least one is required.
  std::vector<std::string> one_of = {};
  /// Returns the exit code. Absent when there are only subcommands.
  std::function<int(const arguments&)> run = {};
  std::vector<command> subcommands = {};
};

constexpr int exit_success = 0;
constexpr int exit_failure = 1;
constexpr int exit_usage = 2; // the command line itself was wrong

} // namespace troupe::cli
