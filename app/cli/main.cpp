// SPDX-License-Identifier: Apache-2.0
#include "app/cli/application.h"

int main(int argc, char** argv) {
  return salient::cli::run(argc, argv);
}
