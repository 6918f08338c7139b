// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/interposed.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <mutex>

#include "tests/faults/ledger.h"

namespace salient::faults {
namespace {

// Plain memory: an allocation is followed as well, so nothing here may allocate.
struct Following {
  char root[4096] = {};
  std::size_t root_length = 0;
  Plan plan;
  Counters* counters = nullptr;
  bool failing = false;
};
Following g_now;
std::atomic<bool> g_active{false};
thread_local bool t_apart = false;     ///< this thread is not followed for the moment
std::atomic<std::int64_t> g_freed{0};  ///< bytes, since memory was exhausted
Ledger g_ledger;

[[noreturn]] void die() {
  for (;;)
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

bool following() {
  return g_active.load(std::memory_order_relaxed) && !t_apart;
}

bool below_root(const char* path) {
  return strncmp(path, g_now.root, g_now.root_length) == 0;
}

/// The path of an open file; empty where it has none.
struct PathOf {
  explicit PathOf(int descriptor) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const long length = syscall(SYS_readlink, link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
  }
  char path[4096];
};

bool below_root(int descriptor) {
  return below_root(PathOf(descriptor).path);
}

template <class Place>
bool followed(Place place) {
  return following() && below_root(place);
}

long failed(int error) {
  errno = error;
  return -1;
}

/// One change: what the plan says of it happens around `call`. `half` makes half of it, where there is such a thing.
template <class Call, class Half>
long change(const Call& call, const Half& half) {
  const long number = ++g_now.counters->changes;
  const bool here = number == g_now.plan.at;
  if (here && g_now.plan.act == Act::fail) g_now.failing = true;
  if (g_now.failing) return failed(g_now.plan.error);
  if (!here) return call();
  if (g_now.plan.act == Act::kill_half_way) half();
  if (g_now.plan.act == Act::run_and_go_on) {
    g_active = false;
    g_now.plan.intrude();
    return call();
  }
  if (g_now.plan.act != Act::kill_after) die();
  call();
  die();
}

template <class Call>
long change(const Call& call) {
  return change(call, [] {});
}

/// A write of `size` bytes; `put(n)` writes the first n of them.
template <class Put>
long written(int file, std::size_t size, const Put& put) {
  if (g_now.counters->bytes + size > g_now.plan.room) {
    ++g_now.counters->changes;
    return failed(g_now.plan.no_room);
  }
  const long done = change([&] { return put(size); }, [&] { put(size / 2); });
  if (done > 0) {
    g_now.counters->bytes += static_cast<std::uint64_t>(done);
    g_ledger.written(PathOf(file).path);
  }
  return done;
}

template <class Call>
int synced(int file, const Call& call) {
  if (!followed(file)) return static_cast<int>(call());
  const long result = change(call);
  if (result == 0) g_ledger.synced(PathOf(file).path);
  return static_cast<int>(result);
}

template <class Call>
int named(const char* from, const char* to, const Call& call) {
  if (!followed(to)) return static_cast<int>(call());
  const long result = change(call);
  if (result == 0) g_ledger.named(from, to);
  return static_cast<int>(result);
}

long open_at(int directory, const char* path, int flags, unsigned mode) {
  const auto call = [&] { return syscall(SYS_openat, directory, path, flags, mode); };
  const bool changes = (flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) != 0;
  return changes && followed(path) ? change(call) : call();
}

unsigned mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, unsigned) : 0;
}

bool memory_ends_at(size_t size) {
  const long number = __atomic_add_fetch(&g_now.counters->allocations, 1, __ATOMIC_RELAXED);
  if (number == g_now.plan.allocation) return true;
  if (!g_now.plan.exhausted || number < g_now.plan.allocation) return false;
  const auto wanted = static_cast<std::int64_t>(size);
  if (g_freed.fetch_sub(wanted) >= wanted) return false;
  g_freed += wanted;
  return true;
}

bool allocation_fails(size_t size) {
  const bool fails = following() && memory_ends_at(size);
  if (fails) errno = ENOMEM;
  return fails;
}

void freed(void* memory) {
  const bool counts = memory != nullptr && following() && g_now.plan.exhausted &&
                      __atomic_load_n(&g_now.counters->allocations, __ATOMIC_RELAXED) >= g_now.plan.allocation;
  if (counts) g_freed += static_cast<std::int64_t>(malloc_usable_size(memory));
}

}  // namespace

void follow(const Plan& plan, Counters& counters) {
  g_active = false;
  g_now.plan = plan;
  g_now.plan.root.clear();
  g_now.root_length = plan.root.copy(g_now.root, sizeof g_now.root - 1);
  g_now.root[g_now.root_length] = 0;
  g_now.counters = &counters;
  g_now.failing = false;
  g_freed = 0;
  counters = {};
  g_ledger.begin(&counters);
  g_active = true;
}

void leave_alone() {
  g_active = false;
  g_ledger.end();
}

}  // namespace salient::faults

using namespace salient::faults;  // NOLINT: the C library's names have to be at the top

extern "C" {

#define SALIENT_OPEN(name)                                         \
  int name(const char* path, int flags, ...) {                     \
    va_list arguments;                                             \
    va_start(arguments, flags);                                    \
    const unsigned mode = mode_of(flags, arguments);               \
    va_end(arguments);                                             \
    return static_cast<int>(open_at(AT_FDCWD, path, flags, mode)); \
  }
SALIENT_OPEN(open)
SALIENT_OPEN(open64)
#undef SALIENT_OPEN

ssize_t write(int file, const void* bytes, size_t size) {
  const auto put = [&](size_t n) { return syscall(SYS_write, file, bytes, n); };
  return followed(file) ? written(file, size, put) : put(size);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off_t at) {
  const auto put = [&](size_t n) { return syscall(SYS_pwrite64, file, bytes, n, at); };
  return followed(file) ? written(file, size, put) : put(size);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return pwrite64(file, bytes, size, at);
}
ssize_t writev(int file, const iovec* pieces, int count) {
  const auto call = [&] { return syscall(SYS_writev, file, pieces, count); };
  return followed(file) ? change(call) : call();
}
int fsync(int file) {
  return synced(file, [&] { return syscall(SYS_fsync, file); });
}
int fdatasync(int file) {
  return synced(file, [&] { return syscall(SYS_fdatasync, file); });
}
int ftruncate64(int file, off_t size) {
  const auto call = [&] { return syscall(SYS_ftruncate, file, size); };
  return static_cast<int>(followed(file) ? change(call) : call());
}
int ftruncate(int file, off_t size) {
  return ftruncate64(file, size);
}
int rename(const char* from, const char* to) {
  return named(from, to, [&] { return syscall(SYS_rename, from, to); });
}
int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
  return named(from, to, [&] { return syscall(SYS_renameat2, from_directory, from, to_directory, to, flags); });
}
int mkdir(const char* path, mode_t mode) {
  const auto call = [&] { return syscall(SYS_mkdir, path, mode); };
  return static_cast<int>(followed(path) ? change(call) : call());
}
// Removing works on a full or failing disk: only a death can come between.
int unlink(const char* path) {
  const auto call = [&] { return syscall(SYS_unlink, path); };
  return static_cast<int>(followed(path) && g_now.plan.act != Act::fail ? change(call) : call());
}
int unlinkat(int directory, const char* path, int flags) {
  const auto call = [&] { return syscall(SYS_unlinkat, directory, path, flags); };
  const bool known = following() && directory != AT_FDCWD && below_root(directory) && g_now.plan.act != Act::fail;
  return static_cast<int>(known ? change(call) : call());
}

// For thread_local objects with a destructor. Where memory ends in it, the C library itself ends the process: no
// program can do anything about that.
int __cxa_thread_atexit_impl(void (*function)(void*), void* object, void* library) {
  using Register = int (*)(void (*)(void*), void*, void*);
  static const auto real = reinterpret_cast<Register>(dlsym(RTLD_NEXT, "__cxa_thread_atexit_impl"));
  const bool was_apart = t_apart;
  t_apart = true;
  const int result = real(function, object, library);
  t_apart = was_apart;
  return result;
}

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);

void* malloc(size_t size) {
  return allocation_fails(size) ? nullptr : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  return allocation_fails(count * size) ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  if (allocation_fails(size)) return nullptr;
  freed(old);
  return __libc_realloc(old, size);
}
void free(void* memory) {
  freed(memory);
  __libc_free(memory);
}
void* memalign(size_t alignment, size_t size) {
  return allocation_fails(size) ? nullptr : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) {
  void* const memory = memalign(alignment, size);
  if (memory == nullptr) return ENOMEM;
  *out = memory;
  return 0;
}

}  // extern "C"
