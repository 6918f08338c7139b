// SPDX-License-Identifier: Apache-2.0
// The tiny models of tests/oracle/make_decoder_fixtures.py, opened, with what transformers computed on them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/checkpoint/checkpoint.h"
#include "core/model/decoder.h"

namespace salient::test {

inline const std::filesystem::path kModels = std::filesystem::path(SALIENT_FIXTURES) / "model";

/// A value of a Result, or a failed test.
template <class T>
T take(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}
inline void take(const Status& status) {
  if (!status) throw std::runtime_error(status.error().to_string());
}

inline std::vector<float> floats(const Tensor& tensor) {
  return {tensor.f32(), tensor.f32() + tensor.size()};
}

/// Largest absolute difference over the largest magnitude of `expected`.
inline double relative_error(const std::vector<float>& actual, const std::vector<float>& expected) {
  EXPECT_EQ(actual.size(), expected.size());
  double worst = 0, largest = 1e-30;
  for (std::size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
    const double difference = std::abs(static_cast<double>(actual[i]) - static_cast<double>(expected[i]));
    if (!(difference <= worst)) worst = difference;
    largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
  }
  return worst / largest;
}

struct TinyModel {
  explicit TinyModel(const std::string& name, std::uint64_t resident_bytes = 1 << 30)
      : expected(take(SafetensorsFile::open(kModels / name / "expected.safetensors"))),
        backend(take(make_cpu_backend({.threads = 2}))),
        checkpoint(std::make_shared<Checkpoint>(take(Checkpoint::open(kModels / name)))),
        weights(checkpoint, *backend, resident_bytes),
        decoder(take(Decoder::create(weights, *backend, 64))),
        ids(values<std::int32_t>("ids")) {}

  template <class T>
  std::vector<T> values(const std::string& name) const {
    const TensorInfo* info = expected.find(name);
    if (info == nullptr) throw std::runtime_error("no " + name);
    std::vector<T> out(static_cast<std::size_t>(info->elements()));
    take(expected.read(*info, 0, std::as_writable_bytes(std::span(out))));
    return out;
  }

  SafetensorsFile expected;
  std::unique_ptr<Backend> backend;
  std::shared_ptr<const Checkpoint> checkpoint;
  CheckpointWeights weights;
  Decoder decoder;
  std::vector<std::int32_t> ids;
};

}  // namespace salient::test
