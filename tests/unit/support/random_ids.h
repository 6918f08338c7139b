// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/random.h"

namespace salient::test {

/// `count` token ids below `vocabulary`.
inline std::vector<std::int32_t> random_ids(std::size_t count, std::uint64_t vocabulary, Random& random) {
  std::vector<std::int32_t> ids(count);
  for (auto& id : ids)
    id = static_cast<std::int32_t>(random.below(vocabulary));
  return ids;
}
inline std::vector<std::int32_t> random_ids(std::size_t count, std::uint64_t vocabulary, std::uint64_t seed) {
  Random random(seed);
  return random_ids(count, vocabulary, random);
}

}  // namespace salient::test
