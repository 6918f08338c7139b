// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"
#include "app/cli/describe.h"
namespace salient::cli {
void add_experiments(CLI::App& /*parent*/, Commands& /*commands*/) {}
}  // namespace salient::cli
