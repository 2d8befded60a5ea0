/* Preloaded: memory that cannot be had. The file NO_MEMORY, of five numbers of
   eight bytes, is shared with the test. While `armed`, allocations of the
   process are counted, and those from the `first` on, `calls` of them, get NULL
   and ENOMEM; `operator new` asks its handler, or throws. Who asked for the first of them goes to
   stderr. It allocates nothing and has no lock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders {
  _Atomic int64_t armed;
  _Atomic int64_t first; /* from 1; 0: none */
  _Atomic int64_t calls;
  _Atomic int64_t counted;
  _Atomic int64_t refused;
};
enum { FRAMES = 32 };
typedef void* (*next_function)(size_t, size_t);
enum function { MALLOC, CALLOC, REALLOC, ALIGNED_ALLOC, MEMALIGN, FUNCTIONS };

static const char* const names[FUNCTIONS]
  = {"malloc", "calloc", "realloc", "aligned_alloc", "memalign"};
static _Atomic(void*) found[FUNCTIONS];
static _Atomic(struct orders*) orders;
/* Looking one up may allocate itself, and does without. */
static __thread int is_looking __attribute__((tls_model("initial-exec")));

/* Of the C++ library. */
typedef void (*new_handler)(void);
extern _Noreturn void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv")
  __attribute__((weak));
extern new_handler get_new_handler(void) __asm__("_ZSt15get_new_handlerv")
  __attribute__((weak));

__attribute__((constructor)) static void begin(void) {
  void* frame[1];
  backtrace(frame, 1); /* the first one allocates */
  const char* path = getenv("NO_MEMORY");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0)
    return;
  void* mapped = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE,
                      MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED)
    orders = mapped;
}

/* NULL while it is looked up. */
static void* next(enum function which) {
  void* known = atomic_load_explicit(&found[which], memory_order_acquire);
  if (known || is_looking)
    return known;
  is_looking = 1;
  known = dlsym(RTLD_NEXT, names[which]);
  is_looking = 0;
  atomic_store_explicit(&found[which], known, memory_order_release);
  return known;
}

static void refuse(struct orders* by) {
  if (atomic_fetch_add(&by->refused, 1) > 0)
    return;
  void* frames[FRAMES];
  backtrace_symbols_fd(frames, backtrace(frames, FRAMES), STDERR_FILENO);
}

static int is_refused(void) {
  struct orders* by = atomic_load_explicit(&orders, memory_order_acquire);
  if (!by || !atomic_load_explicit(&by->armed, memory_order_acquire))
    return 0;
  const int64_t number = atomic_fetch_add(&by->counted, 1) + 1;
  if (!by->first || number < by->first || number >= by->first + by->calls)
    return 0;
  refuse(by);
  return 1;
}

static void* none(void) {
  errno = ENOMEM;
  return NULL;
}

void* malloc(size_t size) {
  void* (*to)(size_t) = next(MALLOC);
  return !to || is_refused() ? none() : to(size);
}

void* calloc(size_t count, size_t size) {
  next_function to = next(CALLOC);
  return !to || is_refused() ? none() : to(count, size);
}

/* What was there stays, as the standard has it. */
void* realloc(void* old, size_t size) {
  void* (*to)(void*, size_t) = next(REALLOC);
  return !to || is_refused() ? none() : to(old, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  next_function to = next(ALIGNED_ALLOC);
  return !to || is_refused() ? none() : to(alignment, size);
}

void* memalign(size_t alignment, size_t size) {
  next_function to = next(MEMALIGN);
  return !to || is_refused() ? none() : to(alignment, size);
}

int posix_memalign(void** into, size_t alignment, size_t size) {
  void* got = memalign(alignment, size);
  if (!got)
    return ENOMEM;
  *into = got;
  return 0;
}

/* operator new, of which jemalloc has its own: what is from malloc it takes
   back by its operator delete. A handler that is set is asked, as the standard
   has it. NULL when there is none. */
static void* make(size_t size, size_t alignment) {
  while (1) {
    void* got = alignment ? aligned_alloc(alignment, size) : malloc(size);
    const new_handler ask = got ? NULL : get_new_handler();
    if (!ask)
      return got;
    ask();
  }
}

static void* make_or_throw(size_t size, size_t alignment) {
  void* got = make(size, alignment);
  if (!got)
    throw_bad_alloc();
  return got;
}

void* _Znwm(size_t size) {
  return make_or_throw(size, 0);
}

void* _Znam(size_t size) {
  return make_or_throw(size, 0);
}

void* _ZnwmSt11align_val_t(size_t size, size_t alignment) {
  return make_or_throw(size, alignment);
}

void* _ZnamSt11align_val_t(size_t size, size_t alignment) {
  return make_or_throw(size, alignment);
}

/* Those that do not throw; the last argument only says so. */
void* _ZnwmRKSt9nothrow_t(size_t size, const void* tag) {
  (void)tag;
  return make(size, 0);
}

void* _ZnamRKSt9nothrow_t(size_t size, const void* tag) {
  (void)tag;
  return make(size, 0);
}

void* _ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t alignment,
                                         const void* tag) {
  (void)tag;
  return make(size, alignment);
}

void* _ZnamSt11align_val_tRKSt9nothrow_t(size_t size, size_t alignment,
                                         const void* tag) {
  (void)tag;
  return make(size, alignment);
}
