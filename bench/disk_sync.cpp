// What one durable write costs on this disk right now: appends of 4 KiB, each
// followed by fdatasync. Prints one line of JSON. Every figure of a durable
// server stands beside one of these from the same minute, because a shared
// disk moves by 10x.
//
// usage: disk_sync DIRECTORY [seconds]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int count, char** arguments) {
  using clock = std::chrono::steady_clock;
  if (count < 2) {
    std::fprintf(stderr, "usage: disk_sync DIRECTORY [seconds]\n");
    return 2;
  }
  const auto path = std::string{arguments[1]} + "/disk_sync.data";
  const std::chrono::duration<double> limit{
    count > 2 ? std::strtod(arguments[2], nullptr) : 1.0};
  const auto file
    = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  unlink(path.c_str());
  const std::vector<char> block(4096, 'x');
  std::vector<double> took_ms;
  const auto began = clock::now();
  auto now = began;
  while (now - began < limit) {
    if (write(file, block.data(), block.size())
          != static_cast<ssize_t>(block.size())
        || fdatasync(file) != 0) {
      std::perror("disk_sync");
      return 1;
    }
    const auto after = clock::now();
    took_ms.push_back(
      std::chrono::duration<double, std::milli>(after - now).count());
    now = after;
  }
  close(file);
  std::sort(took_ms.begin(), took_ms.end());
  const auto elapsed = std::chrono::duration<double>(now - began).count();
  std::printf("{\"syncs_per_second\":%.0f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
              static_cast<double>(took_ms.size()) / elapsed,
              took_ms[took_ms.size() / 2], took_ms[took_ms.size() * 99 / 100]);
}
