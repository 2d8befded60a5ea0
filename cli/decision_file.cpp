#include "cli/decision_file.hpp"

#include "cli/log.hpp"
#include "cli/version.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace troupe::cli {

namespace {

using actors::decision_guard;
using actors::decision_record;

struct descriptor {
  explicit descriptor(int file) : number{file} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number >= 0)
      close(number);
  }
  int number;
};

// Every block is written anew: a page of a file with holes, as one that was
// restored may be, would end the process when the disk is full. So would one of
// a file system that writes each change to another place.
bool is_in_place(int file) {
  struct statfs about {};
  if (fstatfs(file, &about) != 0 || about.f_type == BTRFS_SUPER_MAGIC)
    return false;
  std::vector<char> bytes(sizeof(decision_record) + 1);
  const auto size = static_cast<ssize_t>(sizeof(decision_record));
  if (pread(file, bytes.data(), bytes.size(), 0) != size) {
    bytes.assign(bytes.size(), 0);
    if (ftruncate(file, 0) != 0)
      return false;
  }
  return pwrite(file, bytes.data(), sizeof(decision_record), 0) == size;
}

/// The guard and what it needs, in the order they are undone.
struct opened {
  descriptor file;
  decision_record* record;
  decision_guard guard;

  opened(int number, decision_record& mapped)
    : file{number}, record{&mapped}, guard{mapped, version_line()} {}
  opened(const opened&) = delete;
  opened& operator=(const opened&) = delete;
  ~opened() {
    munmap(record, sizeof *record);
  }
};

} // namespace

std::shared_ptr<decision_guard>
open_decision_file(const std::string& directory) {
  mkdir(directory.c_str(), 0700); // with the store elsewhere, it may be new
  const auto path = directory + "/under-way";
  descriptor file{open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  void* mapped = MAP_FAILED;
  if (file.number >= 0 && flock(file.number, LOCK_EX | LOCK_NB) == 0
      && is_in_place(file.number))
    mapped = mmap(nullptr, sizeof(decision_record), PROT_READ | PROT_WRITE,
                  MAP_SHARED, file.number, 0);
  if (mapped == MAP_FAILED) {
    log_line(log_level::warn,
             "what ends the process while it is decided will not be parked: "
             "no file can be kept in the data directory");
    return nullptr;
  }
  auto all = std::make_shared<opened>(std::exchange(file.number, -1),
                                      *static_cast<decision_record*>(mapped));
  return {all, &all->guard};
}

} // namespace troupe::cli
