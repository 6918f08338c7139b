// SPDX-License-Identifier: Apache-2.0
// Which plan a product of many tokens gets: the fastest of those that give the same bits, measured on the device the
// first time that a process of the user multiplies in that shape, and kept for all others in the cache directory. A
// plan's name is kept for the device's name, the versions of driver, runtime and kernels, and the shape.
#pragma once

#include <array>
#include <functional>
#include <map>

#include "core/base/result.h"
#include "core/compute/measured_choices.h"
#include "cuda/kernels/mixed_kernels.h"

namespace salient::cuda {

class Context;
namespace mixed {
struct Shape;
}

class MeasuredPlans {
 public:
  explicit MeasuredPlans(const cudaDeviceProp& device);

  /// `launch` computes the product by a plan; while it is measured, again and again in the same place. Nothing is
  /// measured for up to 128 tokens, where the kernels before and after a product decide as much as the product; nor
  /// while operations are recorded; nor where no memory is left to empty the second-level cache with. Then, and for a
  /// shape of one plan, it is choose_plan()'s.
  using Launch = std::function<Status(const mixed::Plan&)>;
  [[nodiscard]] Result<mixed::Plan> choose(Context& context, const mixed::Shape& shape, bool transposed,
                                           const Launch& launch);
  /// The same as far as it is known; nothing is measured.
  [[nodiscard]] mixed::Plan known(const mixed::Shape& shape, bool transposed) const;
  /// Shapes that this object has measured.
  [[nodiscard]] int measured() const { return measured_; }

 private:
  using Key = std::array<int, 8>;
  static Key key_of(const mixed::Shape& shape, bool transposed);

  MeasuredChoices choices_;
  std::map<Key, mixed::Plan> known_;
  int measured_ = 0;
};

}  // namespace salient::cuda
