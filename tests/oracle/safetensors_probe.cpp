// SPDX-License-Identifier: Apache-2.0
// Opens each safetensors file named on standard input and prints one line for it: "ok NAME DTYPE SHAPE BEGIN END …"
// in order of offset, or "no ERROR". Driven by differential_safetensors.py.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iostream>
#include <string>

#include "core/checkpoint/safetensors.h"

int main() {
  for (std::string path; std::getline(std::cin, path);) {
    const auto file = salient::SafetensorsFile::open(path);
    std::string line = file ? "ok" : "no " + file.error().to_string();
    if (file) {
      for (const auto& tensor : file->tensors()) {
        line += fmt::format("\t{}\t{}\t[{}]\t{}\t{}", tensor.name, dtype_name(tensor.dtype),
                            fmt::join(tensor.shape, ", "), tensor.begin, tensor.end);
      }
    }
    std::cout << line << std::endl;
  }
}
