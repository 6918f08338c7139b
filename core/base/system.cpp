// SPDX-License-Identifier: Apache-2.0
#include "core/base/system.h"

#include <pwd.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace salient {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data() + start, text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::string first_line(const fs::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// What follows `label` on the line of `path` that begins with it.
std::optional<std::string> labelled(const fs::path& path, std::string_view label) {
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(label)) return line.substr(label.size());
  }
  return std::nullopt;
}

std::uint64_t labelled_number(const fs::path& path, std::string_view label) {
  const auto text = labelled(path, label);
  return text ? parse_number(*text).value_or(0) : 0;
}

/// This process's directory in the unified cgroup hierarchy and its ancestors: each of them may set a limit.
std::vector<fs::path> cgroup_directories() {
  const fs::path root = "/sys/fs/cgroup";
  std::vector<fs::path> directories;
  fs::path path = fs::path(labelled("/proc/self/cgroup", "0::").value_or("/")).relative_path();
  for (; !path.empty(); path = path.parent_path())
    directories.push_back(root / path);
  directories.push_back(root);
  return directories;
}

/// Cores of a quota of `quota` microseconds in each `period`, rounded up.
int quota_cores(std::optional<std::uint64_t> quota, std::optional<std::uint64_t> period) {
  if (!quota || !period || *period == 0) return std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<std::uint64_t>((*quota + *period - 1) / *period, 1, 1 << 20));
}

int cgroup_cores() {
  int cores = std::numeric_limits<int>::max();
  for (const fs::path& directory : cgroup_directories()) {
    const std::string line = first_line(directory / "cpu.max");  // "max 100000" or "150000 100000"
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    cores = std::min(cores, quota_cores(parse_number(line.substr(0, space)), parse_number(line.substr(space))));
  }
  const fs::path v1 = "/sys/fs/cgroup/cpu";
  return std::min(cores, quota_cores(parse_number(first_line(v1 / "cpu.cfs_quota_us")),
                                     parse_number(first_line(v1 / "cpu.cfs_period_us"))));
}

int affinity_cores() {
  for (std::size_t slots = CPU_SETSIZE; slots <= (1U << 20); slots *= 2) {
    cpu_set_t* set = CPU_ALLOC(slots);
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(slots);
    const bool known = sched_getaffinity(0, bytes, set) == 0;
    const int count = known ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (known) return count;
  }
  return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
}

/// The smallest answer of `per_directory` over the cgroups that limit this process.
std::uint64_t smallest(const std::function<std::uint64_t(const fs::path&)>& per_directory) {
  std::uint64_t least = kUnlimited;
  for (const fs::path& directory : cgroup_directories())
    least = std::min(least, per_directory(directory));
  return least;
}

std::uint64_t cgroup_memory_limit() {
  const auto v1 = parse_number(first_line("/sys/fs/cgroup/memory/memory.limit_in_bytes")).value_or(kUnlimited);
  return std::min(v1, smallest([](const fs::path& directory) {
                    return parse_number(first_line(directory / "memory.max")).value_or(kUnlimited);
                  }));
}

std::uint64_t cgroup_memory_available() {
  return smallest([](const fs::path& directory) {
    const auto limit = parse_number(first_line(directory / "memory.max"));
    const auto used = parse_number(first_line(directory / "memory.current"));
    if (!limit || !used) return kUnlimited;
    // Page cache that nobody uses is given back before anything is swapped or killed.
    const std::uint64_t cache = std::min(*used, labelled_number(directory / "memory.stat", "inactive_file "));
    const std::uint64_t held = *used - cache;
    return *limit > held ? *limit - held : 0;
  });
}

fs::path xdg_directory(const char* variable, const char* below_home) {
  // The specification has relative paths ignored.
  if (const char* value = std::getenv(variable); value != nullptr && value[0] == '/') return fs::path(value);
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') return fs::path(home) / below_home;
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return fs::path(found->pw_dir) / below_home;
  }
  return fs::temp_directory_path() / below_home;
}

#if defined(__x86_64__)

std::uint64_t enabled_state() {
  std::uint32_t low = 0;
  std::uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<std::uint64_t>(high) << 32 | low;
}

CpuFeatures detect() {
  CpuFeatures features;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return features;
  constexpr unsigned kFma = 1U << 12;
  constexpr unsigned kOsXsave = 1U << 27;
  constexpr unsigned kAvx = 1U << 28;
  constexpr unsigned kF16c = 1U << 29;
  const unsigned base = kFma | kOsXsave | kAvx | kF16c;
  if ((c & base) != base) return features;
  // The processor may know the registers and the operating system may still not save them.
  const std::uint64_t state = enabled_state();
  constexpr std::uint64_t kYmm = 0x06;
  constexpr std::uint64_t kZmm = 0xE6;
  if ((state & kYmm) != kYmm || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return features;
  features.avx2 = (b & (1U << 5)) != 0;
  constexpr unsigned kAvx512 = 1U << 16 | 1U << 30 | 1U << 31;  // F, BW, VL
  features.avx512_vnni = features.avx2 && (state & kZmm) == kZmm && (b & kAvx512) == kAvx512 && (c & (1U << 11)) != 0;
  return features;
}

#else

CpuFeatures detect() {
  return {};
}

#endif

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

int usable_cores() {
  return std::max(1, std::min(affinity_cores(), cgroup_cores()));
}

MachineInfo machine_info() {
  MachineInfo info;
  const std::string processor = labelled("/proc/cpuinfo", "model name").value_or("");
  const std::size_t start = processor.find_first_not_of(" \t:");
  info.processor = start == std::string::npos ? "unknown" : processor.substr(start);
  info.cores = usable_cores();
  info.memory_bytes = std::min(labelled_number("/proc/meminfo", "MemTotal:") * 1024, cgroup_memory_limit());
  utsname name{};
  if (uname(&name) == 0) info.system = std::string(name.sysname) + " " + name.release;
  return info;
}

std::uint64_t available_memory_bytes() {
  return std::min(labelled_number("/proc/meminfo", "MemAvailable:") * 1024, cgroup_memory_available());
}

std::uint64_t peak_memory_bytes() {
  // Not getrusage(): its ru_maxrss also remembers what ran in this process before exec().
  return labelled_number("/proc/self/status", "VmHWM:") * 1024;
}

fs::path data_directory() {
  return xdg_directory("XDG_DATA_HOME", ".local/share") / "salient";
}
fs::path cache_directory() {
  return xdg_directory("XDG_CACHE_HOME", ".cache") / "salient";
}

const char* program_version() {
  return SALIENT_VERSION;
}

}  // namespace salient
