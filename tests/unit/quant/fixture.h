// SPDX-License-Identifier: Apache-2.0
// Tensors of a fixture file as vectors.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/checkpoint/safetensors.h"

namespace salient {

template <class T>
std::vector<T> fixture_tensor(const SafetensorsFile& file, const std::string& name) {
  const TensorInfo* tensor = file.find(name);
  if (tensor == nullptr) {
    ADD_FAILURE() << "no tensor " << name;
    return {};
  }
  std::vector<T> values(tensor->bytes() / sizeof(T));
  const Status status = file.read(*tensor, 0, std::as_writable_bytes(std::span(values)));
  if (!status) ADD_FAILURE() << status.error().to_string();
  return values;
}

}  // namespace salient
