// Where an import says which lines were not taken and why: a line of JSON each.
#pragma once

#include "engine/error.hpp"

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace troupe::cli {

class rejects_file {
public:
  /// @param file empty: the first few are said on stderr
  /// @param bytes that it has of an earlier run; what follows goes
  /// @returns `file_unwritable`, `rejects_changed` when it has less
  static engine::result<rejects_file> open(const std::string& file,
                                           std::uint64_t bytes);

  engine::status add(std::uint64_t line, std::uint64_t offset,
                     const engine::error& why, std::string_view input);

  /// Makes it durable to a crash of this process. @returns its bytes
  engine::result<std::uint64_t> flush();

private:
  std::string name_;
  std::ofstream out_;
  std::uint64_t said_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace troupe::cli
