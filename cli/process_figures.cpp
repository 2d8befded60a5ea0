#include "cli/process_figures.hpp"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace troupe::cli {

namespace {

namespace fs = std::filesystem;

/// Fields of /proc/self/stat from the state on (proc(5)); the name before it
/// may hold anything.
std::istringstream stat_fields() {
  std::ifstream file{"/proc/self/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  const auto name_end = text.rfind(')');
  return std::istringstream{name_end == text.npos ? std::string{}
                                                  : text.substr(name_end + 1)};
}

double boot_time() {
  std::ifstream file{"/proc/stat"};
  std::string word;
  double seconds = 0;
  while (file >> word)
    if (word == "btime" && file >> seconds)
      return seconds;
  return 0;
}

} // namespace

process_figures read_process_figures() {
  process_figures out;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  auto fields = stat_fields();
  std::string skipped;
  const auto skip = [&](int count) {
    for (int i = 0; i < count; ++i)
      fields >> skipped;
  };
  double user = 0;
  double system = 0;
  double started = 0;
  std::uint64_t pages = 0;
  skip(11); // state (3) to cmajflt (13)
  fields >> user >> system;
  skip(4);
  fields >> out.threads;
  skip(1);
  fields >> started;
  skip(1);
  fields >> pages;
  out.cpu_seconds = (user + system) / ticks;
  out.start_time_seconds = boot_time() + started / ticks;
  out.resident_bytes = pages * page;
  std::error_code failure;
  for (fs::directory_iterator each{"/proc/self/fd", failure}, end;
       !failure && each != end; each.increment(failure))
    ++out.open_files;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    out.open_files_max = limit.rlim_cur;
  return out;
}

disk_figures read_disk_figures(const std::string& data_directory) {
  disk_figures out;
  std::error_code failure;
  for (fs::directory_iterator each{data_directory, failure}, end;
       !failure && each != end; each.increment(failure)) {
    std::error_code unreadable;
    const auto size = each->file_size(unreadable);
    if (!unreadable)
      out.store_bytes += size;
  }
  struct statvfs found {};
  if (statvfs(data_directory.c_str(), &found) == 0) {
    out.free_bytes = std::uint64_t{found.f_bavail} * found.f_frsize;
    out.total_bytes = std::uint64_t{found.f_blocks} * found.f_frsize;
  }
  return out;
}

} // namespace troupe::cli
