// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry of one target, which the build names.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(salient::fuzz::SALIENT_FUZZ_TARGET({reinterpret_cast<const char*>(data), size}));
  return 0;
}
