// SPDX-License-Identifier: Apache-2.0
// Finished layers in a directory, one durably written safetensors file a layer (layer-00003.safetensors): the
// vectors of each QuantizedMatrix as tensors "q_proj.codes4", …; as metadata the fingerprint of the job they
// belong to, the statistics of each linear, and a SHA-256 over all of it.
#pragma once

#include <filesystem>
#include <string>

#include "core/quant/quantize_model.h"

namespace salient {

class DirectoryLayerStore final : public LayerStore {
 public:
  /// Creates the directory where it is missing; otherwise the layers in it, from 0 up to the first one missing,
  /// count as done. `fingerprint` says whose they are (model, text, recipe and program version): layers of another
  /// job are refused with Error{mismatch}, damaged ones with Error{format}, naming the file.
  static Result<DirectoryLayerStore> open(std::filesystem::path directory, std::string fingerprint);

  [[nodiscard]] std::int64_t layers_done() const override { return done_; }
  [[nodiscard]] Result<QuantizedLayer> load(std::int64_t index) override;
  [[nodiscard]] Status save(const QuantizedLayer& layer) override;

 private:
  DirectoryLayerStore(std::filesystem::path directory, std::string fingerprint)
      : directory_(std::move(directory)), fingerprint_(std::move(fingerprint)) {}
  [[nodiscard]] std::filesystem::path layer_path(std::int64_t index) const;

  std::filesystem::path directory_;
  std::string fingerprint_;
  std::int64_t done_ = 0;
};

}  // namespace salient
