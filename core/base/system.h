// SPDX-License-Identifier: Apache-2.0
// What this machine is: for preflight estimates, the experiment record and choosing kernels at run time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace salient {

struct CpuFeatures {
  bool avx2 = false;         ///< AVX2 and FMA and F16C
  bool avx512_vnni = false;  ///< AVX-512 F, BW, VL and VNNI, and the OS saves the state
};
[[nodiscard]] const CpuFeatures& cpu_features();

struct MachineInfo {
  std::string processor;           ///< as the processor names itself
  int cores = 0;                   ///< this process may use
  std::uint64_t memory_bytes = 0;  ///< physical, or the cgroup's limit where smaller
  std::string system;              ///< kernel name and release
};
[[nodiscard]] MachineInfo machine_info();
[[nodiscard]] int usable_cores();  ///< by scheduling affinity and the cgroup's quota, at least 1

[[nodiscard]] std::uint64_t available_memory_bytes();  ///< without swapping, within the cgroup
[[nodiscard]] std::uint64_t peak_memory_bytes();       ///< high-water mark of this process's resident set

/// $XDG_DATA_HOME/salient, $XDG_CACHE_HOME/salient (with the specification's defaults); not created here.
[[nodiscard]] std::filesystem::path data_directory();
[[nodiscard]] std::filesystem::path cache_directory();

/// "0.1.0"; part of every record, since results may change between versions.
[[nodiscard]] const char* program_version();

}  // namespace salient
