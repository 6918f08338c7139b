// SPDX-License-Identifier: Apache-2.0
// A tiny checkpoint of the fixtures with a decoder on it, and the tensors of an oracle's file.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/safetensors.h"
#include "core/compute/backend.h"
#include "core/model/decoder.h"

namespace salient::test {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().to_string());
  return *std::move(result);
}

/// Everything a decoder needs, kept alive together.
struct TinyModel {
  std::unique_ptr<Backend> backend;
  std::unique_ptr<WeightSource> weights;
  std::unique_ptr<Decoder> decoder;

  explicit TinyModel(const std::filesystem::path& directory, int threads = 1, std::int64_t max_positions = 64) {
    CpuOptions options;
    options.threads = threads;
    backend = must(make_cpu_backend(options));
    auto checkpoint = std::make_shared<const Checkpoint>(must(Checkpoint::open(directory)));
    weights = std::make_unique<CheckpointWeights>(std::move(checkpoint), *backend, std::uint64_t{1} << 30);
    decoder = std::make_unique<Decoder>(must(Decoder::create(*weights, *backend, max_positions)));
  }
};

/// A tensor's values; T must be of its dtype's size.
template <class T>
std::vector<T> tensor_values(const SafetensorsFile& file, const std::string& name) {
  const TensorInfo* info = file.find(name);
  if (info == nullptr) throw std::runtime_error("no tensor " + name);
  std::vector<T> values(static_cast<std::size_t>(info->elements()));
  const Status read = file.read(*info, 0, std::as_writable_bytes(std::span(values)));
  if (!read) throw std::runtime_error(read.error().to_string());
  return values;
}

/// The rows of an I32 matrix: windows of token ids.
inline std::vector<std::vector<std::int32_t>> token_windows(const SafetensorsFile& file, const std::string& name) {
  const std::vector<std::int32_t> ids = tensor_values<std::int32_t>(file, name);
  const std::int64_t length = file.find(name)->shape.at(1);
  std::vector<std::vector<std::int32_t>> windows;
  for (std::size_t first = 0; first < ids.size(); first += static_cast<std::size_t>(length))
    windows.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(first),
                         ids.begin() + static_cast<std::ptrdiff_t>(first) + length);
  return windows;
}

}  // namespace salient::test
