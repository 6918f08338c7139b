// SPDX-License-Identifier: Apache-2.0
// Quantizing a decoder layer by layer with sequential propagation (METHOD §4): the calibration inputs of a
// linear come from the model as quantized so far, activations not quantized.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/base/job.h"
#include "core/base/result.h"
#include "core/model/decoder.h"
#include "core/quant/quantize_linear.h"
#include "core/search/allocation.h"

namespace salient {

struct QuantizedLayer {
  std::int64_t index = 0;
  std::array<QuantizedLinear, 7> linears;  ///< by LinearKind
};

/// Where finished layers are kept. A resumed run finds the first layers here and starts after them.
class LayerStore {
 public:
  virtual ~LayerStore() = default;
  [[nodiscard]] virtual std::int64_t layers_done() const = 0;
  [[nodiscard]] virtual Result<QuantizedLayer> load(std::int64_t index) = 0;
  [[nodiscard]] virtual Status save(const QuantizedLayer& layer) = 0;  ///< durable when it returns
};

/// Quantizes the layers that `store` does not hold yet, by `map`, as the job's stage "quantize". A layer is
/// saved as soon as its last linear is done; resumed after any layer, the result is the same bytes.
///
/// Keeps the hidden states of all windows and, within a layer, their attention contexts: two arrays of
/// [windows · length, hidden] (attention size) f32. Methods that need no calibration (rtn without clip search)
/// leave `windows` alone and run no forward pass. A linear that falls back to round-to-nearest warns through `job`
/// and says so in its QuantizedLinear::fallback.
[[nodiscard]] Status quantize_model(Decoder& decoder, const BitMap& map,
                                    const std::vector<std::vector<std::int32_t>>& windows, const QuantOptions& options,
                                    LayerStore& store, Job& job);

}  // namespace salient
