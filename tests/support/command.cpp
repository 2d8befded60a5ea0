#include "tests/support/command.hpp"

#include "tests/support/process.hpp"
#include "tests/support/tested_binary.hpp"

#include <fstream>
#include <sstream>

namespace troupe::test {

command_result run_troupe(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment) {
  constexpr std::chrono::seconds patience{30};
  std::vector<std::string> words{"/usr/bin/env"};
  words.insert(words.end(), environment.begin(), environment.end());
  words.push_back(tested_binary());
  words.insert(words.end(), arguments.begin(), arguments.end());
  const temporary_directory directory;
  const auto errors = directory.path() + "/stderr";
  process running{words, errors};
  command_result result;
  while (const auto line = running.read_line(patience))
    result.output += *line + "\n";
  result.code = running.wait(patience).value_or(-1);
  std::ostringstream text;
  text << std::ifstream{errors}.rdbuf();
  result.errors = text.str();
  return result;
}

} // namespace troupe::test
