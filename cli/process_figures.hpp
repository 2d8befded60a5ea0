// What the kernel says of this process and its disk.
#pragma once

#include <cstdint>
#include <string>

namespace troupe::cli {

struct process_figures {
  double cpu_seconds = 0;
  double start_time_seconds = 0; // since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
};

/// What cannot be read is 0.
process_figures read_process_figures();

struct disk_figures {
  std::uint64_t store_bytes = 0; // all files of the store
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;
};

disk_figures read_disk_figures(const std::string& data_directory);

} // namespace troupe::cli
