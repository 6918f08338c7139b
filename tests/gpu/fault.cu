// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/fault.h"

namespace salient::test {
namespace {

__global__ void write_nowhere_kernel(int* address) {
  *address = 1;
}

}  // namespace

void write_nowhere() {
  write_nowhere_kernel<<<1, 1>>>(reinterpret_cast<int*>(0x1000));
  static_cast<void>(cudaDeviceSynchronize());  // the backend is to meet the error, not this function
}

}  // namespace salient::test
