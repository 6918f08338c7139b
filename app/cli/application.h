// SPDX-License-Identifier: Apache-2.0
// The program `salient`: parses the command line, carries out the operation, prints its result.
#pragma once

namespace salient::cli {

// The exit codes are an interface.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kDeviceFailed = 3;
inline constexpr int kCancelled = 130;

[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace salient::cli
