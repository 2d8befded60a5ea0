// One run of the real binary to its end: what it wrote and how it ended.
#pragma once

#include <string>
#include <vector>

namespace troupe::test {

struct command_result {
  int code = -1; // -1: it did not end in time
  std::string output;
  std::string errors;
};

/// @param environment "NAME=value" beside what this process has
command_result run_troupe(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& environment = {});

} // namespace troupe::test
