// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace salient::test {

/// A kernel that writes to an address nobody has: the device is lost to this process.
void write_nowhere();

}  // namespace salient::test
