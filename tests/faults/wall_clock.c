/* Preloaded: the wall clock of a process, off by the microseconds that the
   first eight bytes of the file WALL_CLOCK_OFFSET say at each reading. Time that
   goes on evenly is not touched. It allocates nothing, so it may come before any
   allocator; libfaketime cannot start beside jemalloc, which asks for the time
   while it starts. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* offset;

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("WALL_CLOCK_OFFSET");
  const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0)
    return;
  void* mapped = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED)
    offset = mapped;
}

int clock_gettime(clockid_t which, struct timespec* to) {
  const long code = syscall(SYS_clock_gettime, which, to);
  if (code != 0)
    return -1;
  if (offset && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
    const int64_t added = *offset;
    to->tv_sec += added / 1000000;
    to->tv_nsec += added % 1000000 * 1000;
    if (to->tv_nsec < 0) {
      to->tv_nsec += 1000000000;
      --to->tv_sec;
    } else if (to->tv_nsec >= 1000000000) {
      to->tv_nsec -= 1000000000;
      ++to->tv_sec;
    }
  }
  return 0;
}

int gettimeofday(struct timeval* restrict to, void* restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  to->tv_sec = now.tv_sec;
  to->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to)
    *to = now.tv_sec;
  return now.tv_sec;
}
