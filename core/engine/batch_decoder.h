// SPDX-License-Identifier: Apache-2.0
// Decoding several sequences of different lengths together, one token of each at a time. Weights are read once for all
// of them, and a step is one recording of the backend's (a CUDA graph). Prompts go through the same operations, some
// thousand tokens at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/compute/batch_steps.h"
#include "core/model/decoder.h"

namespace salient {

class BatchDecoder {
 public:
  static constexpr std::int64_t kMostSequences = 256;

  /// 1 to kMostSequences sequences of at most `capacity` tokens each. All layers stay in memory. `decoder` must outlive
  /// it and reads the prompts. Error{unsupported} where the backend has no BatchSteps.
  static Result<std::unique_ptr<BatchDecoder>> create(Decoder& decoder, std::int64_t sequences, std::int64_t capacity);
  BatchDecoder(const BatchDecoder&) = delete;
  BatchDecoder& operator=(const BatchDecoder&) = delete;

  /// Starts sequence `sequence` again with these tokens. Logits [1, vocab] after the last of them.
  [[nodiscard]] Result<Tensor> read(std::int64_t sequence, std::span<const std::int32_t> ids, const Job* job = nullptr);
  /// Appends ids[b] to sequence b. Logits [sequences, vocab], which the next step overwrites.
  [[nodiscard]] Result<Tensor> step(std::span<const std::int32_t> ids);

  [[nodiscard]] std::int64_t sequences() const { return static_cast<std::int64_t>(lengths_.size()); }
  [[nodiscard]] std::int64_t length(std::int64_t sequence) const {
    return lengths_[static_cast<std::size_t>(sequence)];
  }

 private:
  BatchDecoder(Decoder& decoder, BatchSteps& steps) : decoder_(&decoder), steps_(&steps) {}
  /// What passes between the operations, a row a token.
  struct Activations {
    Tensor x;          ///< f32 [rows, hidden]: the residual stream, without `part`
    Tensor part;       ///< f32, likewise: what the half layer before adds to it
    Tensor attention;  ///< queries, keys and values
    Tensor mlp;        ///< gate and up
  };

  [[nodiscard]] Status open(std::int64_t sequences, std::int64_t capacity);
  [[nodiscard]] Result<Activations> room_for(std::int64_t rows);
  [[nodiscard]] AttentionShape attention_shape() const;
  [[nodiscard]] Status run();  ///< what is recorded
  /// All layers; `attend`(i) takes layer i's `attention` to `part`.
  [[nodiscard]] Status layers(const Activations& a, const std::function<Status(std::size_t)>& attend, const Job* job);
  /// Of the last `rows` rows of x, with `addend` (may be empty) added.
  [[nodiscard]] Status logits(const Tensor& x, const Tensor& addend, std::int64_t rows, const Tensor& out);

  Decoder* decoder_;
  BatchSteps* steps_;
  std::int64_t capacity_ = 0;
  std::vector<std::int64_t> lengths_;
  RopeTable rope_;
  std::shared_ptr<const GlobalWeights> global_;
  std::vector<std::shared_ptr<const LayerWeights>> layers_;
  std::vector<BatchCache> caches_;
  Linear head_;
  Tensor inputs_;  ///< i32 [2, sequences]: ids, positions
  Activations activations_;
  Tensor logits_;
  std::unique_ptr<Recording> recording_;  ///< last: it reads the tensors above and goes before them
};

}  // namespace salient
