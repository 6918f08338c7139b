// SPDX-License-Identifier: Apache-2.0
// A stranger's file is answered within a second of the processor's time and with little memory, whatever it says of
// itself.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <ctime>
#include <fstream>
#include <string>

namespace salient::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;  // their memory and time are not the program's
#else
inline constexpr bool kSanitized = false;
#endif

/// "VmHWM" (the most memory resident so far) or "VmRSS" of this process, in bytes.
inline std::uint64_t process_memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stoull(line.substr(key.size() + 1)) * 1024;
  }
  ADD_FAILURE() << "no " << key << " in /proc/self/status";
  return 0;
}

/// The answer of `read`, which may take one second (or as many as said) and 64 MB + 8 × `header_bytes` of memory.
template <class Read>
auto bounded(std::uint64_t header_bytes, const Read& read, double limit = 1) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the high-water mark begins anew
  const std::uint64_t before = process_memory("VmRSS");
  const std::clock_t start = std::clock();
  auto answer = read();
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (!kSanitized) {
    EXPECT_LT(seconds, limit);
    EXPECT_LE(process_memory("VmHWM"), before + 64'000'000 + 8 * header_bytes);
  }
  return answer;
}

}  // namespace salient::test
