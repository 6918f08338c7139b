// SPDX-License-Identifier: Apache-2.0
// A good file's bytes, cut short at many places and with many of its bits flipped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace salient::test {

struct Refused {
  std::size_t cuts = 0;
  std::size_t flips = 0;
  std::size_t tried_flips = 0;
};

/// Calls visit(bytes, cut) → whether that was refused, for about `most` cuts of `good` and `most` flipped bits of its
/// first `header` bytes: all of them where there are no more, otherwise places that lie evenly, at an odd distance, so
/// that each bit of a byte has its turn.
template <class Visit>
Refused for_each_damage(const std::string& good, std::size_t header, std::size_t most, const Visit& visit) {
  Refused refused;
  const auto step = [most](std::size_t places) { return std::max<std::size_t>(1, places / most) | 1; };
  for (std::size_t size = 0; size < header; size += step(header))
    refused.cuts += visit(good.substr(0, size), true);
  for (std::size_t bit = 0; bit < 8 * header; bit += step(8 * header)) {
    std::string bytes = good;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    refused.flips += visit(bytes, false);
    ++refused.tried_flips;
  }
  return refused;
}

}  // namespace salient::test
